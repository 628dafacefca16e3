//! What each step says, and what it needs.

use yilin_domain::account::AccountUuid;
use yilin_domain::inquiry::HospitalStep;
use yilin_domain::reason::Reason;
use yilin_domain::time::AppointmentTime;
use yilin_domain::validation::{FieldError, FieldProblem, Invalid};
use yilin_web::request;

use crate::form::Sent;

request! {
    /// What a step needs; each needs a part of it.
    pub(crate) struct StepFields {
        /// The physician.
        physician: Option<AccountUuid>,
        /// The new time.
        appointment_time: Option<AppointmentTime>,
        /// Why.
        reason: Option<Reason>,
    }
}

/// The texts of a step: what it will lead to, its button, and what is told afterwards.
pub(super) struct Words {
    pub(super) about: &'static str,
    pub(super) submit: &'static str,
    pub(super) done: &'static str,
}

pub(super) const fn words(step: HospitalStep) -> Words {
    let (about, submit, done) = match step {
        HospitalStep::Appoint => ("step-appoint-about", "step-appoint-do", "appointed"),
        HospitalStep::Reassign => ("step-reassign-about", "step-reassign-do", "reassigned"),
        HospitalStep::Approve => ("step-approve-about", "step-approve-do", "approved"),
        HospitalStep::Return => ("step-return-about", "step-return-do", "returned"),
        HospitalStep::Reschedule => ("step-reschedule-about", "step-reschedule-do", "rescheduled"),
        HospitalStep::Cancel => ("step-cancel-about", "step-cancel-do", "cancelled"),
    };
    Words { about, submit, done }
}

pub(super) const fn names_physician(step: HospitalStep) -> bool {
    matches!(step, HospitalStep::Appoint | HospitalStep::Reassign)
}

pub(super) const fn needs_reason(step: HospitalStep) -> bool {
    !matches!(step, HospitalStep::Appoint | HospitalStep::Approve)
}

/// The fields, if all that this step needs were sent. What is missing is reported together with what is invalid.
pub(super) fn needed(
    fields: Result<StepFields, Invalid>,
    sent: &Sent,
    step: HospitalStep,
) -> Result<StepFields, Invalid> {
    let needs = [
        ("physician", names_physician(step)),
        ("appointment_time", step == HospitalStep::Reschedule),
        ("reason", needs_reason(step)),
    ];
    let mut problems = fields.as_ref().err().map(|invalid| invalid.0.clone()).unwrap_or_default();
    for (field, _) in needs.into_iter().filter(|(_, is_needed)| *is_needed) {
        let is_blank = sent.value(field).is_none_or(|value| value.trim().is_empty());
        if is_blank && problems.iter().all(|problem| problem.field != field) {
            problems.push(FieldError { field, problem: FieldProblem::Missing });
        }
    }
    match fields {
        Ok(fields) if problems.is_empty() => Ok(fields),
        _ => Err(Invalid(problems)),
    }
}
