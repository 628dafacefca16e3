//! A visit in a list.

use std::borrow::Cow;

use yilin_domain::account::AccountUuid;
use yilin_domain::inquiry::{HospitalStep, InquiryDetails, InquiryStatus, VisitType};

use crate::console::Console;
use crate::parts::{Person, Tag, When};

/// A visit in a list.
pub(super) struct VisitRow {
    pub(super) id: i64,
    pub(super) patient: Person,
    pub(super) physician: Option<Person>,
    pub(super) when: When,
    pub(super) visit_type: Cow<'static, str>,
    pub(super) tag: Tag,
    pub(super) overdue: Option<Tag>,
    /// The likely next step of the hospital, and its page.
    pub(super) step: Option<(String, Cow<'static, str>)>,
}

impl VisitRow {
    pub(super) fn new(details: &InquiryDetails, console: &Console) -> Self {
        let (inquiry, texts) = (&details.inquiry, console.texts);
        let likely = awaited(inquiry.status());
        Self {
            id: inquiry.id.0,
            patient: Person::patient(&details.patient, console.time(), texts),
            physician: details.physician.as_ref().map(Person::physician),
            when: console.clock().visit(inquiry.appointment_time),
            visit_type: texts.text(visit_type(inquiry.visit_type)),
            tag: Tag::of_inquiry(inquiry.status(), texts),
            overdue: inquiry.is_overdue(console.time().now).then(|| Tag::overdue(texts)),
            step: likely.map(|step| (super::visit_step::path(inquiry.id, step), texts.text(step_name(step)))),
        }
    }

    /// The patient whose data it shows.
    pub(super) fn patient(&self) -> AccountUuid {
        self.patient.uuid
    }
}

/// The step of the hospital that a visit waits for; `None` where it waits for somebody else.
pub(super) const fn awaited(status: InquiryStatus) -> Option<HospitalStep> {
    match status {
        InquiryStatus::Submitted => Some(HospitalStep::Appoint),
        InquiryStatus::Registered => Some(HospitalStep::Approve),
        InquiryStatus::Assigned
        | InquiryStatus::Accepted
        | InquiryStatus::Returned
        | InquiryStatus::Approved
        | InquiryStatus::Cancelled => None,
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
