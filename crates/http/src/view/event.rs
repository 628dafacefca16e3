//! Events as clients and webhook receivers see them.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::event::Event;
use yilin_domain::time::HospitalZone;

use super::wire::{Wire, WireEventType, WireSubjectKind};

/// A state change of a record. Contains neither names nor medical text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
pub(crate) struct EventView {
    /// The event's id; later events have larger numbers.
    #[schema(example = "17", pattern = "^[0-9]+$")]
    id: String,
    #[serde(rename = "type")]
    event_type: WireEventType,
    /// Time of the change, in the hospital's time zone.
    #[schema(example = "2024-10-02 20:30:15")]
    at: String,
    subject: SubjectView,
    /// The record's status after the change; of a medical record, its inquiry's status.
    #[schema(example = "accepted")]
    status: &'static str,
}

/// The record of an event.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EventSubject)]
struct SubjectView {
    kind: WireSubjectKind,
    id: i64,
}

impl EventView {
    pub(crate) fn new(event: &Event, zone: HospitalZone) -> Self {
        let content = &event.content;
        let (kind, id) = (Wire(content.subject.kind()), content.subject.id());
        Self {
            id: event.id.to_string(),
            event_type: Wire(content.event_type),
            at: zone.render(content.at),
            subject: SubjectView { kind, id },
            status: content.subject.status_name(),
        }
    }
}

/// An event as it is sent to listeners and webhook receivers: JSON without line breaks.
pub fn event_json(event: &Event, zone: HospitalZone) -> Result<String, serde_json::Error> {
    serde_json::to_string(&EventView::new(event, zone))
}
