use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::drug_order::{DrugOrderDetails, DrugOrderFilter, DrugOrderParty, DrugOrderStatus};
use yilin_domain::id::DrugOrderId;
use yilin_domain::list::{Page, PageRequest};

use super::{Conn, Db, Outcome, tallies};
use crate::rows::{
    Counter, DrugOrderRow, DrugOrderRows, InquiryRow, MedicalRecordRow, drug_order_details,
    drug_order_status_code,
};
use crate::schema::{account, drug_order, inquiry, medical_record, patient, physician};

paged_list!(drug_order, DrugOrderFilter, DrugOrderDetails, DrugOrderId);

/// Each combination that the clients use walks along one index in the order of ids.
fn filtered(filter: &DrugOrderFilter) -> drug_order::BoxedQuery<'_, Db> {
    let rows = drug_order::table.into_boxed();
    let rows = match filter.party {
        DrugOrderParty::Anyone => rows,
        DrugOrderParty::Patient(uuid) => rows.filter(drug_order::patient_uuid.eq(uuid.to_string())),
        DrugOrderParty::Physician(uuid) => rows.filter(drug_order::physician_uuid.eq(uuid.to_string())),
    };
    let (first, last) = (*filter.statuses.start(), *filter.statuses.end());
    match (first, last) {
        (DrugOrderStatus::Pending, DrugOrderStatus::Received) => rows,
        (DrugOrderStatus::Purchased, DrugOrderStatus::Received) if filter.party == DrugOrderParty::Anyone => {
            rows.filter(drug_order::purchased.eq(true))
        }
        (first, last) if first == last => rows.filter(drug_order::status.eq(drug_order_status_code(first))),
        (first, last) => rows
            .filter(drug_order::status.between(drug_order_status_code(first), drug_order_status_code(last))),
    }
}

async fn total(conn: &mut Conn, filter: &DrugOrderFilter) -> Outcome<u64> {
    if filter.party != DrugOrderParty::Anyone {
        return Ok(tallies::counted(filtered(filter).count().get_result(conn).await?));
    }
    let (first, last) = (*filter.statuses.start(), *filter.statuses.end());
    tallies::sum(conn, Counter::range(Counter::drug_orders(first), Counter::drug_orders(last))).await
}

/// LEFT JOIN although all of it always exists: an inner join lets the planner start elsewhere, and
/// sort.
pub(super) async fn load(
    conn: &mut Conn,
    rows: drug_order::BoxedQuery<'_, Db>,
) -> Outcome<Vec<DrugOrderDetails>> {
    let rows: Vec<DrugOrderRows> = rows
        .left_join(medical_record::table.on(medical_record::id.eq(drug_order::medical_record_id)))
        .left_join(inquiry::table.on(inquiry::id.eq(drug_order::inquiry_id)))
        .left_join(patient.on(patient.field(account::uuid).eq(drug_order::patient_uuid)))
        .left_join(physician.on(physician.field(account::uuid).eq(drug_order::physician_uuid)))
        .select((
            DrugOrderRow::as_select(),
            Option::<MedicalRecordRow>::as_select(),
            Option::<InquiryRow>::as_select(),
            patient.fields((account::username, account::sex, account::age)).nullable(),
            physician.fields((account::username, account::sex, account::hospital)).nullable(),
        ))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(drug_order_details).collect::<Result<_, _>>()?)
}
