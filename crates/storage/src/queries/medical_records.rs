use chrono::{NaiveDate, SubsecRound as _};
use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::id::{InquiryId, MedicalRecordId};
use yilin_domain::inquiry::Registration;
use yilin_domain::medical_record::{MedicalRecord, MedicalRecordOfInquiry, Registered};

use super::{Conn, Outcome, drug_orders, inquiries, last_id, tallies};
use crate::error::{QueryError, is_unique_violation};
use crate::rows::{Counter, MedicalRecordRow, NewDeltaRow, NewMedicalRecordRow, RecordOfInquiryRow};
use crate::schema::{inquiry, medical_record};

/// Stores the end of a consultation. `today` is the day at the hospital.
pub(in super::super) async fn register(
    conn: &mut Conn,
    registration: &Registration,
    today: NaiveDate,
) -> Outcome<Registered> {
    let transition = &registration.inquiry;
    inquiries::advance(conn, transition).await?;
    let record = insert(conn, registration).await?;
    let to = transition.record.status();
    let moved = NewDeltaRow::moved(Counter::inquiries(transition.from), Counter::inquiries(to));
    let drug_order = if registration.notes.needs_drugs {
        let provenance = transition.provenance;
        let patient = transition.record.patient;
        let order =
            drug_orders::create(conn, &record, patient, registration.physician, provenance, today).await?;
        let made = NewDeltaRow::new(Counter::drug_orders(DrugOrderStatus::Pending), 1);
        tallies::add(conn, moved.into_iter().chain([made])).await?;
        Some(order)
    } else {
        tallies::add(conn, moved).await?;
        None
    };
    Ok(Registered { record, drug_order })
}

async fn insert(conn: &mut Conn, registration: &Registration) -> Outcome<MedicalRecord> {
    let transition = &registration.inquiry;
    let (inquiry, at) = (transition.record.id, transition.provenance.at);
    let row = NewMedicalRecordRow::new(inquiry, &registration.notes, at);
    match diesel::insert_into(medical_record::table).values(row).execute(conn).await {
        Ok(_) => {}
        Err(error) if is_unique_violation(&error) => return Err(QueryError::Undo),
        Err(error) => return Err(error.into()),
    }
    Ok(MedicalRecord {
        id: MedicalRecordId(last_id(conn).await?),
        inquiry,
        notes: registration.notes.clone(),
        created_at: at.trunc_subsecs(0),
    })
}

macro_rules! records_where {
    ($conn:expr, $condition:expr) => {
        inquiry::table
            .left_join(medical_record::table.on(medical_record::inquiry_id.eq(inquiry::id)))
            .filter($condition)
            .select((
                (inquiry::id, inquiry::patient_uuid, inquiry::physician_uuid),
                Option::<MedicalRecordRow>::as_select(),
            ))
            .first($conn)
            .await
            .optional()?
    };
}

pub(in super::super) async fn of_inquiry(
    conn: &mut Conn,
    id: InquiryId,
) -> Outcome<Option<MedicalRecordOfInquiry>> {
    rebuilt(records_where!(conn, inquiry::id.eq(id.0)))
}

pub(in super::super) async fn find(
    conn: &mut Conn,
    id: MedicalRecordId,
) -> Outcome<Option<MedicalRecordOfInquiry>> {
    rebuilt(records_where!(conn, medical_record::id.nullable().eq(id.0)))
}

/// Sorted and cut here, not by the database: with an order the planner may walk through everybody's
/// records. A patient has few.
pub(in super::super) async fn of_patient(
    conn: &mut Conn,
    patient: AccountUuid,
    limit: u16,
) -> Outcome<Vec<MedicalRecord>> {
    let rows = inquiry::table
        .inner_join(medical_record::table.on(medical_record::inquiry_id.eq(inquiry::id)))
        .filter(inquiry::patient_uuid.eq(patient.to_string()))
        .select(MedicalRecordRow::as_select())
        .load(conn)
        .await?;
    let mut records: Vec<_> = rows.into_iter().map(MedicalRecord::try_from).collect::<Result<_, _>>()?;
    records.sort_by_key(|record| std::cmp::Reverse(record.id));
    records.truncate(limit.into());
    Ok(records)
}

type Rows = ((i64, String, Option<String>), Option<MedicalRecordRow>);

fn rebuilt(rows: Option<Rows>) -> Outcome<Option<MedicalRecordOfInquiry>> {
    let rows = rows.map(|(inquiry, record)| RecordOfInquiryRow(inquiry, record).try_into());
    Ok(rows.transpose()?)
}
