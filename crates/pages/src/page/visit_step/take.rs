//! Taking a step.

use yilin_domain::error::{Error, IllegalStep};
use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{HospitalStep, InquiryDetails};
use yilin_domain::validation::{FieldProblem, Invalid};

use super::ask::ask;
use super::needs::{StepFields, needed, words};
use super::overtaken::overtaken;
use crate::answer::{PageResult, see_other};
use crate::console::Console;
use crate::form::{Posted, Refusal, Sent};
use crate::page::past;
use crate::page::physician_search::FIELD;
use crate::page::visit::path as visit_path;
use crate::paths::with_parameter;

/// Takes a step, as a form asks for it.
pub(super) async fn take(id: InquiryId, posted: Posted<StepFields>, step: HospitalStep) -> PageResult {
    let Posted { console, fields, sent } = posted;
    let fields = if sent.is_asked_again() { fields } else { needed(fields, &sent, step) };
    if let Ok(StepFields { appointment_time: Some(time), .. }) = &fields
        && let Some(doubt) = past::doubt(*time, &sent, &console)
    {
        return again(&console, id, step, &sent, &doubt).await;
    }
    let done = match &fields {
        Ok(fields) => act(&console, id, sent.version(), step, fields).await,
        Err(invalid) => Err(Error::Invalid(invalid.clone())),
    };
    match done {
        Ok(_) => Ok(see_other(done_path(id, step))),
        Err(Error::Invalid(invalid)) => again(&console, id, step, &sent, &renamed(invalid).into()).await,
        Err(Error::IllegalStep(IllegalStep::InquiryOfSamePhysician)) => {
            let refusal = Refusal::about("physician", console.texts.text("step-same-physician"));
            again(&console, id, step, &sent, &refusal).await
        }
        Err(Error::Changed | Error::IllegalStep(_) | Error::Contended) => {
            overtaken(&console, id, step, fields.ok().zip(sent.version())).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The page of the step again, with why it was not taken.
async fn again(
    console: &Console,
    id: InquiryId,
    step: HospitalStep,
    sent: &Sent,
    refusal: &Refusal,
) -> PageResult {
    let details = console.use_cases().inquiries.find(&console.actor, id).await?;
    ask(console, &details, step, sent.value(FIELD).unwrap_or_default(), sent, Some(refusal)).await
}

/// Where the step leads.
pub(super) fn done_path(id: InquiryId, step: HospitalStep) -> String {
    with_parameter(&visit_path(id), "done", words(step).done)
}

/// The use cases' names of fields, as the form calls them.
fn renamed(mut invalid: Invalid) -> Invalid {
    for error in &mut invalid.0 {
        if error.field == "userUUID" {
            error.field = "physician";
        }
    }
    invalid
}

async fn act(
    console: &Console,
    id: InquiryId,
    seen: Option<Version>,
    step: HospitalStep,
    fields: &StepFields,
) -> Result<InquiryDetails, Error> {
    let inquiries = console.use_cases().inquiries.seen_at(seen);
    let actor = &console.actor;
    match (step, fields.physician, fields.appointment_time, &fields.reason) {
        (HospitalStep::Appoint, Some(physician), ..) => inquiries.appoint(actor, id, physician).await,
        (HospitalStep::Reassign, Some(physician), _, Some(reason)) => {
            inquiries.reassign(actor, id, physician, reason).await
        }
        (HospitalStep::Reschedule, _, Some(time), Some(reason)) => {
            inquiries.reschedule(actor, id, time, reason).await
        }
        (HospitalStep::Approve, ..) => inquiries.approve(actor, id).await,
        (HospitalStep::Return, _, _, Some(reason)) => {
            inquiries.return_for_correction(actor, id, reason).await
        }
        (HospitalStep::Cancel, _, _, Some(reason)) => inquiries.cancel(actor, id, reason).await,
        // `needed` has reported what is missing.
        (HospitalStep::Appoint | HospitalStep::Reassign, ..) => {
            Err(Invalid::one("physician", FieldProblem::Missing).into())
        }
        (HospitalStep::Reschedule | HospitalStep::Return | HospitalStep::Cancel, ..) => {
            Err(Invalid::one("reason", FieldProblem::Missing).into())
        }
    }
}
