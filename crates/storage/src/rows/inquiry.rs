//! Rows of inquiries, with their parties.

#![expect(clippy::ref_option_ref, reason = "Diesel's derive takes references to all fields")]

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use yilin_domain::account::{AccountUuid, Hospital, PersonName, ReservedPhone};
use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{
    Inquiry, InquiryDetail, InquiryDetails, InquiryState, InquiryStatus, PatientSummary, PhysicianSummary,
    ScheduledVisit, StateParts, Submission, UnfitPart,
};
use yilin_domain::reason::Reason;
use yilin_domain::time::{AppointmentTime, Timestamp};

use super::code::StoredCode;
use super::column_reader::{ColumnReader, stored_time};
use super::known_age::KnownAgeColumns;
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
    status_reason: Option<String>,
    cancelled_from: Option<i16>,
    due_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// The columns of a patient: name, sex, and what is known of the age.
#[derive(Queryable)]
pub(crate) struct PatientRow {
    pub(super) username: String,
    pub(super) sex: Option<i16>,
    pub(super) age: Option<i16>,
    pub(super) age_given_on: Option<NaiveDate>,
    pub(super) birth_date: Option<NaiveDate>,
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
        let reason = row.status_reason.as_deref();
        let reason = reason.map(|text| columns.value("status_reason", Reason::parse(text))).transpose()?;
        let before = row.cancelled_from.map(|code| columns.code("cancelled_from", code)).transpose()?;
        let parts = StateParts { status, physician, reason, cancelled_from: before };
        let state = InquiryState::of_parts(parts)
            .map_err(|part| columns.corrupt(column_of(part), format_args!("impossible while {status:?}")))?;
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
            due_at: row.due_at.map(|due_at| due_at.and_utc()),
            created_at: row.created_at.and_utc(),
            updated_at: row.updated_at.and_utc(),
        })
    }
}

/// The column of a part of the state.
const fn column_of(part: UnfitPart) -> &'static str {
    match part {
        UnfitPart::Physician => "physician_uuid",
        UnfitPart::Reason => "status_reason",
        UnfitPart::CancelledFrom => "cancelled_from",
    }
}

/// The columns of an inquiry's state, for a statement that changes it; only the physician's are apart.
#[derive(AsChangeset)]
#[diesel(table_name = inquiry, treat_none_as_null = true)]
pub(crate) struct StateColumns<'a> {
    status: i16,
    status_reason: Option<&'a str>,
    cancelled_from: Option<i16>,
}

impl<'a> StateColumns<'a> {
    pub(crate) fn new(state: &'a InquiryState) -> Self {
        Self {
            status: state.status().code(),
            status_reason: state.reason().map(Reason::as_str),
            cancelled_from: state.cancelled_from().map(StoredCode::code),
        }
    }
}

/// A visit of a schedule: id, time, status, kind, patient.
#[derive(Queryable)]
pub(crate) struct ScheduledVisitRow((i64, NaiveDateTime, i16, i16, String), Option<PatientRow>);

impl TryFrom<ScheduledVisitRow> for ScheduledVisit {
    type Error = Corrupt;

    fn try_from(
        ScheduledVisitRow((id, time, status, visit_type, patient), row): ScheduledVisitRow,
    ) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("inquiry", id);
        let uuid = columns.uuid("patient_uuid", &patient)?;
        Ok(Self {
            id: InquiryId(id),
            appointment_time: columns.value("appointment_time", AppointmentTime::new(time))?,
            status: columns.code("status", status)?,
            visit_type: columns.code("visit_type", visit_type)?,
            patient: columns.present("patient_uuid", row)?.summary(uuid)?,
        })
    }
}

impl PatientRow {
    pub(crate) fn summary(self, uuid: AccountUuid) -> Result<PatientSummary, Corrupt> {
        let columns = ColumnReader::new("account", uuid);
        let Self { age, age_given_on, birth_date, .. } = self;
        let age = KnownAgeColumns { age, age_given_on, birth_date };
        Ok(PatientSummary {
            uuid,
            username: columns.value("username", PersonName::parse(&self.username))?,
            sex: self.sex.map(|code| columns.code("sex", code)).transpose()?,
            age: age.value(&columns)?,
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
    due_at: Option<NaiveDateTime>,
    repetition: Option<&'a [u8]>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

impl<'a> NewInquiryRow<'a> {
    pub(crate) fn new(submission: &'a Submission, at: Timestamp) -> Self {
        let Submission { draft, due_at, repetition, receipt: _ } = submission;
        Self {
            version: Version::FIRST.0,
            patient_uuid: draft.patient.uuid.to_string(),
            patient_username: draft.patient.username.as_str(),
            visit_type: draft.visit_type.code(),
            appointment_time: draft.appointment_time.local(),
            reserved_phone: draft.reserved_phone.as_ref().map(ReservedPhone::as_str),
            detail: draft.detail.as_str(),
            status: InquiryStatus::Submitted.code(),
            due_at: due_at.map(stored_time),
            repetition: repetition.as_ref().map(|digest| digest.as_bytes().as_slice()),
            created_at: stored_time(at),
            updated_at: stored_time(at),
        }
    }
}
