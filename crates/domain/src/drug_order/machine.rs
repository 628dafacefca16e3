//! The drug order's states, and the moves between them.

use super::DrugOrderTransition;
use crate::account::AccountUuid;
use crate::enumeration::named_enum;
use crate::error::IllegalStep;
use crate::file::FileReference;
use crate::id::{DrugOrderId, InquiryId, MedicalRecordId, Version};
use crate::medical_record::MedicalRecord;
use crate::time::Timestamp;
use crate::transition::{Provenance, Transition};

named_enum! {
    /// How far a drug order has come.
    pub enum DrugOrderStatus {
        /// The drugs have to be bought.
        Pending = "pending",
        /// The physician has bought the drugs.
        Purchased = "purchased",
        /// The physician has sent the drugs, with proof.
        Dispatched = "dispatched",
        /// The hospital has confirmed that the patient has them.
        Received = "received",
    }
}

impl DrugOrderStatus {
    /// Whether the drugs have been bought.
    pub const fn is_purchased(self) -> bool {
        match self {
            Self::Pending => false,
            Self::Purchased | Self::Dispatched | Self::Received => true,
        }
    }

    /// Whether the hospital has confirmed that the patient has the drugs.
    pub const fn is_received(self) -> bool {
        match self {
            Self::Pending | Self::Purchased | Self::Dispatched => false,
            Self::Received => true,
        }
    }
}

/// The state of a drug order, with what only that state has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrugOrderState {
    /// The drugs have to be bought.
    Pending,
    /// The physician has bought the drugs.
    Purchased,
    /// The physician has sent the drugs.
    Dispatched {
        /// Invoice and proof of delivery.
        certificate: FileReference,
    },
    /// The hospital has confirmed that the patient has them.
    Received {
        /// Invoice and proof of delivery.
        certificate: FileReference,
    },
}

/// An order to a physician to buy drugs and bring them to the patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrugOrder {
    /// The database's number for it.
    pub id: DrugOrderId,
    /// How often it has been changed.
    pub version: Version,
    /// The record that asks for the drugs.
    pub medical_record: MedicalRecordId,
    /// The inquiry that the record belongs to.
    pub inquiry: InquiryId,
    /// Who needs the drugs.
    pub patient: AccountUuid,
    /// Who buys them.
    pub physician: AccountUuid,
    /// How far it has come.
    pub state: DrugOrderState,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

impl DrugOrder {
    /// The order that a record which has just been made asks for.
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

    /// How far it has come.
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

    /// The physician has bought the drugs.
    pub fn purchase(self, provenance: Provenance) -> Result<DrugOrderTransition, IllegalStep> {
        match self.state {
            DrugOrderState::Pending => Ok(self.move_to(|_| DrugOrderState::Purchased, provenance)),
            DrugOrderState::Purchased
            | DrugOrderState::Dispatched { .. }
            | DrugOrderState::Received { .. } => Err(IllegalStep::DrugOrderAlreadyPurchased),
        }
    }

    /// The physician has sent the drugs and proves it.
    pub fn dispatch(
        self,
        certificate: FileReference,
        provenance: Provenance,
    ) -> Result<DrugOrderTransition, IllegalStep> {
        match self.state {
            DrugOrderState::Pending => Err(IllegalStep::DrugOrderNotPurchased),
            DrugOrderState::Purchased => {
                Ok(self.move_to(|_| DrugOrderState::Dispatched { certificate }, provenance))
            }
            DrugOrderState::Dispatched { .. } | DrugOrderState::Received { .. } => {
                Err(IllegalStep::DrugOrderAlreadyDispatched)
            }
        }
    }

    /// The hospital confirms that the patient has the drugs.
    pub fn confirm_receipt(self, provenance: Provenance) -> Result<DrugOrderTransition, IllegalStep> {
        match &self.state {
            DrugOrderState::Pending => Err(IllegalStep::DrugOrderNotPurchased),
            DrugOrderState::Purchased => Err(IllegalStep::DrugOrderNotDispatched),
            DrugOrderState::Dispatched { .. } => Ok(self.move_to(
                |state| match state {
                    DrugOrderState::Dispatched { certificate } => DrugOrderState::Received { certificate },
                    other => other,
                },
                provenance,
            )),
            DrugOrderState::Received { .. } => Err(IllegalStep::DrugOrderAlreadyReceived),
        }
    }

    fn move_to(
        self,
        next: impl FnOnce(DrugOrderState) -> DrugOrderState,
        provenance: Provenance,
    ) -> DrugOrderTransition {
        let (from, based_on) = (self.status(), self.version);
        let record =
            Self { version: based_on.next(), updated_at: provenance.at, state: next(self.state), ..self };
        Transition { record, from, based_on, provenance }
    }
}
