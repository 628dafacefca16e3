//! A step for which somebody else was faster.

use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{HospitalStep, InquiryHistoryEntry};

use super::needs::StepFields;
use super::path;
use super::take::done_path;
use crate::answer::{PageResult, see_other};
use crate::console::Console;
use crate::page::changed::{NotTaken, Record, not_taken, own_change};
use crate::page::visit::{VisitFacts, path as visit_path, timeline};
use crate::page::visit_row::step_name;

/// Somebody changed the visit meanwhile: says what, and shows it. If that was this very form, sent twice, leads to where
/// the first one led.
pub(super) async fn overtaken(
    console: &Console,
    id: InquiryId,
    step: HospitalStep,
    sent: Option<(StepFields, Version)>,
) -> PageResult {
    let history = console.use_cases().inquiries.history(&console.actor, id).await?;
    if let Some((fields, seen)) = &sent
        && let Some(own) = own_change(&history, console.actor.uuid, *seen)
        && is_repetition(own, step, fields)
    {
        return Ok(see_other(done_path(id, step)));
    }
    let details = &history.record;
    // Without a version, everything that happened may be new.
    let seen = sent.as_ref().map_or(details.inquiry.version, |(_, seen)| *seen);
    let not = NotTaken {
        record: Record::Visit(VisitFacts::new(details, console)),
        was_sent: sent.is_some(),
        why: None,
        since: timeline(&history, seen, console),
        typed: sent.and_then(|(fields, _)| fields.reason),
        again: step.is_open(&details.inquiry).then(|| (path(id, step), step_name(step))),
        back: visit_path(id),
    };
    not_taken(console, not)
}

/// Whether a change is what this form asks for.
fn is_repetition(entry: &InquiryHistoryEntry, step: HospitalStep, fields: &StepFields) -> bool {
    use yilin_domain::inquiry::InquiryStatus::{Approved, Assigned, Cancelled, Returned};
    let same_reason = entry.reason == fields.reason;
    let same_physician = entry.physician == fields.physician;
    match step {
        HospitalStep::Appoint => entry.to == Assigned && same_physician,
        HospitalStep::Reassign => entry.to == Assigned && same_physician && same_reason,
        HospitalStep::Approve => entry.to == Approved,
        HospitalStep::Return => entry.to == Returned && same_reason,
        HospitalStep::Reschedule => Some(entry.after) == fields.appointment_time && same_reason,
        HospitalStep::Cancel => entry.to == Cancelled && same_reason,
    }
}
