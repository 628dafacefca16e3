//! Events: state changes of records, for the parties of the record and the admin.
//!
//! An event is stored in the transaction of the transition it announces, so events and transitions cannot
//! diverge. It gets its [`EventId`] afterwards: ids are gapless and ascend in the order in which readers see
//! the events, so a reader that continues after an id misses nothing. An event identifies a record; it contains
//! neither names nor medical text.

mod announce;
mod audience;

pub use audience::Audience;

use chrono::TimeDelta;

use crate::account::AccountUuid;
use crate::drug_order::DrugOrderStatus;
use crate::enumeration::named_enum;
use crate::id::{DrugOrderId, InquiryId, MedicalRecordId};
use crate::inquiry::InquiryStatus;
use crate::time::Timestamp;
use crate::validation::FieldProblem;

named_enum! {
    /// The kind of state change.
    pub enum EventType {
        /// A visit was requested.
        InquirySubmitted = "inquiry.submitted",
        /// A physician was appointed, or another one.
        InquiryAssigned = "inquiry.assigned",
        /// The physician accepted.
        InquiryAccepted = "inquiry.accepted",
        /// The physician declined.
        InquiryDeclined = "inquiry.declined",
        /// The consultation was recorded.
        InquiryRegistered = "inquiry.registered",
        /// The hospital sent the record back to the physician.
        InquiryReturned = "inquiry.returned",
        /// The hospital approved the record.
        InquiryApproved = "inquiry.approved",
        /// The visit was called off.
        InquiryCancelled = "inquiry.cancelled",
        /// The visit was moved to another time.
        InquiryRescheduled = "inquiry.rescheduled",
        /// A deadline of the inquiry has passed.
        InquiryOverdue = "inquiry.overdue",
        /// The physician added to the record.
        MedicalRecordAmended = "medical_record.amended",
        /// The record asks for drugs.
        DrugOrderCreated = "drug_order.created",
        /// The drugs were bought.
        DrugOrderPurchased = "drug_order.purchased",
        /// The drugs were sent.
        DrugOrderDispatched = "drug_order.dispatched",
        /// The patient has the drugs.
        DrugOrderReceived = "drug_order.received",
    }
}

named_enum! {
    /// The kind of record of an event.
    pub enum SubjectKind {
        /// An inquiry.
        Inquiry = "inquiry",
        /// A drug order.
        DrugOrder = "drug_order",
        /// A medical record.
        MedicalRecord = "medical_record",
    }
}

/// The record of an event, and its status after the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// An inquiry.
    Inquiry(InquiryId, InquiryStatus),
    /// A drug order.
    DrugOrder(DrugOrderId, DrugOrderStatus),
    /// A medical record, with the status of the inquiry that it belongs to.
    MedicalRecord(MedicalRecordId, InquiryStatus),
}

impl Subject {
    /// The kind of record.
    pub const fn kind(self) -> SubjectKind {
        match self {
            Self::Inquiry(..) => SubjectKind::Inquiry,
            Self::DrugOrder(..) => SubjectKind::DrugOrder,
            Self::MedicalRecord(..) => SubjectKind::MedicalRecord,
        }
    }

    /// The record's id.
    pub const fn id(self) -> i64 {
        match self {
            Self::Inquiry(id, _) => id.0,
            Self::DrugOrder(id, _) => id.0,
            Self::MedicalRecord(id, _) => id.0,
        }
    }

    /// The wire name of its status.
    pub const fn status_name(self) -> &'static str {
        match self {
            Self::Inquiry(_, status) | Self::MedicalRecord(_, status) => status.as_str(),
            Self::DrugOrder(_, status) => status.as_str(),
        }
    }
}

/// The accounts that an event concerns, besides the admin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parties {
    /// The record's patient.
    pub patient: AccountUuid,
    /// The record's physician, if it has one.
    pub physician: Option<AccountUuid>,
    /// The physician from whom the transition took the record.
    pub former_physician: Option<AccountUuid>,
}

/// An event to store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewEvent {
    /// The kind of state change.
    pub event_type: EventType,
    /// Time of the change.
    pub at: Timestamp,
    /// The record.
    pub subject: Subject,
    /// The accounts it concerns.
    pub parties: Parties,
}

/// The id of an event: 1, 2, 3 …, without gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId(pub i64);

impl EventId {
    /// The position before the first event.
    pub const START: Self = Self(0);

    /// Parses digits.
    pub fn parse(text: &str) -> Result<Self, FieldProblem> {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        number.map(Self).ok_or(FieldProblem::NotAnEventId)
    }
}

impl std::fmt::Display for EventId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Retention of events.
pub const EVENTS_KEPT: TimeDelta = TimeDelta::days(7);

/// A stored event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// The event.
    pub content: NewEvent,
}

/// Events after a position, in id order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventBatch {
    /// The events.
    pub events: Vec<Event>,
    /// All events up to here have been examined: the next read starts after it.
    pub reached: EventId,
    /// Whether events after the position have been deleted, so that the reader may have missed some.
    pub incomplete: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_digits_alone() {
        assert_eq!(EventId::parse("17"), Ok(EventId(17)));
        assert_eq!(EventId::parse("0"), Ok(EventId::START));
        for text in ["", "-1", "+1", " 1", "1.0", "x", "9223372036854775808", "１"] {
            assert_eq!(EventId::parse(text), Err(FieldProblem::NotAnEventId), "{text}");
        }
    }
}
