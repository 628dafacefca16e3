//! The event that announces a transition.

use super::{EventType, NewEvent, Parties, Subject};
use crate::account::AccountUuid;
use crate::drug_order::{DrugOrderStatus, DrugOrderTransition};
use crate::id::DrugOrderId;
use crate::inquiry::{Amendment, Inquiry, InquiryTransition};
use crate::time::Timestamp;

impl InquiryTransition {
    /// The event that announces the transition.
    pub fn announcement(&self) -> Option<NewEvent> {
        let former_physician = self.former_physician;
        let about = |event_type| NewEvent::about(&self.record, event_type, self.provenance.at);
        self.event.map(about).map(|event| event.with_former_physician(former_physician))
    }
}

impl Amendment {
    /// The event that announces the addendum.
    pub fn announcement(&self) -> NewEvent {
        let inquiry = &self.inquiry.record;
        let event = NewEvent::about(inquiry, EventType::MedicalRecordAmended, self.inquiry.provenance.at);
        NewEvent { subject: Subject::MedicalRecord(self.record, inquiry.status()), ..event }
    }
}

impl DrugOrderTransition {
    /// The event that announces the transition.
    pub fn announcement(&self) -> Option<NewEvent> {
        let order = &self.record;
        self.event.map(|event_type| NewEvent {
            event_type,
            at: self.provenance.at,
            subject: Subject::DrugOrder(order.id, order.status()),
            parties: Parties {
                patient: order.patient,
                physician: Some(order.physician),
                former_physician: self.former_physician,
            },
        })
    }
}

impl NewEvent {
    /// An event of an inquiry in its present state.
    pub fn about(inquiry: &Inquiry, event_type: EventType, at: Timestamp) -> Self {
        Self {
            event_type,
            at,
            subject: Subject::Inquiry(inquiry.id, inquiry.status()),
            parties: Parties {
                patient: inquiry.patient,
                physician: inquiry.physician(),
                former_physician: None,
            },
        }
    }

    /// The creation of a drug order.
    pub const fn drug_order_created(
        id: DrugOrderId,
        patient: AccountUuid,
        physician: AccountUuid,
        at: Timestamp,
    ) -> Self {
        Self {
            event_type: EventType::DrugOrderCreated,
            at,
            subject: Subject::DrugOrder(id, DrugOrderStatus::Pending),
            parties: Parties { patient, physician: Some(physician), former_physician: None },
        }
    }

    fn with_former_physician(mut self, former_physician: Option<AccountUuid>) -> Self {
        self.parties.former_physician = former_physician;
        self
    }
}
