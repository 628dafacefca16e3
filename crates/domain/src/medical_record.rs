//! The medical record of one consultation.
//!
//! A record is created only by [`Inquiry::register`](crate::inquiry::Inquiry::register), once per inquiry,
//! and is never changed: it awaits the hospital's review until the inquiry is approved, and is then final.

use crate::account::AccountUuid;
use crate::file::FileReference;
use crate::id::{DrugOrderId, InquiryId, MedicalRecordId};
use crate::inquiry::InquiryStatus;
use crate::text::bounded_text;
use crate::time::Timestamp;

bounded_text!(
    /// The physician's findings; may be empty.
    DiagnosticDescription,
    4000
);

/// The physician's notes at the end of a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsultationNotes {
    /// The physician's findings.
    pub diagnostic_description: DiagnosticDescription,
    /// The recording of the consultation.
    pub inquiry_video: FileReference,
    /// The image of the paper record.
    pub medical_img: FileReference,
    /// Whether the physician has to purchase drugs for the patient.
    pub needs_drugs: bool,
}

/// The status of a medical record, derived from its inquiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MedicalRecordStatus {
    /// Recorded, awaiting the hospital's review (FHIR: `preliminary`).
    AwaitingReview,
    /// Reviewed by the hospital (FHIR: `final`).
    Final,
}

impl MedicalRecordStatus {
    /// The record's status for this inquiry status; `None` while there is no record.
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
    /// Its database id.
    pub id: MedicalRecordId,
    /// The inquiry whose consultation it records.
    pub inquiry: InquiryId,
    /// The physician's notes.
    pub notes: ConsultationNotes,
    /// Time of recording.
    pub created_at: Timestamp,
}

/// The result of registering a consultation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The medical record.
    pub record: MedicalRecord,
    /// The drug order, if drugs are needed.
    pub drug_order: Option<DrugOrderId>,
}

/// A medical record and its patient.
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
    /// The inquiry's current physician, if one is assigned.
    pub physician: Option<AccountUuid>,
    /// The record, once the consultation has been registered.
    pub record: Option<MedicalRecord>,
}

impl MedicalRecordOfInquiry {
    /// Whether this account is the inquiry's patient or its current physician.
    pub fn has_party(&self, account: AccountUuid) -> bool {
        self.patient == account || self.physician == Some(account)
    }
}
