//! Medical records, and the end of a consultation.

use async_trait::async_trait;
use chrono::SubsecRound as _;
use diesel::{
    ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, OptionalExtension as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::Changed;
use yilin_domain::id::{InquiryId, MedicalRecordId};
use yilin_domain::inquiry::{Amendment, Registration};
use yilin_domain::medical_record::{Addendum, MedicalRecord, MedicalRecordOfInquiry, Registered};
use yilin_domain::port::{AmendRefused, MedicalRecordRepository, PortError};
use yilin_domain::transition::Stale;

use super::audit::outbox;
use super::{Conn, Database, answers, drug_orders, events, inquiries};
use crate::error::{QueryResult, is_unique_violation};
use crate::rows::{AddendumRow, MedicalRecordRow, NewAddendumRow, NewMedicalRecordRow, RecordOfInquiryRow};
use crate::schema::{account, inquiry, medical_addendum, medical_record};

/// The parties of an inquiry and its record, if it has one.
macro_rules! record_where {
    ($conn:expr, $condition:expr) => {{
        let row: Option<RecordOfInquiryRow> = inquiry::table
            .left_join(medical_record::table.on(medical_record::inquiry_id.eq(inquiry::id)))
            .filter($condition)
            .select((
                (inquiry::id, inquiry::patient_uuid, inquiry::physician_uuid),
                Option::<MedicalRecordRow>::as_select(),
            ))
            .first($conn)
            .await
            .optional()?;
        match row.map(MedicalRecordOfInquiry::try_from).transpose()? {
            Some(found) => Ok(Some(with_addenda($conn, found).await?)),
            None => Ok(None),
        }
    }};
}

#[async_trait]
impl MedicalRecordRepository for Database {
    async fn register(&self, registration: &Registration) -> Result<Result<Registered, Stale>, PortError> {
        let today = self.zone.day(registration.inquiry.provenance.at);
        self.engine
            .leaving(registration.inquiry.provenance.entry.clone())
            .save(
                (registration.clone(), today),
                work!(|conn, (registration, today)| {
                    let transition = &registration.inquiry;
                    inquiries::advance(conn, transition).await?;
                    let record = insert(conn, registration).await?;
                    let mut drug_order = None;
                    if registration.notes.needs_drugs {
                        let (patient, physician) = (transition.record.patient, registration.physician);
                        let provenance = &transition.provenance;
                        let order =
                            drug_orders::create(conn, &record, patient, physician, provenance, *today);
                        drug_order = Some(order.await?);
                    }
                    inquiries::count_move(conn, transition).await?;
                    let about = Changed::one("medical_record", record.id, Some(transition.record.patient));
                    outbox::leave(conn, transition.provenance.entry.as_ref(), about).await?;
                    Ok(Registered { record, drug_order })
                }),
            )
            .await
    }

    async fn amend(&self, amendment: &Amendment) -> Result<Result<(), AmendRefused>, PortError> {
        let saved = self
            .engine
            .leaving(amendment.inquiry.provenance.entry.clone())
            .save(
                amendment.clone(),
                work!(|conn, amendment| {
                    let (transition, receipt) = (&amendment.inquiry, amendment.receipt.as_ref());
                    if let Err(used) = answers::claim(conn, receipt).await? {
                        return Ok(Err(used));
                    }
                    inquiries::advance(conn, transition).await?;
                    let row = NewAddendumRow::from(amendment);
                    diesel::insert_into(medical_addendum::table).values(row).execute(conn).await?;
                    events::record(conn, &amendment.announcement()).await?;
                    inquiries::count_move(conn, transition).await?;
                    let about =
                        Changed::one("medical_record", amendment.record, Some(transition.record.patient));
                    outbox::leave(conn, transition.provenance.entry.as_ref(), about).await?;
                    answers::keep(conn, receipt, &()).await?;
                    Ok(Ok(()))
                }),
            )
            .await?;
        Ok(match saved {
            Ok(stored) => stored.map_err(AmendRefused::from),
            Err(stale) => Err(stale.into()),
        })
    }

    async fn of_inquiry(&self, inquiry: InquiryId) -> Result<Option<MedicalRecordOfInquiry>, PortError> {
        self.engine.read(inquiry, work!(|conn, id| record_where!(conn, inquiry::id.eq(id.0)))).await
    }

    /// Sorted and truncated here, not by the database: with ORDER BY the planner may scan all patients'
    /// records. A patient has few.
    async fn of_patient(&self, patient: AccountUuid, limit: u16) -> Result<Vec<MedicalRecord>, PortError> {
        self.engine
            .read(
                (patient, limit),
                work!(|conn, (patient, limit)| {
                    let rows = inquiry::table
                        .inner_join(medical_record::table.on(medical_record::inquiry_id.eq(inquiry::id)))
                        .filter(inquiry::patient_uuid.eq(patient.to_string()))
                        .select(MedicalRecordRow::as_select())
                        .load(conn)
                        .await?;
                    let mut records: Vec<_> =
                        rows.into_iter().map(MedicalRecord::try_from).collect::<Result<_, _>>()?;
                    records.sort_by_key(|record| std::cmp::Reverse(record.id));
                    records.truncate((*limit).into());
                    Ok(records)
                }),
            )
            .await
    }

    async fn find(&self, id: MedicalRecordId) -> Result<Option<MedicalRecordOfInquiry>, PortError> {
        self.engine
            .read(id, work!(|conn, id| record_where!(conn, medical_record::id.nullable().eq(id.0))))
            .await
    }
}

/// Reads the addenda of the record, if there is one.
async fn with_addenda(
    conn: &mut Conn,
    mut found: MedicalRecordOfInquiry,
) -> QueryResult<MedicalRecordOfInquiry> {
    let Some(record) = &found.record else { return Ok(found) };
    let rows: Vec<AddendumRow> = medical_addendum::table
        .left_join(account::table.on(account::uuid.eq(medical_addendum::made_by)))
        .filter(medical_addendum::medical_record_id.eq(record.id.0))
        .order(medical_addendum::id)
        .select((
            medical_addendum::id,
            medical_addendum::made_by,
            medical_addendum::made_at,
            medical_addendum::content,
            medical_addendum::reason,
            (medical_addendum::medical_img, medical_addendum::medical_img_held),
            (medical_addendum::inquiry_video, medical_addendum::inquiry_video_held),
            (account::username, account::role).nullable(),
        ))
        .load(conn)
        .await?;
    found.addenda = rows.into_iter().map(Addendum::try_from).collect::<Result<_, _>>()?;
    Ok(found)
}

async fn insert(conn: &mut Conn, registration: &Registration) -> QueryResult<MedicalRecord> {
    let transition = &registration.inquiry;
    let (inquiry, at) = (transition.record.id, transition.provenance.at);
    let row = NewMedicalRecordRow::new(inquiry, &registration.notes, at);
    let id = match insert_for_id!(conn, medical_record::table, row) {
        Ok(id) => id,
        Err(error) if is_unique_violation(&error) => return Err(Stale.into()),
        Err(error) => return Err(error.into()),
    };
    Ok(MedicalRecord {
        id: MedicalRecordId(id),
        inquiry,
        notes: registration.notes.clone(),
        created_at: at.trunc_subsecs(0),
    })
}
