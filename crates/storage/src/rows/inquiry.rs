//! Rows of inquiries, with their parties.

#![expect(clippy::ref_option_ref, reason = "Diesel's derive takes references to all fields")]

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::account::{AccountUuid, Age, Hospital, PersonName, ReservedPhone};
use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{
    Inquiry, InquiryDetail, InquiryDetails, InquiryDraft, InquiryState, InquiryStatus, PatientSummary,
    PhysicianSummary,
};
use yilin_domain::time::{AppointmentTime, Timestamp};

use super::code::StoredCode as _;
use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;
use crate::schema::inquiry;

/// An inquiry row for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = inquiry)]
pub(crate) struct InquiryRow {
    id: i64,
    version: i32,
    patient_uuid: String,
    physician_uuid: Option<String>,
    visit_type: i16,
    appointment_time: NaiveDateTime,
    reserved_phone: Option<String>,
    detail: String,
    status: i16,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns of a patient: name, sex, age.
#[derive(Queryable)]
pub(crate) struct PatientRow {
    pub(super) username: String,
    pub(super) sex: Option<i16>,
    pub(super) age: Option<i16>,
}

/// The columns of a physician: name, sex, hospital.
#[derive(Queryable)]
pub(crate) struct PhysicianRow {
    pub(super) username: String,
    pub(super) sex: Option<i16>,
    pub(super) hospital: String,
}

/// An inquiry with its parties.
pub(crate) type InquiryRows = (InquiryRow, Option<PatientRow>, Option<PhysicianRow>);

impl TryFrom<InquiryRow> for Inquiry {
    type Error = Corrupt;

    fn try_from(row: InquiryRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("inquiry", row.id);
        let status = columns.code("status", row.status)?;
        let physician = columns.uuid_or_none("physician_uuid", row.physician_uuid.as_deref())?;
        let state = state(status, physician)
            .ok_or_else(|| columns.corrupt("physician_uuid", format_args!("impossible while {status:?}")))?;
        let phone = row.reserved_phone.as_deref();
        Ok(Self {
            id: InquiryId(row.id),
            version: Version(row.version),
            patient: columns.uuid("patient_uuid", &row.patient_uuid)?,
            visit_type: columns.code("visit_type", row.visit_type)?,
            appointment_time: columns
                .value("appointment_time", AppointmentTime::new(row.appointment_time))?,
            reserved_phone: phone
                .map(|text| columns.value("reserved_phone", ReservedPhone::parse(text)))
                .transpose()?,
            detail: columns.value("detail", InquiryDetail::parse(&row.detail))?,
            state,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

fn state(status: InquiryStatus, physician: Option<AccountUuid>) -> Option<InquiryState> {
    match status {
        InquiryStatus::Submitted => physician.is_none().then_some(InquiryState::Submitted),
        InquiryStatus::Assigned => physician.map(|physician| InquiryState::Assigned { physician }),
        InquiryStatus::Accepted => physician.map(|physician| InquiryState::Accepted { physician }),
        InquiryStatus::Registered => physician.map(|physician| InquiryState::Registered { physician }),
        InquiryStatus::Approved => physician.map(|physician| InquiryState::Approved { physician }),
    }
}

impl PatientRow {
    pub(crate) fn summary(self, uuid: AccountUuid) -> Result<PatientSummary, Corrupt> {
        let columns = ColumnReader::new("account", uuid);
        Ok(PatientSummary {
            uuid,
            username: columns.value("username", PersonName::parse(&self.username))?,
            sex: self.sex.map(|code| columns.code("sex", code)).transpose()?,
            age: self.age.map(|years| columns.value("age", Age::new(years.into()))).transpose()?,
        })
    }
}

impl PhysicianRow {
    pub(super) fn summary(self, uuid: AccountUuid) -> Result<PhysicianSummary, Corrupt> {
        let columns = ColumnReader::new("account", uuid);
        Ok(PhysicianSummary {
            uuid,
            username: columns.value("username", PersonName::parse(&self.username))?,
            sex: self.sex.map(|code| columns.code("sex", code)).transpose()?,
            hospital: columns.value("hospital", Hospital::parse(&self.hospital))?,
        })
    }
}

/// Combines an inquiry with its parties. A function, because the rows are a tuple.
pub(crate) fn details((row, patient, physician): InquiryRows) -> Result<InquiryDetails, Corrupt> {
    let inquiry = Inquiry::try_from(row)?;
    let columns = ColumnReader::new("inquiry", inquiry.id);
    let patient = columns.present("patient_uuid", patient)?.summary(inquiry.patient)?;
    let physician = match inquiry.physician() {
        Some(uuid) => Some(columns.present("physician_uuid", physician)?.summary(uuid)?),
        None => None,
    };
    Ok(InquiryDetails { inquiry, patient, physician })
}

/// A new inquiry row.
#[derive(Insertable)]
#[diesel(table_name = inquiry, treat_none_as_default_value = false)]
pub(crate) struct NewInquiryRow<'a> {
    version: i32,
    patient_uuid: String,
    patient_username: &'a str,
    visit_type: i16,
    appointment_time: NaiveDateTime,
    reserved_phone: Option<&'a str>,
    detail: &'a str,
    status: i16,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl<'a> NewInquiryRow<'a> {
    pub(crate) fn new(draft: &'a InquiryDraft, at: Timestamp) -> Self {
        Self {
            version: Version::FIRST.0,
            patient_uuid: draft.patient.uuid.to_string(),
            patient_username: draft.patient.username.as_str(),
            visit_type: draft.visit_type.code(),
            appointment_time: draft.appointment_time.local(),
            reserved_phone: draft.reserved_phone.as_ref().map(ReservedPhone::as_str),
            detail: draft.detail.as_str(),
            status: InquiryStatus::Submitted.code(),
            created_at: stored_time(at),
            updated_at: stored_time(at),
        }
    }
}
