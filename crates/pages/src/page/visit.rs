//! One visit: who, when and what; its history; its record; and the steps that its state allows.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::error::Error;
use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{HospitalStep, InquiryDetails, InquiryHistoryEntry};
use yilin_domain::reason::Reason;
use yilin_domain::usecase::{HistoryLine, HistoryOf};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::told::told;
use super::visit_record::RecordView;
use super::visit_row::{awaited, step_name, visit_type};
use super::visit_step;
use crate::answer::{PageResult, View, page};
use crate::console::{Console, Live};
use crate::id::Id;
use crate::parts::{Person, Tag, Timeline, TimelineEntry, When};
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/console/visits/{id}", "consoleVisit", show).errors([Error::NotFound]).audited(
        Read,
        "inquiry",
        Record::Field("id"),
    )]
}

/// The path of a visit's page.
pub(super) fn path(id: InquiryId) -> String {
    format!("/console/visits/{id}")
}

/// What a visit is about.
pub(super) struct VisitFacts {
    pub(super) id: i64,
    pub(super) patient: Person,
    pub(super) physician: Option<Person>,
    pub(super) visit_type: Cow<'static, str>,
    pub(super) when: When,
    pub(super) phone: String,
    pub(super) detail: String,
    pub(super) tag: Tag,
    pub(super) overdue: Option<Tag>,
    pub(super) due: Option<When>,
}

impl VisitFacts {
    pub(super) fn new(details: &InquiryDetails, console: &Console) -> Self {
        let (inquiry, texts) = (&details.inquiry, console.texts);
        let phone = inquiry.reserved_phone.as_ref().map(|phone| phone.as_str().to_owned());
        Self {
            id: inquiry.id.0,
            patient: Person::patient(&details.patient, console.time(), texts),
            physician: details.physician.as_ref().map(Person::physician),
            visit_type: texts.text(visit_type(inquiry.visit_type)),
            when: console.clock().visit(inquiry.appointment_time),
            phone: phone.unwrap_or_default(),
            detail: inquiry.detail.as_str().to_owned(),
            tag: Tag::of_inquiry(inquiry.status(), texts),
            overdue: inquiry.is_overdue(console.time().now).then(|| Tag::overdue(texts)),
            due: inquiry.due_at.map(|due_at| console.clock().moment(due_at)),
        }
    }

    /// For the audit log.
    pub(super) fn disclosure(&self) -> Disclosure {
        Disclosure::of("inquiry", &self.id, Some(self.patient.uuid))
    }
}

/// A step that the visit's state allows.
struct StepLink {
    path: String,
    text: Cow<'static, str>,
    class: &'static str,
}

#[derive(Template)]
#[template(path = "page/visit.html")]
struct VisitPage {
    ui: Ui,
    facts: VisitFacts,
    /// Other visits of the physician that are too close to this one.
    clashes: Vec<(String, When)>,
    steps: Vec<StepLink>,
    timeline: Timeline,
    record: Option<RecordView>,
}

impl Discloses for VisitPage {
    fn disclosure(&self) -> Disclosure {
        self.facts.disclosure()
    }
}

impl View for VisitPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

request! {
    /// What was done before.
    pub(crate) struct After {
        /// The step.
        done: Option<Text>,
    }
}

async fn show(Live(console): Live, Id(id): Id<InquiryId>, Query(After { done }): Query<After>) -> PageResult {
    let history = console.use_cases().inquiries.history(&console.actor, id).await?;
    let record = RecordView::of(&console, id).await?;
    let (details, texts) = (&history.record, console.texts);
    // Of a visit that can still be moved.
    let clashes = if HospitalStep::Reschedule.is_open(&details.inquiry) {
        console.use_cases().inquiries.clashes(details).await?
    } else {
        Vec::new()
    };
    let steps = HospitalStep::ALL.into_iter().filter(|step| step.is_open(&details.inquiry));
    let awaited = awaited(details.inquiry.status());
    let steps = steps.map(|step| StepLink {
        path: visit_step::path(id, step),
        text: texts.text(step_name(step)),
        class: if awaited == Some(step) { "button-main" } else { "" },
    });
    let title = texts.with("visit-title", "name", details.patient.username.as_str());
    page(&VisitPage {
        ui: console.ui(Section::Visits, "visits-title").titled(title).telling(told(done.as_ref(), texts)),
        facts: VisitFacts::new(details, &console),
        clashes: clashes
            .iter()
            .map(|clash| (path(clash.id), console.clock().visit(clash.appointment_time)))
            .collect(),
        steps: steps.collect(),
        timeline: timeline(&history, Version(0), &console),
        record,
    })
}

/// What happened to a visit after this version, oldest first.
pub(super) fn timeline(
    history: &HistoryOf<InquiryDetails, InquiryHistoryEntry>,
    after: Version,
    console: &Console,
) -> Timeline {
    let mut entries = Vec::new();
    let mut time = None;
    for line in &history.lines {
        let was_moved = time.replace(line.entry.after).is_some_and(|before| before != line.entry.after);
        if line.entry.version > after {
            entries.push(entry(line, was_moved, console));
        }
    }
    Timeline { entries }
}

fn entry(line: &HistoryLine<InquiryHistoryEntry>, was_moved: bool, console: &Console) -> TimelineEntry {
    use yilin_domain::inquiry::InquiryStatus::{
        Accepted, Approved, Assigned, Cancelled, Registered, Returned, Submitted,
    };
    let (texts, entry) = (console.texts, &line.entry);
    let physician =
        || line.physician.as_ref().map(|physician| physician.username.as_str()).unwrap_or_default();
    let visit = || console.clock().visit(entry.after).full;
    let what = match (entry.from, entry.to) {
        _ if was_moved => texts.with("history-rescheduled", "time", visit()),
        (None, _) => texts.with("history-submitted", "time", visit()),
        (Some(Accepted), Assigned) => texts.with("history-reassigned", "name", physician()),
        (_, Assigned) => texts.with("history-assigned", "name", physician()),
        (_, Submitted) => texts.text("history-declined"),
        (_, Accepted) => texts.text("history-accepted"),
        (Some(Registered | Returned | Approved), Registered) | (Some(Approved), Approved) => {
            texts.text("history-amended")
        }
        (_, Registered) => texts.text("history-registered"),
        (_, Approved) => texts.text("history-approved"),
        (_, Returned) => texts.text("history-returned"),
        (_, Cancelled) => texts.text("history-cancelled"),
    };
    TimelineEntry {
        when: console.clock().moment(entry.at),
        what,
        who: line.by.username.as_str().to_owned(),
        tag: (entry.from != Some(entry.to)).then(|| Tag::of_inquiry(entry.to, texts)),
        reason: entry.reason.as_ref().map(Reason::as_str).map(str::to_owned),
    }
}
