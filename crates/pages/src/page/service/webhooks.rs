//! Deliveries to the webhook receiver that were given up.

use yilin_domain::event::Subject;
use yilin_domain::webhook::GivenUp;

use crate::console::Console;
use crate::page::{drug_order, visit};
use crate::parts::When;

/// A delivery that was given up.
pub(super) struct GivenUpRow {
    /// Its event.
    pub(super) event: i64,
    /// The kind of event, as the receiver knows it.
    pub(super) kind: &'static str,
    /// The record, as the receiver knows it.
    pub(super) subject: String,
    /// The record's page, if it has one of its own.
    pub(super) path: Option<String>,
    pub(super) failures: u32,
    pub(super) queued: When,
    pub(super) reason: String,
}

impl GivenUpRow {
    pub(super) fn new(given_up: &GivenUp, console: &Console) -> Self {
        let content = given_up.event.content;
        let path = match content.subject {
            Subject::Inquiry(id, _) => Some(visit::path(id)),
            Subject::DrugOrder(id, _) => Some(drug_order::path(id)),
            Subject::MedicalRecord(..) => None,
        };
        Self {
            event: given_up.event.id.0,
            kind: content.event_type.as_str(),
            subject: format!("{} {}", content.subject.kind().as_str(), content.subject.id()),
            path,
            failures: given_up.failures,
            queued: console.clock().moment(given_up.queued_at),
            reason: given_up.reason.as_str().to_owned(),
        }
    }
}
