//! The inquiry and its regular workflow from submission to approval. The other transitions are in
//! `correction`.

use super::{
    Deadlines, InquiryDetail, InquiryState, InquiryStatus, InquiryTransition, Submission, VisitType,
};
use crate::account::{AccountUuid, ReservedPhone};
use crate::error::IllegalStep;
use crate::event::EventType;
use crate::id::{InquiryId, Version};
use crate::medical_record::ConsultationNotes;
use crate::time::{AppointmentTime, Timestamp};
use crate::transition::{Provenance, Transition};

/// A resident's request for a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inquiry {
    /// Its database id.
    pub id: InquiryId,
    /// Its version, incremented with each transition.
    pub version: Version,
    /// The patient.
    pub patient: AccountUuid,
    /// Home or community visit.
    pub visit_type: VisitType,
    /// Time of the visit.
    pub appointment_time: AppointmentTime,
    /// Contact phone number.
    pub reserved_phone: Option<ReservedPhone>,
    /// The complaint.
    pub detail: InquiryDetail,
    /// Its state.
    pub state: InquiryState,
    /// When the next step is due, if a deadline applies.
    pub due_at: Option<Timestamp>,
    /// Time of submission.
    pub created_at: Timestamp,
    /// Time of the last transition.
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

/// The end of a consultation: the inquiry's transition and the physician's notes. Stored atomically.
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
    /// An inquiry that has just been submitted.
    pub fn submitted(id: InquiryId, submission: Submission, at: Timestamp) -> Self {
        let Submission { draft, due_at, .. } = submission;
        Self {
            id,
            version: Version::FIRST,
            patient: draft.patient.uuid,
            visit_type: draft.visit_type,
            appointment_time: draft.appointment_time,
            reserved_phone: draft.reserved_phone,
            detail: draft.detail,
            state: InquiryState::Submitted,
            due_at,
            created_at: at,
            updated_at: at,
        }
    }

    /// Its status.
    pub const fn status(&self) -> InquiryStatus {
        self.state.status()
    }

    /// The assigned physician; of a cancelled inquiry, the one assigned when it was cancelled.
    pub const fn physician(&self) -> Option<AccountUuid> {
        self.state.physician()
    }

    /// Whether the next step was due before now.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.due_at.is_some_and(|due_at| due_at < now)
    }

    /// The hospital appoints a physician, or another one while the first has not accepted.
    pub fn appoint(
        self,
        physician: AccountUuid,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<Appointment, IllegalStep> {
        match self.state {
            InquiryState::Assigned { physician: present } if present == physician => {
                Ok(Appointment::Unchanged(self))
            }
            InquiryState::Submitted | InquiryState::Assigned { .. } => {
                let next = InquiryState::Assigned { physician };
                Ok(Appointment::Changed(self.move_to(
                    next,
                    EventType::InquiryAssigned,
                    provenance,
                    deadlines,
                )))
            }
            InquiryState::Accepted { .. }
            | InquiryState::Registered { .. }
            | InquiryState::Approved { .. }
            | InquiryState::Returned { .. } => Err(IllegalStep::InquiryAlreadyAccepted),
            InquiryState::Cancelled { .. } => Err(IllegalStep::InquiryAlreadyCancelled),
        }
    }

    /// The assigned physician accepts.
    pub fn accept(
        self,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<InquiryTransition, IllegalStep> {
        let physician = self.unanswered()?;
        let next = InquiryState::Accepted { physician };
        Ok(self.move_to(next, EventType::InquiryAccepted, provenance, deadlines))
    }

    /// The assigned physician declines, optionally with a reason; the inquiry awaits another appointment.
    pub fn decline(
        self,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<InquiryTransition, IllegalStep> {
        self.unanswered()?;
        Ok(self.move_to(InquiryState::Submitted, EventType::InquiryDeclined, provenance, deadlines))
    }

    /// The physician registers the consultation, which ends it.
    pub fn register(
        self,
        notes: ConsultationNotes,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<Registration, IllegalStep> {
        match self.state {
            InquiryState::Submitted => Err(IllegalStep::InquiryNotAssigned),
            InquiryState::Assigned { .. } => Err(IllegalStep::InquiryNotAccepted),
            InquiryState::Accepted { physician } => {
                let next = InquiryState::Registered { physician };
                let inquiry = self.move_to(next, EventType::InquiryRegistered, provenance, deadlines);
                Ok(Registration { inquiry, physician, notes })
            }
            InquiryState::Registered { .. }
            | InquiryState::Approved { .. }
            | InquiryState::Returned { .. } => Err(IllegalStep::InquiryAlreadyRegistered),
            InquiryState::Cancelled { .. } => Err(IllegalStep::InquiryAlreadyCancelled),
        }
    }

    /// The hospital approves the recorded consultation.
    pub fn approve(
        self,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<InquiryTransition, IllegalStep> {
        match self.state {
            InquiryState::Submitted => Err(IllegalStep::InquiryNotAssigned),
            InquiryState::Assigned { .. } => Err(IllegalStep::InquiryNotAccepted),
            InquiryState::Accepted { .. } => Err(IllegalStep::InquiryNotRegistered),
            InquiryState::Registered { physician } => {
                let next = InquiryState::Approved { physician };
                Ok(self.move_to(next, EventType::InquiryApproved, provenance, deadlines))
            }
            InquiryState::Approved { .. } => Err(IllegalStep::InquiryAlreadyApproved),
            InquiryState::Cancelled { .. } => Err(IllegalStep::InquiryAlreadyCancelled),
            InquiryState::Returned { .. } => Err(IllegalStep::InquiryNotAmended),
        }
    }

    /// The assigned physician, if they have not answered yet.
    fn unanswered(&self) -> Result<AccountUuid, IllegalStep> {
        match self.state {
            InquiryState::Submitted => Err(IllegalStep::InquiryNotAssigned),
            InquiryState::Assigned { physician } => Ok(physician),
            InquiryState::Accepted { .. }
            | InquiryState::Registered { .. }
            | InquiryState::Approved { .. }
            | InquiryState::Returned { .. } => Err(IllegalStep::InquiryAlreadyAccepted),
            InquiryState::Cancelled { .. } => Err(IllegalStep::InquiryAlreadyCancelled),
        }
    }

    /// The transition to a state, with its deadline.
    pub(super) fn move_to(
        self,
        state: InquiryState,
        event: EventType,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> InquiryTransition {
        let due_at = deadlines.due_at(state.status(), provenance.at, self.appointment_time);
        self.change(Some(event), provenance, |inquiry| Self { state, due_at, ..inquiry })
    }

    /// The transition that applies this change.
    pub(super) fn change(
        self,
        event: Option<EventType>,
        provenance: Provenance,
        change: impl FnOnce(Self) -> Self,
    ) -> InquiryTransition {
        let (from, based_on, formerly) = (self.status(), self.version, self.physician());
        let record = Self { version: based_on.next(), updated_at: provenance.at, ..change(self) };
        let former_physician = formerly.filter(|physician| record.physician() != Some(*physician));
        Transition { record, from, based_on, provenance, event, former_physician }
    }
}

impl InquiryTransition {
    /// The physician who gets the visit by it, and who must not be disabled then.
    pub fn assigned(&self) -> Option<AccountUuid> {
        self.record.physician().filter(|_| self.event == Some(EventType::InquiryAssigned))
    }
}
