use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{InquiryDetails, InquiryFilter, InquiryParty, InquiryStatus};
use yilin_domain::list::{Page, PageRequest};

use super::{Conn, Db, Outcome, tallies};
use crate::rows::{Counter, InquiryRow, InquiryRows, inquiry_details, inquiry_status_code};
use crate::schema::{account, inquiry, patient, physician, position_in};

paged_list!(inquiry, InquiryFilter, InquiryDetails, InquiryId);

/// Each combination that the clients use walks along one index in the order of ids.
fn filtered(filter: &InquiryFilter) -> inquiry::BoxedQuery<'_, Db> {
    let rows = inquiry::table.into_boxed();
    let rows = match &filter.party {
        InquiryParty::Anyone => rows,
        InquiryParty::Patient(uuid) => rows.filter(inquiry::patient_uuid.eq(uuid.to_string())),
        InquiryParty::Physician(uuid) => rows.filter(inquiry::physician_uuid.eq(uuid.to_string())),
        InquiryParty::PatientNamed(text) => {
            rows.filter(position_in(inquiry::patient_username.nullable(), text).gt(0))
        }
        InquiryParty::PhysicianNamed(text) => {
            rows.filter(position_in(inquiry::physician_username, text).gt(0))
        }
    };
    let (first, last) = (*filter.statuses.start(), *filter.statuses.end());
    match (first, last) {
        (InquiryStatus::Submitted, InquiryStatus::Approved) => rows,
        (InquiryStatus::Registered, InquiryStatus::Approved) if filter.party == InquiryParty::Anyone => {
            rows.filter(inquiry::ended.eq(true))
        }
        (first, last) if first == last => rows.filter(inquiry::status.eq(inquiry_status_code(first))),
        (first, last) => {
            rows.filter(inquiry::status.between(inquiry_status_code(first), inquiry_status_code(last)))
        }
    }
}

async fn total(conn: &mut Conn, filter: &InquiryFilter) -> Outcome<u64> {
    if filter.party != InquiryParty::Anyone {
        return Ok(tallies::counted(filtered(filter).count().get_result(conn).await?));
    }
    let (first, last) = (*filter.statuses.start(), *filter.statuses.end());
    tallies::sum(conn, Counter::range(Counter::inquiries(first), Counter::inquiries(last))).await
}

/// LEFT JOIN although the patient always exists: an inner join lets the planner start at the
/// accounts, and sort.
pub(super) async fn load(conn: &mut Conn, rows: inquiry::BoxedQuery<'_, Db>) -> Outcome<Vec<InquiryDetails>> {
    let rows: Vec<InquiryRows> = rows
        .left_join(patient.on(patient.field(account::uuid).eq(inquiry::patient_uuid)))
        .left_join(physician.on(physician.field(account::uuid).nullable().eq(inquiry::physician_uuid)))
        .select((
            InquiryRow::as_select(),
            patient.fields((account::username, account::sex, account::age)).nullable(),
            physician.fields((account::username, account::sex, account::hospital)).nullable(),
        ))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(inquiry_details).collect::<Result<_, _>>()?)
}
