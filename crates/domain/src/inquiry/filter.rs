//! Filters of lists of inquiries.

use chrono::NaiveDate;

use super::{InquiryDetails, InquiryStatus};
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

/// The patients whose visits are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatientCriterion {
    /// This patient.
    Is(AccountUuid),
    /// All whose name contains this text literally. Never empty.
    Named(String),
}

/// A range of days; without a bound, it is open on that side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DayRange {
    /// The first day.
    pub first: Option<NaiveDate>,
    /// The last day (inclusive).
    pub last: Option<NaiveDate>,
}

impl DayRange {
    /// Whether the day is in the range.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.first.is_none_or(|first| first <= day) && self.last.is_none_or(|last| day <= last)
    }

    /// Whether it contains every day.
    pub fn is_all(self) -> bool {
        self == Self::default()
    }
}

/// Filter of the hospital's list of visits: those that meet every criterion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitFilter {
    /// Their statuses.
    pub statuses: StatusSet<InquiryStatus>,
    /// Only those whose next step was due before this time.
    pub due_before: Option<Timestamp>,
    /// The days of their appointments.
    pub days: DayRange,
    /// Only those with this current physician.
    pub physician: Option<AccountUuid>,
    /// Only those of these patients.
    pub patient: Option<PatientCriterion>,
}

impl VisitFilter {
    /// Every visit.
    pub fn all() -> Self {
        Self {
            statuses: StatusSet::all(),
            due_before: None,
            days: DayRange::default(),
            physician: None,
            patient: None,
        }
    }

    /// Whether the status is the only criterion.
    pub fn is_of_statuses_only(&self) -> bool {
        *self == Self { statuses: self.statuses.clone(), ..Self::all() }
    }

    /// Whether the visit meets every criterion.
    pub fn admits(&self, details: &InquiryDetails) -> bool {
        let inquiry = &details.inquiry;
        self.statuses.contains(inquiry.status())
            && self.due_before.is_none_or(|now| inquiry.is_overdue(now))
            && self.days.contains(inquiry.appointment_time.local().date())
            && self.physician.is_none_or(|physician| inquiry.physician() == Some(physician))
            && self.patient.as_ref().is_none_or(|patient| match patient {
                PatientCriterion::Is(uuid) => inquiry.patient == *uuid,
                PatientCriterion::Named(text) => details.patient.username.as_str().contains(text),
            })
    }
}
