//! Rows of webhook deliveries.

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable};
use yilin_domain::event::Event;
use yilin_domain::time::Timestamp;
use yilin_domain::webhook::{Delivery, FailureText, GivenUp};

use super::column_reader::{ColumnReader, stored_time};
use super::event::EventRow;
use crate::error::Corrupt;
use crate::schema::webhook_delivery;

/// A delivery as it is read: the whole row.
#[derive(Queryable)]
pub(crate) struct DeliveryRow {
    pub(crate) sequence: i64,
    event_type: i16,
    happened_at: NaiveDateTime,
    subject_kind: i16,
    subject_id: i64,
    status: i16,
    patient_uuid: String,
    physician_uuid: Option<String>,
    former_physician_uuid: Option<String>,
    _state: i16,
    _claim: i32,
    failures: i32,
    queued_at: NaiveDateTime,
    _due_at: NaiveDateTime,
    _was_down: bool,
    failure: String,
}

impl DeliveryRow {
    /// The delivery under this claim.
    pub(crate) fn claimed(self, claim: i32) -> Result<Delivery, Corrupt> {
        let (failures, queued_at) = (self.failures()?, self.queued_at.and_utc());
        Ok(Delivery { event: self.event()?, claim, failures, queued_at })
    }

    fn failures(&self) -> Result<u32, Corrupt> {
        ColumnReader::new("webhook_delivery", self.sequence).value("failures", u32::try_from(self.failures))
    }

    fn event(self) -> Result<Event, Corrupt> {
        Event::try_from(EventRow {
            id: self.sequence,
            event_type: self.event_type,
            happened_at: self.happened_at,
            subject_kind: self.subject_kind,
            subject_id: self.subject_id,
            status: self.status,
            patient_uuid: self.patient_uuid,
            physician_uuid: self.physician_uuid,
            former_physician_uuid: self.former_physician_uuid,
        })
    }
}

impl TryFrom<DeliveryRow> for GivenUp {
    type Error = Corrupt;

    fn try_from(row: DeliveryRow) -> Result<Self, Corrupt> {
        let (failures, queued_at) = (row.failures()?, row.queued_at.and_utc());
        let reason = FailureText::clipped(&row.failure);
        Ok(Self { event: row.event()?, failures, queued_at, reason })
    }
}

/// A delivery to queue.
#[derive(Insertable)]
#[diesel(table_name = webhook_delivery, treat_none_as_default_value = false)]
pub(crate) struct NewDeliveryRow {
    sequence: i64,
    event_type: i16,
    happened_at: NaiveDateTime,
    subject_kind: i16,
    subject_id: i64,
    status: i16,
    patient_uuid: String,
    physician_uuid: Option<String>,
    former_physician_uuid: Option<String>,
    state: i16,
    claim: i32,
    failures: i32,
    queued_at: NaiveDateTime,
    due_at: NaiveDateTime,
    was_down: bool,
    failure: String,
}

impl NewDeliveryRow {
    /// A delivery of this event in this state, queued and due at this time.
    pub(crate) fn new(event: EventRow, state: i16, at: Timestamp) -> Self {
        let at = stored_time(at);
        Self {
            sequence: event.id,
            event_type: event.event_type,
            happened_at: event.happened_at,
            subject_kind: event.subject_kind,
            subject_id: event.subject_id,
            status: event.status,
            patient_uuid: event.patient_uuid,
            physician_uuid: event.physician_uuid,
            former_physician_uuid: event.former_physician_uuid,
            state,
            claim: 0,
            failures: 0,
            queued_at: at,
            due_at: at,
            was_down: false,
            failure: String::new(),
        }
    }
}
