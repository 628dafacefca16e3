use chrono::SubsecRound as _;
use diesel::{ExpressionMethods as _, NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{
    Inquiry, InquiryDetails, InquiryDraft, InquiryHistoryEntry, InquiryStatus, InquiryTransition,
};
use yilin_domain::transition::Provenance;

use super::{Conn, Outcome, inquiry_list, last_id, tallies};
use crate::error::QueryError;
use crate::rows::{
    Counter, HistoryRow, NewDeltaRow, NewInquiryHistoryRow, NewInquiryRow, PatientRow, inquiry_status_code,
    stored_time,
};
use crate::schema::{account, inquiry, inquiry_history};
use crate::statement::Unvarying;

pub(in super::super) async fn create(
    conn: &mut Conn,
    draft: &InquiryDraft,
    provenance: Provenance,
) -> Outcome<InquiryDetails> {
    let patient: Option<PatientRow> = account::table
        .filter(account::uuid.eq(draft.patient.to_string()))
        .select((account::username, account::sex, account::age))
        .first(conn)
        .await
        .optional()?;
    let patient = patient.ok_or_else(|| QueryError::Other("the patient does not exist".into()))?;
    let patient = patient.summary(draft.patient)?;
    diesel::insert_into(inquiry::table)
        .values(NewInquiryRow::new(draft, &patient, provenance.at))
        .execute(conn)
        .await?;
    let id = InquiryId(last_id(conn).await?);
    let inquiry = Inquiry::submitted(id, draft.clone(), provenance.at.trunc_subsecs(0));
    append(conn, &inquiry, None, provenance).await?;
    tallies::add(conn, [NewDeltaRow::new(Counter::inquiries(inquiry.status()), 1)]).await?;
    Ok(InquiryDetails { inquiry, patient, physician: None })
}

pub(in super::super) async fn find(conn: &mut Conn, id: InquiryId) -> Outcome<Option<InquiryDetails>> {
    Ok(inquiry_list::load(conn, inquiry::table.filter(inquiry::id.eq(id.0)).into_boxed()).await?.pop())
}

pub(in super::super) async fn save(conn: &mut Conn, transition: &InquiryTransition) -> Outcome<()> {
    advance(conn, transition).await?;
    let (from, to) = (transition.from, transition.record.status());
    if from != to {
        tallies::add(conn, NewDeltaRow::moved(Counter::inquiries(from), Counter::inquiries(to))).await?;
    }
    Ok(())
}

/// Stores the move and its history entry, but leaves the tallies to the caller. Undoes the unit of
/// work if somebody else moved the inquiry first.
pub(super) async fn advance(conn: &mut Conn, transition: &InquiryTransition) -> Outcome<()> {
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
        inquiry::status.eq(inquiry_status_code(record.status())),
        inquiry::physician_uuid.eq(&physician),
        inquiry::physician_username.eq(name),
        inquiry::updated_at.eq(stored_time(record.updated_at)),
    ));
    if Unvarying(change).execute(conn).await? == 0 {
        return Err(QueryError::Undo);
    }
    append(conn, record, Some(transition.from), transition.provenance).await
}

async fn append(
    conn: &mut Conn,
    inquiry: &Inquiry,
    from: Option<InquiryStatus>,
    provenance: Provenance,
) -> Outcome<()> {
    let move_ = (from.map(inquiry_status_code), inquiry_status_code(inquiry.status()));
    let entry =
        NewInquiryHistoryRow::new(inquiry.id.0, inquiry.version, provenance, move_, inquiry.physician());
    diesel::insert_into(inquiry_history::table).values(entry).execute(conn).await?;
    Ok(())
}

pub(in super::super) async fn history(conn: &mut Conn, id: InquiryId) -> Outcome<Vec<InquiryHistoryEntry>> {
    let rows: Vec<HistoryRow> = inquiry_history::table
        .filter(inquiry_history::inquiry_id.eq(id.0))
        .order(inquiry_history::version)
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(InquiryHistoryEntry::try_from).collect::<Result<_, _>>()?)
}
