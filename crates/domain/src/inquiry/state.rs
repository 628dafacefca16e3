//! The status of an inquiry, and the data of each state.

use crate::account::AccountUuid;
use crate::enumeration::named_enum;
use crate::reason::Reason;

named_enum! {
    /// The status of an inquiry.
    pub enum InquiryStatus {
        /// Waiting for a physician to be appointed.
        Submitted = "submitted",
        /// A physician is appointed and has not answered yet.
        Assigned = "assigned",
        /// The physician has accepted.
        Accepted = "accepted",
        /// The consultation has ended and is recorded.
        Registered = "registered",
        /// The hospital has reviewed the record.
        Approved = "approved",
        /// Cancelled; final.
        Cancelled = "cancelled",
        /// The hospital has returned the record for correction; an addendum is missing.
        Returned = "returned",
    }
}

impl InquiryStatus {
    /// Whether the consultation has ended.
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Submitted | Self::Assigned | Self::Accepted | Self::Cancelled => false,
            Self::Registered | Self::Approved | Self::Returned => true,
        }
    }

    /// Whether the hospital has approved the record.
    pub const fn is_approved(self) -> bool {
        match self {
            Self::Submitted
            | Self::Assigned
            | Self::Accepted
            | Self::Registered
            | Self::Cancelled
            | Self::Returned => false,
            Self::Approved => true,
        }
    }

    /// What it waits for, until it is over.
    pub const fn awaits(self) -> Option<Awaited> {
        match self {
            Self::Submitted => Some(Awaited::Appointment),
            Self::Assigned => Some(Awaited::Answer),
            Self::Accepted => Some(Awaited::Record),
            Self::Registered => Some(Awaited::Approval),
            Self::Returned => Some(Awaited::Addendum),
            Self::Approved | Self::Cancelled => None,
        }
    }

    /// Whether the hospital has not approved a record of it, but still may.
    pub const fn may_be_approved(self) -> bool {
        self.awaits().is_some()
    }

    /// Whether a step to it needs a reason, which its state keeps.
    pub const fn has_reason(self) -> bool {
        match self {
            Self::Submitted | Self::Assigned | Self::Accepted | Self::Registered | Self::Approved => false,
            Self::Cancelled | Self::Returned => true,
        }
    }

    /// Whether the visit takes up its time, because it was made or may still be: it has a place in schedules, and clashes
    /// with others.
    pub const fn takes_place(self) -> bool {
        self.has_ended() || self.awaits().is_some()
    }
}

/// What has to happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Awaited {
    /// The hospital appoints a physician.
    Appointment,
    /// The physician accepts or declines.
    Answer,
    /// The physician makes the visit, and records the consultation.
    Record,
    /// The hospital reviews the record.
    Approval,
    /// The physician adds what was missing.
    Addendum,
}

/// The state of an inquiry, with the data of that state.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum InquiryState {
    /// Waiting for a physician to be appointed.
    Submitted,
    /// A physician is appointed and has not answered yet.
    Assigned {
        /// The appointed physician.
        physician: AccountUuid,
    },
    /// The physician has accepted.
    Accepted {
        /// The physician who will make the visit.
        physician: AccountUuid,
    },
    /// The consultation has ended and is recorded.
    Registered {
        /// The physician who made the visit.
        physician: AccountUuid,
    },
    /// The hospital has reviewed the record.
    Approved {
        /// The physician who made the visit.
        physician: AccountUuid,
    },
    /// Cancelled.
    Cancelled {
        /// The assigned physician at that time, if any.
        assignment: Option<Assignment>,
        /// Why it was cancelled.
        reason: Reason,
    },
    /// The hospital has returned the record for correction.
    Returned {
        /// The physician who made the visit.
        physician: AccountUuid,
        /// What has to be corrected.
        reason: Reason,
    },
}

/// A physician who was assigned, and whether they had accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Assignment {
    /// The physician.
    pub physician: AccountUuid,
    /// Whether the physician had accepted.
    pub accepted: bool,
}

/// A state in parts, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateParts {
    /// The status.
    pub status: InquiryStatus,
    /// The assigned physician; of a cancelled inquiry, the one assigned when it was cancelled.
    pub physician: Option<AccountUuid>,
    /// Why it is in this state, if that needs a reason.
    pub reason: Option<Reason>,
    /// Of a cancelled inquiry, the status before.
    pub cancelled_from: Option<InquiryStatus>,
}

/// The part that does not fit the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnfitPart {
    /// The physician.
    Physician,
    /// The reason.
    Reason,
    /// The status before it was cancelled.
    CancelledFrom,
}

impl InquiryState {
    /// The state that consists of these parts.
    pub fn of_parts(parts: StateParts) -> Result<Self, UnfitPart> {
        let StateParts { status, physician, reason, cancelled_from } = parts;
        let assigned = physician.ok_or(UnfitPart::Physician);
        let explained = reason.clone().ok_or(UnfitPart::Reason);
        let state = match status {
            InquiryStatus::Submitted if physician.is_some() => return Err(UnfitPart::Physician),
            InquiryStatus::Submitted => Self::Submitted,
            InquiryStatus::Assigned => Self::Assigned { physician: assigned? },
            InquiryStatus::Accepted => Self::Accepted { physician: assigned? },
            InquiryStatus::Registered => Self::Registered { physician: assigned? },
            InquiryStatus::Approved => Self::Approved { physician: assigned? },
            InquiryStatus::Returned => Self::Returned { physician: assigned?, reason: explained? },
            InquiryStatus::Cancelled => {
                let accepted = cancelled_from == Some(InquiryStatus::Accepted);
                let assignment = physician.map(|physician| Assignment { physician, accepted });
                Self::Cancelled { assignment, reason: explained? }
            }
        };
        if cancelled_from != state.cancelled_from() {
            return Err(UnfitPart::CancelledFrom);
        }
        if reason.as_ref() != state.reason() {
            return Err(UnfitPart::Reason);
        }
        Ok(state)
    }

    /// Of a cancelled inquiry, the status before.
    pub fn cancelled_from(&self) -> Option<InquiryStatus> {
        let Self::Cancelled { assignment, .. } = self else { return None };
        Some(match assignment {
            None => InquiryStatus::Submitted,
            Some(Assignment { accepted: false, .. }) => InquiryStatus::Assigned,
            Some(Assignment { accepted: true, .. }) => InquiryStatus::Accepted,
        })
    }

    /// The status.
    pub const fn status(&self) -> InquiryStatus {
        match self {
            Self::Submitted => InquiryStatus::Submitted,
            Self::Assigned { .. } => InquiryStatus::Assigned,
            Self::Accepted { .. } => InquiryStatus::Accepted,
            Self::Registered { .. } => InquiryStatus::Registered,
            Self::Approved { .. } => InquiryStatus::Approved,
            Self::Cancelled { .. } => InquiryStatus::Cancelled,
            Self::Returned { .. } => InquiryStatus::Returned,
        }
    }

    /// The assigned physician; of a cancelled inquiry, the one assigned when it was cancelled.
    pub const fn physician(&self) -> Option<AccountUuid> {
        match self {
            Self::Submitted | Self::Cancelled { assignment: None, .. } => None,
            Self::Cancelled { assignment: Some(assignment), .. } => Some(assignment.physician),
            Self::Assigned { physician }
            | Self::Accepted { physician }
            | Self::Registered { physician }
            | Self::Approved { physician }
            | Self::Returned { physician, .. } => Some(*physician),
        }
    }

    /// Whether a physician has accepted; of a cancelled inquiry, whether one had before.
    pub const fn is_accepted(&self) -> bool {
        match self {
            Self::Submitted | Self::Assigned { .. } | Self::Cancelled { assignment: None, .. } => false,
            Self::Cancelled { assignment: Some(assignment), .. } => assignment.accepted,
            Self::Accepted { .. }
            | Self::Registered { .. }
            | Self::Approved { .. }
            | Self::Returned { .. } => true,
        }
    }

    /// Why it is in this state, if that needs a reason.
    pub const fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Submitted
            | Self::Assigned { .. }
            | Self::Accepted { .. }
            | Self::Registered { .. }
            | Self::Approved { .. } => None,
            Self::Cancelled { reason, .. } | Self::Returned { reason, .. } => Some(reason),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_has_to_fit_the_status() {
        use InquiryStatus::{Accepted, Assigned, Cancelled, Registered, Returned, Submitted};
        let physician = Some(AccountUuid::from_bytes([1; 4]));
        let reason = Reason::parse("家人已送医").ok();
        for (status, physician, reason, cancelled_from, unfit) in [
            (Submitted, None, None, None, None),
            (Submitted, physician, None, None, Some(UnfitPart::Physician)),
            (Assigned, None, None, None, Some(UnfitPart::Physician)),
            (Accepted, physician, None, Some(Submitted), Some(UnfitPart::CancelledFrom)),
            (Accepted, physician, reason.clone(), None, Some(UnfitPart::Reason)),
            (Registered, None, None, None, Some(UnfitPart::Physician)),
            (Returned, physician, reason.clone(), None, None),
            (Returned, physician, None, None, Some(UnfitPart::Reason)),
            (Cancelled, None, reason.clone(), Some(Submitted), None),
            (Cancelled, physician, reason.clone(), Some(Assigned), None),
            (Cancelled, physician, reason.clone(), Some(Accepted), None),
            (Cancelled, physician, None, Some(Accepted), Some(UnfitPart::Reason)),
            (Cancelled, physician, reason.clone(), None, Some(UnfitPart::CancelledFrom)),
            (Cancelled, physician, reason.clone(), Some(Submitted), Some(UnfitPart::CancelledFrom)),
            (Cancelled, physician, reason.clone(), Some(Registered), Some(UnfitPart::CancelledFrom)),
            (Cancelled, None, reason, Some(Accepted), Some(UnfitPart::CancelledFrom)),
        ] {
            let parts = StateParts { status, physician, reason, cancelled_from };
            let state = InquiryState::of_parts(parts.clone());
            assert_eq!(state.as_ref().err(), unfit.as_ref(), "{parts:?}");
            if let Ok(state) = state {
                let reason = state.reason().cloned();
                let cancelled_from = state.cancelled_from();
                let same = StateParts {
                    status: state.status(),
                    physician: state.physician(),
                    reason,
                    cancelled_from,
                };
                assert_eq!(same, parts);
            }
        }
    }
}
