//! The statuses of a drug order, and the transitions between them.

use super::DrugOrderTransition;
use crate::account::AccountUuid;
use crate::enumeration::named_enum;
use crate::error::IllegalStep;
use crate::event::EventType;
use crate::file::FileReference;
use crate::id::{DrugOrderId, InquiryId, MedicalRecordId, Version};
use crate::medical_record::MedicalRecord;
use crate::time::Timestamp;
use crate::transition::{Provenance, Transition};

named_enum! {
    /// The status of a drug order.
    pub enum DrugOrderStatus {
        /// The drugs have not been purchased yet.
        Pending = "pending",
        /// The physician has purchased the drugs.
        Purchased = "purchased",
        /// The physician has dispatched the drugs, with a certificate.
        Dispatched = "dispatched",
        /// The hospital has confirmed receipt by the patient.
        Received = "received",
    }
}

impl DrugOrderStatus {
    /// Whether the drugs have been purchased.
    pub const fn is_purchased(self) -> bool {
        match self {
            Self::Pending => false,
            Self::Purchased | Self::Dispatched | Self::Received => true,
        }
    }

    /// Whether the hospital is to confirm receipt by the patient.
    pub const fn awaits_confirmation(self) -> bool {
        match self {
            Self::Dispatched => true,
            Self::Pending | Self::Purchased | Self::Received => false,
        }
    }

    /// Whether the hospital has confirmed receipt by the patient.
    pub const fn is_received(self) -> bool {
        match self {
            Self::Pending | Self::Purchased | Self::Dispatched => false,
            Self::Received => true,
        }
    }
}

/// The state of a drug order, with the data of each status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrugOrderState {
    /// The drugs have not been purchased yet.
    Pending,
    /// The physician has purchased the drugs.
    Purchased,
    /// The physician has dispatched the drugs.
    Dispatched {
        /// Invoice and proof of delivery.
        certificate: FileReference,
    },
    /// The hospital has confirmed receipt by the patient.
    Received {
        /// Invoice and proof of delivery.
        certificate: FileReference,
    },
}

/// An order for a physician to purchase drugs and deliver them to the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrugOrder {
    /// Its database id.
    pub id: DrugOrderId,
    /// Its version: the number of changes.
    pub version: Version,
    /// The medical record that requires the drugs.
    pub medical_record: MedicalRecordId,
    /// The inquiry that the record belongs to.
    pub inquiry: InquiryId,
    /// The patient who needs the drugs.
    pub patient: AccountUuid,
    /// The physician who purchases them.
    pub physician: AccountUuid,
    /// Its state.
    pub state: DrugOrderState,
    /// Time of creation.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

impl DrugOrder {
    /// The pending order of a newly created record.
    pub fn pending(
        id: DrugOrderId,
        record: &MedicalRecord,
        patient: AccountUuid,
        physician: AccountUuid,
    ) -> Self {
        Self {
            id,
            version: Version::FIRST,
            medical_record: record.id,
            inquiry: record.inquiry,
            patient,
            physician,
            state: DrugOrderState::Pending,
            created_at: record.created_at,
            updated_at: record.created_at,
        }
    }

    /// Its status.
    pub const fn status(&self) -> DrugOrderStatus {
        match self.state {
            DrugOrderState::Pending => DrugOrderStatus::Pending,
            DrugOrderState::Purchased => DrugOrderStatus::Purchased,
            DrugOrderState::Dispatched { .. } => DrugOrderStatus::Dispatched,
            DrugOrderState::Received { .. } => DrugOrderStatus::Received,
        }
    }

    /// Invoice and proof of delivery, once dispatched.
    pub const fn certificate(&self) -> Option<&FileReference> {
        match &self.state {
            DrugOrderState::Pending | DrugOrderState::Purchased => None,
            DrugOrderState::Dispatched { certificate } | DrugOrderState::Received { certificate } => {
                Some(certificate)
            }
        }
    }

    /// Whether this account is the order's patient or physician.
    pub fn has_party(&self, account: AccountUuid) -> bool {
        self.patient == account || self.physician == account
    }

    /// The physician has purchased the drugs.
    pub fn purchase(self, provenance: Provenance) -> Result<DrugOrderTransition, IllegalStep> {
        match self.state {
            DrugOrderState::Pending => {
                let purchased = |_| DrugOrderState::Purchased;
                Ok(self.move_to(purchased, EventType::DrugOrderPurchased, provenance))
            }
            DrugOrderState::Purchased
            | DrugOrderState::Dispatched { .. }
            | DrugOrderState::Received { .. } => Err(IllegalStep::DrugOrderAlreadyPurchased),
        }
    }

    /// The physician has dispatched the drugs, with a certificate.
    pub fn dispatch(
        self,
        certificate: FileReference,
        provenance: Provenance,
    ) -> Result<DrugOrderTransition, IllegalStep> {
        match self.state {
            DrugOrderState::Pending => Err(IllegalStep::DrugOrderNotPurchased),
            DrugOrderState::Purchased => {
                let dispatched = |_| DrugOrderState::Dispatched { certificate };
                Ok(self.move_to(dispatched, EventType::DrugOrderDispatched, provenance))
            }
            DrugOrderState::Dispatched { .. } | DrugOrderState::Received { .. } => {
                Err(IllegalStep::DrugOrderAlreadyDispatched)
            }
        }
    }

    /// The hospital confirms receipt by the patient.
    pub fn confirm_receipt(self, provenance: Provenance) -> Result<DrugOrderTransition, IllegalStep> {
        match &self.state {
            DrugOrderState::Pending => Err(IllegalStep::DrugOrderNotPurchased),
            DrugOrderState::Purchased => Err(IllegalStep::DrugOrderNotDispatched),
            DrugOrderState::Dispatched { .. } => Ok(self.move_to(
                |state| match state {
                    DrugOrderState::Dispatched { certificate } => DrugOrderState::Received { certificate },
                    other => other,
                },
                EventType::DrugOrderReceived,
                provenance,
            )),
            DrugOrderState::Received { .. } => Err(IllegalStep::DrugOrderAlreadyReceived),
        }
    }

    /// Another physician takes the order over, however far it has come, until it is received.
    pub fn hand_over(
        self,
        physician: AccountUuid,
        provenance: Provenance,
    ) -> Result<DrugOrderTransition, IllegalStep> {
        match self.state {
            DrugOrderState::Pending | DrugOrderState::Purchased | DrugOrderState::Dispatched { .. } => {
                let former = self.physician;
                let handed_over = Self { physician, ..self }.change(|state| state, None, provenance);
                Ok(Transition { former_physician: Some(former), ..handed_over })
            }
            DrugOrderState::Received { .. } => Err(IllegalStep::DrugOrderAlreadyReceived),
        }
    }

    fn move_to(
        self,
        next: impl FnOnce(DrugOrderState) -> DrugOrderState,
        event: EventType,
        provenance: Provenance,
    ) -> DrugOrderTransition {
        self.change(next, Some(event), provenance)
    }

    fn change(
        self,
        next: impl FnOnce(DrugOrderState) -> DrugOrderState,
        event: Option<EventType>,
        provenance: Provenance,
    ) -> DrugOrderTransition {
        let (from, based_on) = (self.status(), self.version);
        let record =
            Self { version: based_on.next(), updated_at: provenance.at, state: next(self.state), ..self };
        Transition { record, from, based_on, provenance, event, former_physician: None }
    }
}

impl DrugOrderTransition {
    /// The physician who gets the drug order by it, and who must not be disabled then.
    pub fn assigned(&self) -> Option<AccountUuid> {
        self.former_physician.map(|_| self.record.physician)
    }
}
