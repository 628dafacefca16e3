//! The inquiry's states, and the moves between them.

use super::{InquiryDetail, InquiryDraft, InquiryTransition, VisitType};
use crate::account::{AccountUuid, ReservedPhone};
use crate::enumeration::named_enum;
use crate::error::IllegalStep;
use crate::id::{InquiryId, Version};
use crate::medical_record::ConsultationNotes;
use crate::time::{AppointmentTime, Timestamp};
use crate::transition::{Provenance, Transition};

named_enum! {
    /// How far an inquiry has come.
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

/// The state of an inquiry, with what only that state has.
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
    /// The hospital has reviewed the record.
    Approved {
        /// The physician who made the visit.
        physician: AccountUuid,
    },
}

/// A resident's request for a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// The database's number for it.
    pub id: InquiryId,
    /// How often it has been changed.
    pub version: Version,
    /// Who is to be visited.
    pub patient: AccountUuid,
    /// Where the visit takes place.
    pub visit_type: VisitType,
    /// When the visit takes place.
    pub appointment_time: AppointmentTime,
    /// Whom to call about it.
    pub reserved_phone: Option<ReservedPhone>,
    /// What is the matter.
    pub detail: InquiryDetail,
    /// How far it has come.
    pub state: InquiryState,
    /// When it was submitted.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What appointing a physician comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appointment {
    /// The physician is appointed.
    Changed(InquiryTransition),
    /// The same physician was appointed before and has not answered yet; nothing changes.
    Unchanged(Inquiry),
}

/// The end of a consultation: the inquiry's move, what was recorded, and whether the physician is
/// to buy drugs. Stored as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The inquiry's move to [`InquiryStatus::Registered`].
    pub inquiry: InquiryTransition,
    /// The physician who made the visit.
    pub physician: AccountUuid,
    /// What was recorded.
    pub notes: ConsultationNotes,
}

impl Inquiry {
    /// An inquiry that has just been submitted.
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

    /// How far it has come.
    pub const fn status(&self) -> InquiryStatus {
        match self.state {
            InquiryState::Submitted => InquiryStatus::Submitted,
            InquiryState::Assigned { .. } => InquiryStatus::Assigned,
            InquiryState::Accepted { .. } => InquiryStatus::Accepted,
            InquiryState::Registered { .. } => InquiryStatus::Registered,
            InquiryState::Approved { .. } => InquiryStatus::Approved,
        }
    }

    /// The physician who is assigned at present.
    pub const fn physician(&self) -> Option<AccountUuid> {
        match self.state {
            InquiryState::Submitted => None,
            InquiryState::Assigned { physician }
            | InquiryState::Accepted { physician }
            | InquiryState::Registered { physician }
            | InquiryState::Approved { physician } => Some(physician),
        }
    }

    /// The hospital appoints a physician, or another one while the first has not accepted.
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

    /// The physician records the consultation, which ends it.
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

    /// The hospital approves the recorded consultation.
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

    /// The physician who has been asked and has not answered.
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
