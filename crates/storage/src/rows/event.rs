//! Rows of events.

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable};
use yilin_domain::event::{Event, EventId, NewEvent, Parties, Subject, SubjectKind};
use yilin_domain::id::{DrugOrderId, InquiryId, MedicalRecordId};

use super::code::StoredCode;
use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;
use crate::schema::{event, event_outbox};

/// An event as it is read: with the row's id in the outbox, or with its number.
#[derive(Queryable)]
pub(crate) struct EventRow {
    pub(crate) id: i64,
    pub(super) event_type: i16,
    pub(super) happened_at: NaiveDateTime,
    pub(super) subject_kind: i16,
    pub(super) subject_id: i64,
    pub(super) status: i16,
    pub(super) patient_uuid: String,
    pub(super) physician_uuid: Option<String>,
    pub(super) former_physician_uuid: Option<String>,
}

impl TryFrom<EventRow> for Event {
    type Error = Corrupt;

    fn try_from(row: EventRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("event", row.id);
        let id = row.subject_id;
        let subject = match columns.code("subject_kind", row.subject_kind)? {
            SubjectKind::Inquiry => Subject::Inquiry(InquiryId(id), columns.code("status", row.status)?),
            SubjectKind::DrugOrder => {
                Subject::DrugOrder(DrugOrderId(id), columns.code("status", row.status)?)
            }
            SubjectKind::MedicalRecord => {
                Subject::MedicalRecord(MedicalRecordId(id), columns.code("status", row.status)?)
            }
        };
        let physician = |column, uuid: &Option<String>| columns.uuid_or_none(column, uuid.as_deref());
        Ok(Self {
            id: EventId(row.id),
            content: NewEvent {
                event_type: columns.code("event_type", row.event_type)?,
                at: row.happened_at.and_utc(),
                subject,
                parties: Parties {
                    patient: columns.uuid("patient_uuid", &row.patient_uuid)?,
                    physician: physician("physician_uuid", &row.physician_uuid)?,
                    former_physician: physician("former_physician_uuid", &row.former_physician_uuid)?,
                },
            },
        })
    }
}

fn status_code(subject: Subject) -> i16 {
    match subject {
        Subject::Inquiry(_, status) | Subject::MedicalRecord(_, status) => status.code(),
        Subject::DrugOrder(_, status) => status.code(),
    }
}

/// An event to store in the outbox.
#[derive(Insertable)]
#[diesel(table_name = event_outbox, treat_none_as_default_value = false)]
pub(crate) struct NewPendingEventRow {
    event_type: i16,
    happened_at: NaiveDateTime,
    subject_kind: i16,
    subject_id: i64,
    status: i16,
    patient_uuid: String,
    physician_uuid: Option<String>,
    former_physician_uuid: Option<String>,
}

impl From<&NewEvent> for NewPendingEventRow {
    fn from(event: &NewEvent) -> Self {
        let parties = &event.parties;
        Self {
            event_type: event.event_type.code(),
            happened_at: stored_time(event.at),
            subject_kind: event.subject.kind().code(),
            subject_id: event.subject.id(),
            status: status_code(event.subject),
            patient_uuid: parties.patient.to_string(),
            physician_uuid: parties.physician.map(|uuid| uuid.to_string()),
            former_physician_uuid: parties.former_physician.map(|uuid| uuid.to_string()),
        }
    }
}

/// An event to store with its number.
#[derive(Insertable)]
#[diesel(table_name = event, treat_none_as_default_value = false)]
pub(crate) struct NewEventRow {
    sequence: i64,
    event_type: i16,
    happened_at: NaiveDateTime,
    subject_kind: i16,
    subject_id: i64,
    status: i16,
    patient_uuid: String,
    physician_uuid: Option<String>,
    former_physician_uuid: Option<String>,
}

impl NewEventRow {
    /// The row of the outbox with this number.
    pub(crate) fn numbered(pending: EventRow, sequence: i64) -> Self {
        Self {
            sequence,
            event_type: pending.event_type,
            happened_at: pending.happened_at,
            subject_kind: pending.subject_kind,
            subject_id: pending.subject_id,
            status: pending.status,
            patient_uuid: pending.patient_uuid,
            physician_uuid: pending.physician_uuid,
            former_physician_uuid: pending.former_physician_uuid,
        }
    }
}
