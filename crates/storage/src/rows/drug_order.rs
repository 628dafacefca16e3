//! Rows of drug orders, with their consultation.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::account::AccountUuid;
use yilin_domain::drug_order::{DrugOrder, DrugOrderDetails, DrugOrderState, DrugOrderStatus};
use yilin_domain::file::FileReference;
use yilin_domain::id::{DrugOrderId, InquiryId, MedicalRecordId, Version};
use yilin_domain::inquiry::Inquiry;
use yilin_domain::medical_record::MedicalRecord;

use super::code::StoredCode as _;
use super::column_reader::{ColumnReader, stored_time};
use super::inquiry::{InquiryRow, PatientRow, PhysicianRow};
use super::medical_record::MedicalRecordRow;
use crate::error::Corrupt;
use crate::schema::drug_order;

/// A drug order row for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = drug_order)]
pub(crate) struct DrugOrderRow {
    id: i64,
    version: i32,
    medical_record_id: i64,
    inquiry_id: i64,
    patient_uuid: String,
    physician_uuid: String,
    status: i16,
    certificate: Option<String>,
    certificate_held: bool,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// A drug order with its record, its inquiry and its parties.
pub(crate) type DrugOrderRows =
    (DrugOrderRow, Option<MedicalRecordRow>, Option<InquiryRow>, Option<PatientRow>, Option<PhysicianRow>);

impl TryFrom<DrugOrderRow> for DrugOrder {
    type Error = Corrupt;

    fn try_from(row: DrugOrderRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("drug_order", row.id);
        let status = columns.code("status", row.status)?;
        let certificate = row
            .certificate
            .map(|text| columns.file("certificate", text, row.certificate_held))
            .transpose()?;
        let state = state(status, certificate)
            .ok_or_else(|| columns.corrupt("certificate", format_args!("impossible while {status:?}")))?;
        Ok(Self {
            id: DrugOrderId(row.id),
            version: Version(row.version),
            medical_record: MedicalRecordId(row.medical_record_id),
            inquiry: InquiryId(row.inquiry_id),
            patient: columns.uuid("patient_uuid", &row.patient_uuid)?,
            physician: columns.uuid("physician_uuid", &row.physician_uuid)?,
            state,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

fn state(status: DrugOrderStatus, certificate: Option<FileReference>) -> Option<DrugOrderState> {
    match status {
        DrugOrderStatus::Pending => certificate.is_none().then_some(DrugOrderState::Pending),
        DrugOrderStatus::Purchased => certificate.is_none().then_some(DrugOrderState::Purchased),
        DrugOrderStatus::Dispatched => {
            certificate.map(|certificate| DrugOrderState::Dispatched { certificate })
        }
        DrugOrderStatus::Received => certificate.map(|certificate| DrugOrderState::Received { certificate }),
    }
}

/// Combines an order with its consultation. A function, because the rows are a tuple.
pub(crate) fn details(
    (row, record, inquiry, patient, physician): DrugOrderRows,
) -> Result<DrugOrderDetails, Corrupt> {
    let order = DrugOrder::try_from(row)?;
    let columns = ColumnReader::new("drug_order", order.id);
    let record = MedicalRecord::try_from(columns.present("medical_record_id", record)?)?;
    let inquiry = Inquiry::try_from(columns.present("inquiry_id", inquiry)?)?;
    let patient = columns.present("patient_uuid", patient)?.summary(order.patient)?;
    let physician = columns.present("physician_uuid", physician)?.summary(order.physician)?;
    Ok(DrugOrderDetails {
        order,
        patient_username: patient.username,
        patient_sex: patient.sex,
        patient_age: patient.age,
        physician_username: physician.username,
        hospital: physician.hospital,
        inquiry_state: inquiry.state,
        visit_type: inquiry.visit_type,
        appointment_time: inquiry.appointment_time,
        reserved_phone: inquiry.reserved_phone,
        inquiry_detail: inquiry.detail,
        notes: record.notes,
    })
}

/// A new drug order row.
#[derive(Insertable)]
#[diesel(table_name = drug_order, treat_none_as_default_value = false)]
pub(crate) struct NewDrugOrderRow {
    version: i32,
    medical_record_id: i64,
    inquiry_id: i64,
    patient_uuid: String,
    physician_uuid: String,
    status: i16,
    certificate_held: bool,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    created_on: NaiveDate,
}

impl NewDrugOrderRow {
    pub(crate) fn new(
        record: &MedicalRecord,
        patient: AccountUuid,
        physician: AccountUuid,
        created_on: NaiveDate,
    ) -> Self {
        let at = stored_time(record.created_at);
        Self {
            version: Version::FIRST.0,
            medical_record_id: record.id.0,
            inquiry_id: record.inquiry.0,
            patient_uuid: patient.to_string(),
            physician_uuid: physician.to_string(),
            status: DrugOrderStatus::Pending.code(),
            certificate_held: false,
            created_at: at,
            updated_at: at,
            created_on,
        }
    }
}
