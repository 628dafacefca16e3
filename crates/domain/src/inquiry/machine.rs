//! The statuses of an inquiry, and the transitions between them.

use super::{InquiryDetail, InquiryDraft, InquiryTransition, VisitType};
use crate::account::{AccountUuid, ReservedPhone};
use crate::enumeration::named_enum;
use crate::error::IllegalStep;
use crate::id::{InquiryId, Version};
use crate::medical_record::ConsultationNotes;
use crate::time::{AppointmentTime, Timestamp};
use crate::transition::{Provenance, Transition};

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
        /// The hospital has approved the record.
        Approved = "approved",
    }
}

impl InquiryStatus {
    /// Whether the physician has accepted the visit.
    pub const fn is_accepted(self) -> bool {
        match self {
            Self::Submitted | Self::Assigned => false,
            Self::Accepted | Self::Registered | Self::Approved => true,
        }
    }

    /// Whether the consultation has ended.
    pub const fn has_ended(self) -> bool {
        match self {
            Self::Submitted | Self::Assigned | Self::Accepted => false,
            Self::Registered | Self::Approved => true,
        }
    }

    /// Whether the hospital has approved the record.
    pub const fn is_approved(self) -> bool {
        match self {
            Self::Submitted | Self::Assigned | Self::Accepted | Self::Registered => false,
            Self::Approved => true,
        }
    }
}

/// The state of an inquiry, with the data of each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// The hospital has approved the record.
    Approved {
        /// The physician who made the visit.
        physician: AccountUuid,
    },
}

/// A resident's request for a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Its database id.
    pub id: InquiryId,
    /// Its version: the number of changes.
    pub version: Version,
    /// The patient.
    pub patient: AccountUuid,
    /// The visit type.
    pub visit_type: VisitType,
    /// Time of the visit.
    pub appointment_time: AppointmentTime,
    /// The phone number to call about the visit.
    pub reserved_phone: Option<ReservedPhone>,
    /// The patient's complaint.
    pub detail: InquiryDetail,
    /// Its state.
    pub state: InquiryState,
    /// Time of submission.
    pub created_at: Timestamp,
    /// Time of the last change.
    pub updated_at: Timestamp,
}

/// The result of appointing a physician.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appointment {
    /// The physician is appointed.
    Changed(InquiryTransition),
    /// The same physician was already appointed and has not answered yet; nothing changes.
    Unchanged(Inquiry),
}

/// The end of a consultation: the inquiry's transition, the physician's notes, and whether drugs must be
/// purchased. Stored as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The inquiry's transition to [`InquiryStatus::Registered`].
    pub inquiry: InquiryTransition,
    /// The physician who made the visit.
    pub physician: AccountUuid,
    /// The physician's notes.
    pub notes: ConsultationNotes,
}

impl Inquiry {
    /// A newly submitted inquiry.
    pub fn submitted(id: InquiryId, draft: InquiryDraft, at: Timestamp) -> Self {
        Self {
            id,
            version: Version::FIRST,
            patient: draft.patient.uuid,
            visit_type: draft.visit_type,
            appointment_time: draft.appointment_time,
            reserved_phone: draft.reserved_phone,
            detail: draft.detail,
            state: InquiryState::Submitted,
            created_at: at,
            updated_at: at,
        }
    }

    /// Its status.
    pub const fn status(&self) -> InquiryStatus {
        match self.state {
            InquiryState::Submitted => InquiryStatus::Submitted,
            InquiryState::Assigned { .. } => InquiryStatus::Assigned,
            InquiryState::Accepted { .. } => InquiryStatus::Accepted,
            InquiryState::Registered { .. } => InquiryStatus::Registered,
            InquiryState::Approved { .. } => InquiryStatus::Approved,
        }
    }

    /// The current physician, if one is assigned.
    pub const fn physician(&self) -> Option<AccountUuid> {
        match self.state {
            InquiryState::Submitted => None,
            InquiryState::Assigned { physician }
            | InquiryState::Accepted { physician }
            | InquiryState::Registered { physician }
            | InquiryState::Approved { physician } => Some(physician),
        }
    }

    /// The hospital appoints a physician, or replaces one who has not accepted yet.
    pub fn appoint(self, physician: AccountUuid, provenance: Provenance) -> Result<Appointment, IllegalStep> {
        match self.state {
            InquiryState::Assigned { physician: present } if present == physician => {
                Ok(Appointment::Unchanged(self))
            }
            InquiryState::Submitted | InquiryState::Assigned { .. } => {
                Ok(Appointment::Changed(self.move_to(InquiryState::Assigned { physician }, provenance)))
            }
            InquiryState::Accepted { .. }
            | InquiryState::Registered { .. }
            | InquiryState::Approved { .. } => Err(IllegalStep::InquiryAlreadyAccepted),
        }
    }

    /// The assigned physician accepts.
    pub fn accept(self, provenance: Provenance) -> Result<InquiryTransition, IllegalStep> {
        let physician = self.unanswered()?;
        Ok(self.move_to(InquiryState::Accepted { physician }, provenance))
    }

    /// The assigned physician declines; the inquiry waits for another appointment.
    pub fn decline(self, provenance: Provenance) -> Result<InquiryTransition, IllegalStep> {
        self.unanswered()?;
        Ok(self.move_to(InquiryState::Submitted, provenance))
    }

    /// The physician registers the consultation, which ends it.
    pub fn register(
        self,
        notes: ConsultationNotes,
        provenance: Provenance,
    ) -> Result<Registration, IllegalStep> {
        match self.state {
            InquiryState::Submitted => Err(IllegalStep::InquiryNotAssigned),
            InquiryState::Assigned { .. } => Err(IllegalStep::InquiryNotAccepted),
            InquiryState::Accepted { physician } => Ok(Registration {
                inquiry: self.move_to(InquiryState::Registered { physician }, provenance),
                physician,
                notes,
            }),
            InquiryState::Registered { .. } | InquiryState::Approved { .. } => {
                Err(IllegalStep::InquiryAlreadyRegistered)
            }
        }
    }

    /// The hospital approves the registered consultation.
    pub fn approve(self, provenance: Provenance) -> Result<InquiryTransition, IllegalStep> {
        match self.state {
            InquiryState::Submitted => Err(IllegalStep::InquiryNotAssigned),
            InquiryState::Assigned { .. } => Err(IllegalStep::InquiryNotAccepted),
            InquiryState::Accepted { .. } => Err(IllegalStep::InquiryNotRegistered),
            InquiryState::Registered { physician } => {
                Ok(self.move_to(InquiryState::Approved { physician }, provenance))
            }
            InquiryState::Approved { .. } => Err(IllegalStep::InquiryAlreadyApproved),
        }
    }

    /// The physician who was appointed and has not answered.
    fn unanswered(&self) -> Result<AccountUuid, IllegalStep> {
        match self.state {
            InquiryState::Submitted => Err(IllegalStep::InquiryNotAssigned),
            InquiryState::Assigned { physician } => Ok(physician),
            InquiryState::Accepted { .. }
            | InquiryState::Registered { .. }
            | InquiryState::Approved { .. } => Err(IllegalStep::InquiryAlreadyAccepted),
        }
    }

    fn move_to(self, state: InquiryState, provenance: Provenance) -> InquiryTransition {
        let (from, based_on) = (self.status(), self.version);
        let record = Self { state, version: based_on.next(), updated_at: provenance.at, ..self };
        Transition { record, from, based_on, provenance }
    }
}
