//! Which inquiries a list shows.

use super::InquiryStatus;
use crate::account::AccountUuid;
use crate::enumeration::StatusSet;

/// Whose inquiries a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InquiryParty {
    /// Everybody's.
    Anyone,
    /// One patient's own.
    Patient(AccountUuid),
    /// Those that a physician is assigned to at present.
    Physician(AccountUuid),
    /// Those whose patient's name contains this text, to the letter. Never empty.
    PatientNamed(String),
    /// Those whose physician's name contains this text, to the letter. Never empty.
    PhysicianNamed(String),
}

/// Which inquiries a list shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InquiryFilter {
    /// Whose.
    pub party: InquiryParty,
    /// In which statuses.
    pub statuses: StatusSet<InquiryStatus>,
}

impl InquiryFilter {
    /// All inquiries of this party.
    pub fn all_of(party: InquiryParty) -> Self {
        Self { party, statuses: StatusSet::all() }
    }
}
