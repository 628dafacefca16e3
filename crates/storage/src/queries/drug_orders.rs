use chrono::NaiveDate;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::drug_order::{
    DrugOrderDetails, DrugOrderHistoryEntry, DrugOrderStatus, DrugOrderTransition,
};
use yilin_domain::id::{DrugOrderId, MedicalRecordId, Version};
use yilin_domain::medical_record::MedicalRecord;
use yilin_domain::transition::Provenance;

use super::{Conn, Outcome, drug_order_list, last_id, tallies};
use crate::error::QueryError;
use crate::rows::{
    Counter, HistoryRow, NewDeltaRow, NewDrugOrderHistoryRow, NewDrugOrderRow, drug_order_status_code,
    stored_file, stored_time,
};
use crate::schema::{drug_order, drug_order_history};
use crate::statement::Unvarying;

/// Stores a pending order and the first entry of its history; leaves the tallies to the caller.
pub(super) async fn create(
    conn: &mut Conn,
    record: &MedicalRecord,
    patient: AccountUuid,
    physician: AccountUuid,
    provenance: Provenance,
    today: NaiveDate,
) -> Outcome<DrugOrderId> {
    diesel::insert_into(drug_order::table)
        .values(NewDrugOrderRow::new(record, patient, physician, today))
        .execute(conn)
        .await?;
    let id = DrugOrderId(last_id(conn).await?);
    let move_ = (None, drug_order_status_code(DrugOrderStatus::Pending));
    let entry = NewDrugOrderHistoryRow::new(id.0, Version::FIRST, provenance, move_, Some(physician));
    diesel::insert_into(drug_order_history::table).values(entry).execute(conn).await?;
    Ok(id)
}

pub(in super::super) async fn find(conn: &mut Conn, id: DrugOrderId) -> Outcome<Option<DrugOrderDetails>> {
    let rows = drug_order::table.filter(drug_order::id.eq(id.0));
    Ok(drug_order_list::load(conn, rows.into_boxed()).await?.pop())
}

pub(in super::super) async fn of_medical_record(
    conn: &mut Conn,
    record: MedicalRecordId,
) -> Outcome<Option<DrugOrderDetails>> {
    let rows = drug_order::table.filter(drug_order::medical_record_id.eq(record.0));
    Ok(drug_order_list::load(conn, rows.into_boxed()).await?.pop())
}

/// Stores the move and its history entry. Undoes the unit of work if somebody else moved the order
/// first.
pub(in super::super) async fn save(conn: &mut Conn, transition: &DrugOrderTransition) -> Outcome<()> {
    let record = &transition.record;
    let (from, to) = (transition.from, record.status());
    let certificate = record.certificate().map(stored_file);
    let stored = drug_order::table
        .filter(drug_order::id.eq(record.id.0))
        .filter(drug_order::version.eq(transition.based_on.0));
    let change = diesel::update(stored).set((
        drug_order::version.eq(record.version.0),
        drug_order::status.eq(drug_order_status_code(to)),
        drug_order::certificate.eq(certificate.map(|(text, _)| text)),
        drug_order::certificate_held.eq(certificate.is_some_and(|(_, held)| held)),
        drug_order::updated_at.eq(stored_time(record.updated_at)),
    ));
    if Unvarying(change).execute(conn).await? == 0 {
        return Err(QueryError::Undo);
    }
    let move_ = (Some(drug_order_status_code(from)), drug_order_status_code(to));
    let entry = NewDrugOrderHistoryRow::new(
        record.id.0,
        record.version,
        transition.provenance,
        move_,
        Some(record.physician),
    );
    diesel::insert_into(drug_order_history::table).values(entry).execute(conn).await?;
    tallies::add(conn, NewDeltaRow::moved(Counter::drug_orders(from), Counter::drug_orders(to))).await
}

pub(in super::super) async fn history(
    conn: &mut Conn,
    id: DrugOrderId,
) -> Outcome<Vec<DrugOrderHistoryEntry>> {
    let rows: Vec<HistoryRow> = drug_order_history::table
        .filter(drug_order_history::drug_order_id.eq(id.0))
        .order(drug_order_history::version)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(DrugOrderHistoryEntry::try_from).collect::<Result<_, _>>()?)
}
