//! Inquiries and their history.

use async_trait::async_trait;
use chrono::SubsecRound as _;
use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::enumeration::StatusSet;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{
    Inquiry, InquiryDetails, InquiryDraft, InquiryFilter, InquiryHistoryEntry, InquiryParty, InquiryStatus,
    InquiryTransition,
};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{InquiryRepository, PortError};
use yilin_domain::transition::{Provenance, Stale};

use super::{Conn, Database, Db, last_id, totals};
use crate::error::{QueryResult, ensure_current};
use crate::rows::{
    InquiryHistoryRow, InquiryRow, InquiryRows, NewDeltaRow, NewInquiryHistoryRow, NewInquiryRow,
    StoredCode as _, counted, inquiry_details, stored_time,
};
use crate::schema::{account, inquiry, inquiry_history, patient_account, physician_account, position_in};
use crate::statement::Unvarying;
use crate::totals::Counter;

paged_list!(inquiry, InquiryFilter, InquiryDetails, InquiryId);

#[async_trait]
impl InquiryRepository for Database {
    async fn create(&self, draft: InquiryDraft, provenance: Provenance) -> Result<InquiryDetails, PortError> {
        self.engine
            .write(
                (draft, provenance),
                work!(|conn, (draft, provenance)| {
                    let row = NewInquiryRow::new(draft, provenance.at);
                    diesel::insert_into(inquiry::table).values(row).execute(conn).await?;
                    let id = InquiryId(last_id(conn).await?);
                    let inquiry = Inquiry::submitted(id, draft.clone(), provenance.at.trunc_subsecs(0));
                    append_history(conn, &inquiry, None, provenance).await?;
                    let made = NewDeltaRow::new(Counter::Inquiries(inquiry.status()), 1);
                    totals::add(conn, [made]).await?;
                    Ok(InquiryDetails { inquiry, patient: draft.patient.clone(), physician: None })
                }),
            )
            .await
    }

    async fn find(&self, id: InquiryId) -> Result<Option<InquiryDetails>, PortError> {
        self.engine
            .read(
                id,
                work!(|conn, id| {
                    let rows = inquiry::table.filter(inquiry::id.eq(id.0));
                    Ok(load(conn, rows.into_boxed()).await?.pop())
                }),
            )
            .await
    }

    async fn save(&self, transition: &InquiryTransition) -> Result<Result<(), Stale>, PortError> {
        self.engine
            .save(
                transition.clone(),
                work!(|conn, transition| {
                    advance(conn, transition).await?;
                    let (from, to) = (transition.from, transition.record.status());
                    if from != to {
                        let moved = NewDeltaRow::moved(Counter::Inquiries(from), Counter::Inquiries(to));
                        totals::add(conn, moved).await?;
                    }
                    Ok(())
                }),
            )
            .await
    }

    async fn history(&self, id: InquiryId) -> Result<Vec<InquiryHistoryEntry>, PortError> {
        self.engine
            .read(
                id,
                work!(|conn, id| {
                    let rows: Vec<InquiryHistoryRow> = inquiry_history::table
                        .filter(inquiry_history::inquiry_id.eq(id.0))
                        .order(inquiry_history::version)
                        .select((
                            (
                                inquiry_history::inquiry_id,
                                inquiry_history::version,
                                inquiry_history::made_by,
                                inquiry_history::made_at,
                                inquiry_history::from_status,
                                inquiry_history::to_status,
                                inquiry_history::physician_uuid,
                                inquiry_history::reason,
                            ),
                            inquiry_history::appointment_time,
                        ))
                        .load(conn)
                        .await?;
                    Ok(rows.into_iter().map(InquiryHistoryEntry::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn page(
        &self,
        filter: &InquiryFilter,
        page: PageRequest,
    ) -> Result<Page<InquiryDetails>, PortError> {
        let args = (filter.clone(), page);
        self.engine.read(args, work!(|conn, (filter, page)| read_page(conn, filter, *page).await)).await
    }

    async fn batch(
        &self,
        filter: &InquiryFilter,
        before: Option<InquiryId>,
        limit: u16,
    ) -> Result<Vec<InquiryDetails>, PortError> {
        let args = (filter.clone(), before, limit);
        self.engine
            .read(
                args,
                work!(|conn, (filter, before, limit)| read_batch(conn, filter, *before, *limit).await),
            )
            .await
    }
}

/// Stores the transition and its history entry; the caller updates the totals.
pub(super) async fn advance(conn: &mut Conn, transition: &InquiryTransition) -> QueryResult<()> {
    let record = &transition.record;
    let physician = record.physician().map(|uuid| uuid.to_string());
    let name = account::table
        .filter(account::uuid.nullable().eq(&physician))
        .select(account::username)
        .single_value();
    let stored =
        inquiry::table.filter(inquiry::id.eq(record.id.0)).filter(inquiry::version.eq(transition.based_on.0));
    let change = diesel::update(stored).set((
        inquiry::version.eq(record.version.0),
        inquiry::status.eq(record.status().code()),
        inquiry::physician_uuid.eq(&physician),
        inquiry::physician_username.eq(name),
        inquiry::updated_at.eq(stored_time(record.updated_at)),
    ));
    ensure_current(Unvarying(change).execute(conn).await?)?;
    append_history(conn, record, Some(transition.from), &transition.provenance).await
}

async fn append_history(
    conn: &mut Conn,
    inquiry: &Inquiry,
    from: Option<InquiryStatus>,
    provenance: &Provenance,
) -> QueryResult<()> {
    let entry = NewInquiryHistoryRow::new(inquiry, from, provenance);
    diesel::insert_into(inquiry_history::table).values(entry).execute(conn).await?;
    Ok(())
}

/// Each combination used by clients follows one index in id order.
fn filtered(filter: &InquiryFilter) -> inquiry::BoxedQuery<'_, Db> {
    let rows = if is_of_all_ended(filter) {
        inquiry::table.filter(inquiry::ended.eq(true)).into_boxed()
    } else {
        in_statuses!(inquiry, filter.statuses)
    };
    match &filter.party {
        InquiryParty::Anyone => rows,
        InquiryParty::Patient(uuid) => rows.filter(inquiry::patient_uuid.eq(uuid.to_string())),
        InquiryParty::Physician(uuid) => rows.filter(inquiry::physician_uuid.eq(uuid.to_string())),
        InquiryParty::PatientNamed(text) => {
            rows.filter(position_in(inquiry::patient_username.nullable(), text).gt(0))
        }
        InquiryParty::PhysicianNamed(text) => {
            rows.filter(position_in(inquiry::physician_username, text).gt(0))
        }
    }
}

/// The only list of several statuses with its own index. The column is the SQL equivalent of
/// [`InquiryStatus::has_ended`]; the contract's list tests verify that they agree.
fn is_of_all_ended(filter: &InquiryFilter) -> bool {
    filter.party == InquiryParty::Anyone && filter.statuses == StatusSet::matching(InquiryStatus::has_ended)
}

async fn total(conn: &mut Conn, filter: &InquiryFilter) -> QueryResult<u64> {
    if filter.party != InquiryParty::Anyone {
        return Ok(counted(filtered(filter).count().get_result(conn).await?));
    }
    let counters = filter.statuses.as_slice().iter().copied().map(Counter::Inquiries);
    totals::sum(conn, &counters.collect::<Vec<_>>()).await
}

/// LEFT JOIN although the patient always exists: with an inner join the planner may start at the accounts,
/// and sort.
async fn load(conn: &mut Conn, rows: inquiry::BoxedQuery<'_, Db>) -> QueryResult<Vec<InquiryDetails>> {
    let rows: Vec<InquiryRows> = rows
        .left_join(patient_account.on(patient_account.field(account::uuid).eq(inquiry::patient_uuid)))
        .left_join(
            physician_account
                .on(physician_account.field(account::uuid).nullable().eq(inquiry::physician_uuid)),
        )
        .select((
            InquiryRow::as_select(),
            patient_account.fields((account::username, account::sex, account::age)).nullable(),
            physician_account.fields((account::username, account::sex, account::hospital)).nullable(),
        ))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(inquiry_details).collect::<Result<_, _>>()?)
}
