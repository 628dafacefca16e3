//! Submissions, and recognising repeated ones.

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use super::{Deadlines, Inquiry, InquiryDetails, InquiryDraft, InquiryStatus};
use crate::account::ReservedPhone;
use crate::idempotency::{KeyUsed, Receipt};
use crate::time::Timestamp;

/// A request for a visit that is ready to be stored.
#[derive(Debug, Clone)]
pub struct Submission {
    /// The request.
    pub draft: InquiryDraft,
    /// When appointing a physician is due, if a deadline applies.
    pub due_at: Option<Timestamp>,
    /// Identifies repetitions of this request; `None` if an equal request is a separate one.
    pub repetition: Option<RepetitionDigest>,
    /// How the request is answered, if it has a key: the answer is stored together with the inquiry. Then it repeats no
    /// earlier one.
    pub receipt: Option<Receipt<InquiryDetails>>,
}

impl Submission {
    /// A request made at this time; an equal one is a separate request.
    pub fn new(draft: InquiryDraft, deadlines: &Deadlines, at: Timestamp) -> Self {
        let due_at = deadlines.due_at(InquiryStatus::Submitted, at, draft.appointment_time);
        Self { draft, due_at, repetition: None, receipt: None }
    }

    /// The same request with a key, so that it creates one inquiry however often it is sent.
    #[must_use]
    pub fn with_receipt(self, receipt: Receipt<InquiryDetails>) -> Self {
        Self { receipt: Some(receipt), ..self }
    }

    /// The same request, such that an equal one without a key of the same patient soon after counts as its repetition.
    #[must_use]
    pub fn repeatable(self) -> Self {
        let repetition = Some(RepetitionDigest::of(&self.draft));
        Self { repetition, ..self }
    }

    /// Whether this request at this time repeats the equal one that created this inquiry.
    pub fn repeats(&self, earlier: &Inquiry, at: Timestamp) -> bool {
        self.receipt.is_none()
            && earlier.status() == InquiryStatus::Submitted
            && at - earlier.created_at < RepetitionDigest::WINDOW
    }
}

/// SHA-256 over every field of a request except the patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RepetitionDigest([u8; 32]);

impl RepetitionDigest {
    /// How long after a request an equal one counts as its repetition.
    pub const WINDOW: TimeDelta = TimeDelta::minutes(10);

    fn of(draft: &InquiryDraft) -> Self {
        let phone = draft.reserved_phone.as_ref().map_or("", ReservedPhone::as_str);
        let time = draft.appointment_time.to_string();
        let mut hash = Sha256::new();
        for field in [draft.visit_type.as_str(), &time, phone, draft.detail.as_str()] {
            hash.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(field);
        }
        Self(hash.finalize().into())
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The result of storing a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Submitted {
    /// A new inquiry.
    New(InquiryDetails),
    /// The inquiry that an equal request created before; nothing was stored.
    Repeated(InquiryDetails),
    /// A request with the same key was answered before; nothing was stored.
    KeyUsed,
}

impl Submitted {
    /// The inquiry, new or not.
    pub fn into_details(self) -> Result<InquiryDetails, KeyUsed> {
        match self {
            Self::New(details) | Self::Repeated(details) => Ok(details),
            Self::KeyUsed => Err(KeyUsed),
        }
    }
}
