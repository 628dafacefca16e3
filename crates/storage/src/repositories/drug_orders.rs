//! Drug orders and their history.

use async_trait::async_trait;
use chrono::NaiveDate;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, IntoSql as _, JoinOnDsl as _,
    NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::Changed;
use yilin_domain::drug_order::{
    DrugOrder, DrugOrderDetails, DrugOrderFilter, DrugOrderHistoryEntry, DrugOrderParty, DrugOrderStatus,
    DrugOrderTransition,
};
use yilin_domain::enumeration::StatusSet;
use yilin_domain::event::NewEvent;
use yilin_domain::id::{DrugOrderId, MedicalRecordId};
use yilin_domain::list::{Page, PageRequest, Slice, Total, Window};
use yilin_domain::medical_record::MedicalRecord;
use yilin_domain::port::{DrugOrderRepository, PortError};
use yilin_domain::transition::{Provenance, Stale};

use super::audit::outbox;
use super::{Conn, Database, Db, drug_order_lists, events, totals};
use crate::error::{QueryResult, ensure_current};
use crate::rows::{
    Counters, DrugOrderHistoryRow, DrugOrderRow, DrugOrderRows, InquiryRow, MedicalRecordRow, NewDeltaRow,
    NewDrugOrderHistoryRow, NewDrugOrderRow, StoredCode as _, drug_order_details, stored_file, stored_time,
};
use crate::schema::{
    account, drug_order, drug_order_history, inquiry, medical_record, patient_account, physician_account,
};
use crate::statement::Unvarying;
use crate::totals::Counter;

paged_list!(drug_order, DrugOrderFilter, DrugOrderDetails, DrugOrderId);

#[async_trait]
impl DrugOrderRepository for Database {
    async fn find(&self, id: DrugOrderId) -> Result<Option<DrugOrderDetails>, PortError> {
        self.engine
            .read(
                id,
                work!(|conn, id| {
                    let rows = drug_order::table.filter(drug_order::id.eq(id.0));
                    Ok(load(conn, rows.into_boxed()).await?.pop())
                }),
            )
            .await
    }

    async fn of_medical_record(
        &self,
        record: MedicalRecordId,
    ) -> Result<Option<DrugOrderDetails>, PortError> {
        self.engine
            .read(
                record,
                work!(|conn, record| {
                    let rows = drug_order::table.filter(drug_order::medical_record_id.eq(record.0));
                    Ok(load(conn, rows.into_boxed()).await?.pop())
                }),
            )
            .await
    }

    async fn save(&self, transition: &DrugOrderTransition) -> Result<Result<(), Stale>, PortError> {
        self.engine
            .leaving(transition.provenance.entry.clone())
            .save(
                transition.clone(),
                work!(|conn, transition| {
                    let record = &transition.record;
                    let (from, to) = (transition.from, record.status());
                    let certificate = record.certificate().map(stored_file);
                    let stored = drug_order::table
                        .filter(drug_order::id.eq(record.id.0))
                        .filter(drug_order::version.eq(transition.based_on.0))
                        .filter(nobody_or_active!(transition.assigned()));
                    let change = diesel::update(stored).set((
                        drug_order::version.eq(record.version.0),
                        drug_order::physician_uuid.eq(record.physician.to_string()),
                        drug_order::status.eq(to.code()),
                        drug_order::certificate.eq(certificate.map(|(text, _)| text)),
                        drug_order::certificate_held.eq(certificate.is_some_and(|(_, held)| held)),
                        drug_order::updated_at.eq(stored_time(record.updated_at)),
                    ));
                    ensure_current(Unvarying(change).execute(conn).await?)?;
                    let entry = NewDrugOrderHistoryRow::new(record, Some(from), &transition.provenance);
                    insert_at_commit!(conn, drug_order_history::table, [entry])?;
                    events::record_announced(conn, transition.announcement()).await?;
                    if from != to {
                        let moved = NewDeltaRow::moved(
                            Counter::DrugOrders(from),
                            Counter::DrugOrders(to),
                            record.id.0,
                        );
                        totals::add(conn, moved).await?;
                    }
                    let changed = Changed::one("drug_order", record.id, Some(record.patient));
                    outbox::leave(conn, transition.provenance.entry.as_ref(), changed).await
                }),
            )
            .await
    }

    async fn history(&self, id: DrugOrderId) -> Result<Vec<DrugOrderHistoryEntry>, PortError> {
        self.engine
            .read(
                id,
                work!(|conn, id| {
                    let rows: Vec<DrugOrderHistoryRow> = drug_order_history::table
                        .filter(drug_order_history::drug_order_id.eq(id.0))
                        .order(drug_order_history::version)
                        .select((
                            (
                                drug_order_history::drug_order_id,
                                drug_order_history::version,
                                drug_order_history::made_by,
                                drug_order_history::made_at,
                                drug_order_history::from_status,
                                drug_order_history::to_status,
                                drug_order_history::physician_uuid,
                                drug_order_history::reason,
                            ),
                            (drug_order_history::certificate, drug_order_history::certificate_held),
                        ))
                        .load(conn)
                        .await?;
                    Ok(rows.into_iter().map(DrugOrderHistoryEntry::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn page(
        &self,
        filter: &DrugOrderFilter,
        page: PageRequest,
    ) -> Result<Page<DrugOrderDetails>, PortError> {
        let args = (filter.clone(), page);
        self.engine.read(args, work!(|conn, (filter, page)| read_page(conn, filter, *page).await)).await
    }

    async fn slice(
        &self,
        filter: &DrugOrderFilter,
        window: Window<DrugOrderId>,
        limit: u16,
    ) -> Result<Slice<DrugOrderDetails, DrugOrderId>, PortError> {
        let args = (filter.clone(), window, limit);
        self.engine
            .read(
                args,
                work!(|conn, (filter, window, limit)| {
                    drug_order_lists::read_slice(conn, filter, *window, *limit).await
                }),
            )
            .await
    }

    async fn total(&self, filter: &DrugOrderFilter) -> Result<Total, PortError> {
        self.engine
            .read(
                filter.clone(),
                work!(|conn, filter| {
                    if filter.party == DrugOrderParty::Anyone {
                        return Ok(Total::Exactly(total(conn, filter).await?));
                    }
                    drug_order_lists::counted_total(conn, filter).await
                }),
            )
            .await
    }

    async fn batch(
        &self,
        filter: &DrugOrderFilter,
        before: Option<DrugOrderId>,
        limit: u16,
    ) -> Result<Vec<DrugOrderDetails>, PortError> {
        let args = (filter.clone(), before, limit);
        self.engine
            .read_many(
                args,
                work!(|conn, (filter, before, limit)| read_batch(conn, filter, *before, *limit).await),
            )
            .await
    }
}

/// Stores a pending order, the first entry of its history and its event, and counts it.
pub(super) async fn create(
    conn: &mut Conn,
    record: &MedicalRecord,
    patient: AccountUuid,
    physician: AccountUuid,
    provenance: &Provenance,
    today: NaiveDate,
) -> QueryResult<DrugOrderId> {
    let row = NewDrugOrderRow::new(record, patient, physician, today);
    let id = DrugOrderId(insert_for_id!(conn, drug_order::table, row)?);
    let order = DrugOrder::pending(id, record, patient, physician);
    let entry = NewDrugOrderHistoryRow::new(&order, None, provenance);
    insert_at_commit!(conn, drug_order_history::table, [entry])?;
    events::record(conn, &NewEvent::drug_order_created(id, patient, physician, provenance.at)).await?;
    let made = NewDeltaRow::of_record(Counter::DrugOrders(order.status()), id.0, 1);
    totals::add(conn, [made, NewDeltaRow::on_day(Counter::DrugOrdersCreated, today, 1)]).await?;
    Ok(id)
}

/// Each combination used by clients follows one index in id order.
pub(in super::super) fn filtered(filter: &DrugOrderFilter) -> drug_order::BoxedQuery<'_, Db> {
    let rows = if is_of_all_purchased(filter) {
        drug_order::table.filter(drug_order::purchased.eq(true)).into_boxed()
    } else {
        in_statuses!(drug_order, filter.statuses, filter.party != DrugOrderParty::Anyone)
    };
    match filter.party {
        DrugOrderParty::Anyone => rows,
        DrugOrderParty::Patient(uuid) => rows.filter(drug_order::patient_uuid.eq(uuid.to_string())),
        DrugOrderParty::Physician(uuid) => rows.filter(drug_order::physician_uuid.eq(uuid.to_string())),
    }
}

/// The only list of several statuses with its own index. The column is the SQL equivalent of
/// [`DrugOrderStatus::is_purchased`]; the contract's list tests verify that they agree.
fn is_of_all_purchased(filter: &DrugOrderFilter) -> bool {
    filter.party == DrugOrderParty::Anyone
        && filter.statuses == StatusSet::matching(DrugOrderStatus::is_purchased)
}

fn counters(filter: &DrugOrderFilter) -> Option<Counters> {
    let is_stored = filter.party == DrugOrderParty::Anyone;
    Counters::of(Counter::DrugOrders, &filter.statuses).filter(|_| is_stored)
}

/// LEFT JOIN although all rows exist: with an inner join the planner may start elsewhere, and sort.
pub(super) async fn load(
    conn: &mut Conn,
    rows: drug_order::BoxedQuery<'_, Db>,
) -> QueryResult<Vec<DrugOrderDetails>> {
    let rows: Vec<DrugOrderRows> = rows
        .left_join(medical_record::table.on(medical_record::id.eq(drug_order::medical_record_id)))
        .left_join(inquiry::table.on(inquiry::id.eq(drug_order::inquiry_id)))
        .left_join(patient_account.on(patient_account.field(account::uuid).eq(drug_order::patient_uuid)))
        .left_join(
            physician_account.on(physician_account.field(account::uuid).eq(drug_order::physician_uuid)),
        )
        .select((
            DrugOrderRow::as_select(),
            Option::<MedicalRecordRow>::as_select(),
            Option::<InquiryRow>::as_select(),
            patient_columns!(),
            physician_account.fields((account::username, account::sex, account::hospital)).nullable(),
        ))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(drug_order_details).collect::<Result<_, _>>()?)
}
