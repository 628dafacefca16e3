//! Filters of lists of inquiries.

use super::InquiryStatus;
use crate::account::AccountUuid;
use crate::enumeration::StatusSet;

/// The party whose inquiries are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InquiryParty {
    /// All parties.
    Anyone,
    /// A patient's own inquiries.
    Patient(AccountUuid),
    /// Inquiries with this current physician.
    Physician(AccountUuid),
    /// Inquiries whose patient's name contains this text literally. Never empty.
    PatientNamed(String),
    /// Inquiries whose physician's name contains this text literally. Never empty.
    PhysicianNamed(String),
}

/// Filter of a list of inquiries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InquiryFilter {
    /// The party.
    pub party: InquiryParty,
    /// The statuses.
    pub statuses: StatusSet<InquiryStatus>,
}

impl InquiryFilter {
    /// All inquiries of this party.
    pub fn all_of(party: InquiryParty) -> Self {
        Self { party, statuses: StatusSet::all() }
    }
}
