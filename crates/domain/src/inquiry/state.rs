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

    /// Whether the hospital has not approved a record of it, but still may.
    pub const fn may_be_approved(self) -> bool {
        match self {
            Self::Submitted | Self::Assigned | Self::Accepted | Self::Registered | Self::Returned => true,
            Self::Approved | Self::Cancelled => false,
        }
    }

    /// Whether a step to it needs a reason, which its state keeps.
    pub const fn has_reason(self) -> bool {
        match self {
            Self::Submitted | Self::Assigned | Self::Accepted | Self::Registered | Self::Approved => false,
            Self::Cancelled | Self::Returned => true,
        }
    }

    /// Whether the visit takes up its time: it has a place in schedules, and clashes with others.
    pub const fn takes_place(self) -> bool {
        match self {
            Self::Submitted
            | Self::Assigned
            | Self::Accepted
            | Self::Registered
            | Self::Approved
            | Self::Returned => true,
            Self::Cancelled => false,
        }
    }
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

impl InquiryState {
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
