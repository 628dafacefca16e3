//! The medical record of one consultation.
//!
//! A record is created only by [`Inquiry::register`](crate::inquiry::Inquiry::register), once per inquiry,
//! and is never changed: it awaits the hospital's review until the inquiry is approved, and is then final. Additions
//! and corrections are stored as addenda, which are never changed either.

use crate::account::{AccountSummary, AccountUuid};
use crate::file::FileReference;
use crate::id::{DrugOrderId, InquiryId, MedicalRecordId};
use crate::inquiry::InquiryStatus;
use crate::reason::Reason;
use crate::text::{bounded_text, required_text};
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
        if inquiry.is_approved() {
            Some(Self::Final)
        } else if inquiry.has_ended() {
            Some(Self::AwaitingReview)
        } else {
            None
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

required_text!(
    /// The text of an addendum: 1 to 4,000 characters.
    AddendumText,
    4000
);

/// The content of an addendum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddendumNotes {
    /// The text.
    pub text: AddendumText,
    /// An additional image.
    pub medical_img: Option<FileReference>,
    /// An additional recording.
    pub inquiry_video: Option<FileReference>,
}

/// An addendum to a medical record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addendum {
    /// Time of the addendum.
    pub at: Timestamp,
    /// Its author.
    pub by: AccountSummary,
    /// Why it was added.
    pub reason: Reason,
    /// Its content.
    pub notes: AddendumNotes,
}

/// A medical record with its patient and its addenda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientRecord {
    /// The patient.
    pub patient: AccountUuid,
    /// The record.
    pub record: MedicalRecord,
    /// Its addenda, oldest first.
    pub addenda: Vec<Addendum>,
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
    /// Its addenda, oldest first.
    pub addenda: Vec<Addendum>,
}

impl MedicalRecordOfInquiry {
    /// Whether this account is the inquiry's patient or its current physician.
    pub fn has_party(&self, account: AccountUuid) -> bool {
        self.patient == account || self.physician == Some(account)
    }
}
