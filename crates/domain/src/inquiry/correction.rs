//! Transitions besides the regular workflow: cancelling, rescheduling, reassigning, returning and amending.
//! Each requires a reason.

use super::{Assignment, Deadlines, Inquiry, InquiryState, InquiryTransition};
use crate::account::AccountUuid;
use crate::error::IllegalStep;
use crate::event::EventType;
use crate::id::MedicalRecordId;
use crate::idempotency::Receipt;
use crate::medical_record::AddendumNotes;
use crate::reason::Reason;
use crate::time::AppointmentTime;
use crate::transition::Provenance;

/// The party that reschedules a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rescheduler {
    /// The inquiry's patient.
    Patient,
    /// The assigned physician.
    Physician,
    /// The hospital.
    Hospital,
}

/// An addendum to a medical record with the inquiry's transition. Stored atomically.
#[derive(Debug, Clone)]
pub struct Amendment {
    /// The inquiry's transition: to [`InquiryStatus::Registered`](super::InquiryStatus::Registered) if the record
    /// was returned, otherwise without a change of status.
    pub inquiry: InquiryTransition,
    /// The record.
    pub record: MedicalRecordId,
    /// The addendum.
    pub notes: AddendumNotes,
    /// Why it is added.
    pub reason: Reason,
    /// How the request is answered, if it has a key: the answer is stored together with the addendum.
    pub receipt: Option<Receipt<()>>,
}

impl Inquiry {
    /// The patient cancels a visit that no physician has accepted yet.
    pub fn withdraw(
        self,
        reason: Reason,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<InquiryTransition, IllegalStep> {
        match self.state {
            InquiryState::Accepted { .. } => Err(IllegalStep::InquiryInPhysiciansHands),
            _ => self.cancel(reason, provenance, deadlines),
        }
    }

    /// The hospital cancels a visit that is not registered yet.
    pub fn cancel(
        self,
        reason: Reason,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<InquiryTransition, IllegalStep> {
        let assignment = match self.state {
            InquiryState::Submitted => None,
            InquiryState::Assigned { physician } => Some(Assignment { physician, accepted: false }),
            InquiryState::Accepted { physician } => Some(Assignment { physician, accepted: true }),
            InquiryState::Registered { .. } | InquiryState::Returned { .. } => {
                return Err(IllegalStep::InquiryAlreadyRegistered);
            }
            InquiryState::Approved { .. } => return Err(IllegalStep::InquiryAlreadyApproved),
            InquiryState::Cancelled { .. } => return Err(IllegalStep::InquiryAlreadyCancelled),
        };
        let next = InquiryState::Cancelled { assignment, reason: reason.clone() };
        Ok(self.move_to(next, EventType::InquiryCancelled, provenance.because(reason), deadlines))
    }

    /// Reschedules the visit. The status stays the same, and so does the deadline unless it counts from the
    /// appointment time.
    pub fn reschedule(
        self,
        appointment_time: AppointmentTime,
        by: Rescheduler,
        reason: Reason,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<InquiryTransition, IllegalStep> {
        let due_at = match (&self.state, by) {
            (
                InquiryState::Submitted | InquiryState::Assigned { .. },
                Rescheduler::Patient | Rescheduler::Hospital,
            ) => self.due_at,
            (InquiryState::Submitted, Rescheduler::Physician) => return Err(IllegalStep::InquiryNotAssigned),
            (InquiryState::Assigned { .. }, Rescheduler::Physician) => {
                return Err(IllegalStep::InquiryNotAccepted);
            }
            (InquiryState::Accepted { .. }, Rescheduler::Patient) => {
                return Err(IllegalStep::InquiryInPhysiciansHands);
            }
            (InquiryState::Accepted { .. }, Rescheduler::Physician | Rescheduler::Hospital) => {
                deadlines.due_at(self.status(), provenance.at, appointment_time)
            }
            (InquiryState::Registered { .. } | InquiryState::Returned { .. }, _) => {
                return Err(IllegalStep::InquiryAlreadyRegistered);
            }
            (InquiryState::Approved { .. }, _) => return Err(IllegalStep::InquiryAlreadyApproved),
            (InquiryState::Cancelled { .. }, _) => return Err(IllegalStep::InquiryAlreadyCancelled),
        };
        let provenance = provenance.because(reason);
        let event = Some(EventType::InquiryRescheduled);
        Ok(self.change(event, provenance, |inquiry| Self { appointment_time, due_at, ..inquiry }))
    }

    /// The hospital assigns an accepted visit to another physician, who has to answer.
    pub fn reassign(
        self,
        physician: AccountUuid,
        reason: Reason,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<InquiryTransition, IllegalStep> {
        match self.state {
            InquiryState::Submitted => Err(IllegalStep::InquiryNotAssigned),
            InquiryState::Assigned { .. } => Err(IllegalStep::InquiryNotAccepted),
            InquiryState::Accepted { physician: present } if present == physician => {
                Err(IllegalStep::InquiryOfSamePhysician)
            }
            InquiryState::Accepted { .. } => {
                let next = InquiryState::Assigned { physician };
                Ok(self.move_to(next, EventType::InquiryAssigned, provenance.because(reason), deadlines))
            }
            InquiryState::Registered { .. } | InquiryState::Returned { .. } => {
                Err(IllegalStep::InquiryAlreadyRegistered)
            }
            InquiryState::Approved { .. } => Err(IllegalStep::InquiryAlreadyApproved),
            InquiryState::Cancelled { .. } => Err(IllegalStep::InquiryAlreadyCancelled),
        }
    }

    /// The hospital assigns a visit whose consultation has not ended to another physician, who has to answer,
    /// whether or not the present one has accepted.
    pub fn hand_over(
        self,
        physician: AccountUuid,
        reason: Reason,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<InquiryTransition, IllegalStep> {
        match self.state {
            InquiryState::Assigned { physician: present } if present == physician => {
                Err(IllegalStep::InquiryOfSamePhysician)
            }
            InquiryState::Assigned { .. } => {
                let next = InquiryState::Assigned { physician };
                Ok(self.move_to(next, EventType::InquiryAssigned, provenance.because(reason), deadlines))
            }
            InquiryState::Submitted
            | InquiryState::Accepted { .. }
            | InquiryState::Registered { .. }
            | InquiryState::Returned { .. }
            | InquiryState::Approved { .. }
            | InquiryState::Cancelled { .. } => self.reassign(physician, reason, provenance, deadlines),
        }
    }

    /// The hospital returns the record to the physician for correction.
    pub fn return_for_correction(
        self,
        reason: Reason,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<InquiryTransition, IllegalStep> {
        match self.state {
            InquiryState::Submitted => Err(IllegalStep::InquiryNotAssigned),
            InquiryState::Assigned { .. } => Err(IllegalStep::InquiryNotAccepted),
            InquiryState::Accepted { .. } => Err(IllegalStep::InquiryNotRegistered),
            InquiryState::Registered { physician } => {
                let next = InquiryState::Returned { physician, reason: reason.clone() };
                Ok(self.move_to(next, EventType::InquiryReturned, provenance.because(reason), deadlines))
            }
            InquiryState::Approved { .. } => Err(IllegalStep::InquiryAlreadyApproved),
            InquiryState::Returned { .. } => Err(IllegalStep::InquiryAlreadyReturned),
            InquiryState::Cancelled { .. } => Err(IllegalStep::InquiryAlreadyCancelled),
        }
    }

    /// The physician adds an addendum to the record, which itself never changes. A returned record awaits review
    /// again.
    pub fn amend(
        self,
        record: MedicalRecordId,
        notes: AddendumNotes,
        reason: Reason,
        provenance: Provenance,
        deadlines: &Deadlines,
    ) -> Result<Amendment, IllegalStep> {
        let provenance = provenance.because(reason.clone());
        let inquiry = match self.state {
            InquiryState::Submitted => return Err(IllegalStep::InquiryNotAssigned),
            InquiryState::Assigned { .. } => return Err(IllegalStep::InquiryNotAccepted),
            InquiryState::Accepted { .. } => return Err(IllegalStep::InquiryNotRegistered),
            InquiryState::Registered { .. } | InquiryState::Approved { .. } => {
                self.change(None, provenance, |inquiry| inquiry)
            }
            InquiryState::Returned { physician, .. } => {
                let state = InquiryState::Registered { physician };
                let due_at = deadlines.due_at(state.status(), provenance.at, self.appointment_time);
                // Announced as an event of the record; see `Amendment::announcement`.
                self.change(None, provenance, |inquiry| Self { state, due_at, ..inquiry })
            }
            InquiryState::Cancelled { .. } => return Err(IllegalStep::InquiryAlreadyCancelled),
        };
        Ok(Amendment { inquiry, record, notes, reason, receipt: None })
    }
}
