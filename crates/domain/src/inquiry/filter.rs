//! Filters of lists of inquiries.

use super::InquiryStatus;
use crate::account::AccountUuid;
use crate::enumeration::StatusSet;
use crate::time::Timestamp;

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
    /// Only those whose next step was due before this time.
    pub due_before: Option<Timestamp>,
}

impl InquiryFilter {
    /// All inquiries of this party.
    pub fn all_of(party: InquiryParty) -> Self {
        Self::in_statuses(party, StatusSet::all())
    }

    /// The inquiries of this party that are in these statuses.
    pub fn in_statuses(party: InquiryParty, statuses: StatusSet<InquiryStatus>) -> Self {
        Self { party, statuses, due_before: None }
    }

    /// Everybody's inquiries whose next step was due before this time.
    pub fn overdue(now: Timestamp) -> Self {
        Self { due_before: Some(now), ..Self::all_of(InquiryParty::Anyone) }
    }
}
