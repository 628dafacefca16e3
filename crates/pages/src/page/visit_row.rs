//! Visits in a list.

use yilin_domain::inquiry::{Awaited, HospitalStep, InquiryDetails, InquiryStatus, VisitType};

use super::visit;
use crate::console::Console;
use crate::parts::{Cell, Person, RecordRow, RecordTable, Tag};

/// Visits as a table.
pub(super) fn visit_table(visits: &[InquiryDetails], console: &Console) -> RecordTable {
    let columns =
        ["visit-patient", "visit-when", "visit-type", "visit-physician", "visit-status", "visit-next"];
    let columns = columns.into_iter().map(|column| console.texts.text(column));
    RecordTable::new(columns.collect(), visits.iter().map(|details| row(details, console)).collect())
}

fn row(details: &InquiryDetails, console: &Console) -> RecordRow {
    let (inquiry, texts) = (&details.inquiry, console.texts);
    let overdue = inquiry.is_overdue(console.time().now).then(|| Tag::overdue(texts));
    let step = awaited(inquiry.status());
    let physician = details.physician.as_ref().map(Person::physician);
    RecordRow {
        kind: "visit",
        subject: "inquiry",
        id: inquiry.id.0,
        path: visit::path(inquiry.id),
        patient: Person::patient(&details.patient, console.time(), texts),
        cells: vec![
            Cell::When(console.clock().visit(inquiry.appointment_time)),
            Cell::Text(texts.text(visit_type(inquiry.visit_type))),
            physician.map_or_else(|| Cell::Nobody(texts.text("visit-no-physician")), Cell::Person),
            Cell::Tags([Tag::of_inquiry(inquiry.status(), texts)].into_iter().chain(overdue).collect()),
            Cell::Step(
                step.map(|step| (super::visit_step::path(inquiry.id, step), texts.text(step_name(step)))),
            ),
        ],
    }
}

/// The step of the hospital that a visit waits for; `None` where it waits for somebody else.
pub(super) const fn awaited(status: InquiryStatus) -> Option<HospitalStep> {
    match status.awaits() {
        Some(Awaited::Appointment) => Some(HospitalStep::Appoint),
        Some(Awaited::Approval) => Some(HospitalStep::Approve),
        Some(Awaited::Answer | Awaited::Record | Awaited::Addendum) | None => None,
    }
}

/// The name of a type of visit.
pub(super) const fn visit_type(of: VisitType) -> &'static str {
    match of {
        VisitType::Home => "visit-home",
        VisitType::Community => "visit-community",
    }
}

/// The name of a step, as a verb.
pub(super) const fn step_name(step: HospitalStep) -> &'static str {
    match step {
        HospitalStep::Appoint => "step-appoint",
        HospitalStep::Reassign => "step-reassign",
        HospitalStep::Approve => "step-approve",
        HospitalStep::Return => "step-return",
        HospitalStep::Reschedule => "step-reschedule",
        HospitalStep::Cancel => "step-cancel",
    }
}
