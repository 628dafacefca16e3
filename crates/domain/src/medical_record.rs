//! The medical record of one consultation.
//!
//! A record comes into being only by [`Inquiry::register`](crate::inquiry::Inquiry::register),
//! once per inquiry, and is never changed: it waits for the hospital's review until the inquiry
//! is approved, and is then final.

use crate::account::AccountUuid;
use crate::file::FileReference;
use crate::id::{DrugOrderId, InquiryId, MedicalRecordId};
use crate::inquiry::InquiryStatus;
use crate::text::bounded_text;
use crate::time::Timestamp;

bounded_text!(
    /// What the physician found; perhaps nothing worth writing down.
    DiagnosticDescription,
    4000
);

/// What the physician records at the end of a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsultationNotes {
    /// What the physician found.
    pub diagnostic_description: DiagnosticDescription,
    /// The recording of the consultation.
    pub inquiry_video: FileReference,
    /// The picture of the paper record.
    pub medical_img: FileReference,
    /// Whether the physician is to buy drugs for the patient.
    pub needs_drugs: bool,
}

/// How far a medical record has come. Follows from the inquiry it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MedicalRecordStatus {
    /// Recorded, waiting for the hospital's review (FHIR: `preliminary`).
    AwaitingReview,
    /// Reviewed by the hospital (FHIR: `final`).
    Final,
}

impl MedicalRecordStatus {
    /// The status of the record of an inquiry in this state; none while there is no record.
    pub const fn of(inquiry: InquiryStatus) -> Option<Self> {
        match inquiry {
            InquiryStatus::Submitted | InquiryStatus::Assigned | InquiryStatus::Accepted => None,
            InquiryStatus::Registered => Some(Self::AwaitingReview),
            InquiryStatus::Approved => Some(Self::Final),
        }
    }
}

/// The record of one consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicalRecord {
    /// The database's number for it.
    pub id: MedicalRecordId,
    /// The inquiry whose consultation it records.
    pub inquiry: InquiryId,
    /// What was recorded.
    pub notes: ConsultationNotes,
    /// When it was recorded.
    pub created_at: Timestamp,
}

/// What registering a consultation stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The medical record.
    pub record: MedicalRecord,
    /// The drug order, where drugs are needed.
    pub drug_order: Option<DrugOrderId>,
}

/// A medical record and whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientRecord {
    /// The patient.
    pub patient: AccountUuid,
    /// The record.
    pub record: MedicalRecord,
}

/// The parties of an inquiry, and its medical record if it has one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MedicalRecordOfInquiry {
    /// The inquiry's patient.
    pub patient: AccountUuid,
    /// The inquiry's present physician, if one is assigned.
    pub physician: Option<AccountUuid>,
    /// The record, once the consultation has been registered.
    pub record: Option<MedicalRecord>,
}

impl MedicalRecordOfInquiry {
    /// Whether this account is the inquiry's patient or its present physician.
    pub fn has_party(&self, account: AccountUuid) -> bool {
        self.patient == account || self.physician == Some(account)
    }
}
