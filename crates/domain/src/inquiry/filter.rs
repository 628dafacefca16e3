use std::ops::RangeInclusive;

use super::InquiryStatus;
use crate::account::AccountUuid;

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
    /// In which states: every selection that the clients offer is a range along the way from
    /// submitted to approved.
    pub statuses: RangeInclusive<InquiryStatus>,
}

impl InquiryFilter {
    /// All inquiries of this party.
    pub fn all_of(party: InquiryParty) -> Self {
        Self { party, statuses: InquiryStatus::Submitted..=InquiryStatus::Approved }
    }
}
