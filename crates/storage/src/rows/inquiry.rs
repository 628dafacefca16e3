#![expect(clippy::ref_option_ref, reason = "what Diesel derives takes references to all fields")]

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::account::{AccountUuid, Age, Hospital, PersonName, ReservedPhone};
use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{
    Inquiry, InquiryDetail, InquiryDetails, InquiryDraft, InquiryHistoryEntry, InquiryState, InquiryStatus,
    PatientSummary, PhysicianSummary,
};
use yilin_domain::time::{AppointmentTime, Timestamp};

use super::code::{inquiry_status_code, inquiry_status_of, sex_of, visit_type_code, visit_type_of};
use super::history::HistoryRow;
use super::reading::{Reading, stored_time};
use crate::error::Corrupt;
use crate::schema::inquiry;

/// An inquiry, as it is read.
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

/// What is read of a patient: name, sex, age.
#[derive(Queryable)]
pub(crate) struct PatientRow {
    pub(super) username: String,
    pub(super) sex: Option<i16>,
    pub(super) age: Option<i16>,
}

/// What is read of a physician: name, sex, hospital.
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
        let reading = Reading::new("inquiry", row.id);
        let status = reading.code("status", row.status, inquiry_status_of)?;
        let physician = reading.uuid_or_none("physician_uuid", row.physician_uuid.as_deref())?;
        let state = state(status, physician)
            .ok_or_else(|| reading.corrupt("physician_uuid", format_args!("impossible while {status:?}")))?;
        let phone = row.reserved_phone.as_deref();
        Ok(Self {
            id: InquiryId(row.id),
            version: Version(row.version),
            patient: reading.uuid("patient_uuid", &row.patient_uuid)?,
            visit_type: reading.code("visit_type", row.visit_type, visit_type_of)?,
            appointment_time: reading
                .value("appointment_time", AppointmentTime::new(row.appointment_time))?,
            reserved_phone: phone
                .map(|text| reading.value("reserved_phone", ReservedPhone::parse(text)))
                .transpose()?,
            detail: reading.value("detail", InquiryDetail::parse(&row.detail))?,
            state,
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

fn state(status: InquiryStatus, physician: Option<AccountUuid>) -> Option<InquiryState> {
    Some(match (status, physician) {
        (InquiryStatus::Submitted, None) => InquiryState::Submitted,
        (InquiryStatus::Assigned, Some(physician)) => InquiryState::Assigned { physician },
        (InquiryStatus::Accepted, Some(physician)) => InquiryState::Accepted { physician },
        (InquiryStatus::Registered, Some(physician)) => InquiryState::Registered { physician },
        (InquiryStatus::Approved, Some(physician)) => InquiryState::Approved { physician },
        _ => return None,
    })
}

impl PatientRow {
    pub(crate) fn summary(self, uuid: AccountUuid) -> Result<PatientSummary, Corrupt> {
        let reading = Reading::new("account", uuid);
        Ok(PatientSummary {
            uuid,
            username: reading.value("username", PersonName::parse(&self.username))?,
            sex: self.sex.map(|code| reading.code("sex", code, sex_of)).transpose()?,
            age: self.age.map(|years| reading.value("age", Age::new(years.into()))).transpose()?,
        })
    }
}

impl PhysicianRow {
    pub(super) fn summary(self, uuid: AccountUuid) -> Result<PhysicianSummary, Corrupt> {
        let reading = Reading::new("account", uuid);
        Ok(PhysicianSummary {
            uuid,
            username: reading.value("username", PersonName::parse(&self.username))?,
            sex: self.sex.map(|code| reading.code("sex", code, sex_of)).transpose()?,
            hospital: reading.value("hospital", Hospital::parse(&self.hospital))?,
        })
    }
}

/// Puts an inquiry together with its parties. A function, because the rows are a tuple.
pub(crate) fn details((row, patient, physician): InquiryRows) -> Result<InquiryDetails, Corrupt> {
    let inquiry = Inquiry::try_from(row)?;
    let reading = Reading::new("inquiry", inquiry.id);
    let patient = reading.present("patient_uuid", patient)?.summary(inquiry.patient)?;
    let physician = match inquiry.physician() {
        Some(uuid) => Some(reading.present("physician_uuid", physician)?.summary(uuid)?),
        None => None,
    };
    Ok(InquiryDetails { inquiry, patient, physician })
}

/// An inquiry, as it is stored for the first time.
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
    pub(crate) fn new(draft: &'a InquiryDraft, patient: &'a PatientSummary, at: Timestamp) -> Self {
        Self {
            version: Version::FIRST.0,
            patient_uuid: draft.patient.to_string(),
            patient_username: patient.username.as_str(),
            visit_type: visit_type_code(draft.visit_type),
            appointment_time: draft.appointment_time.local(),
            reserved_phone: draft.reserved_phone.as_ref().map(ReservedPhone::as_str),
            detail: draft.detail.as_str(),
            status: inquiry_status_code(InquiryStatus::Submitted),
            created_at: stored_time(at),
            updated_at: stored_time(at),
        }
    }
}

impl TryFrom<HistoryRow> for InquiryHistoryEntry {
    type Error = Corrupt;

    fn try_from(row: HistoryRow) -> Result<Self, Corrupt> {
        row.entry("inquiry_history", inquiry_status_of)
    }
}
