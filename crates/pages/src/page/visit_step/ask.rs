//! The page of a step: what it is about, and its form.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::{HospitalStep, InquiryDetails};
use yilin_domain::reason::Reason;
use yilin_domain::usecase::{PhysicianDay, WantedVisit};
use yilin_web::audit::{Discloses, Disclosure};

use super::needs::{names_physician, needs_reason, words};
use super::overtaken::overtaken;
use super::path;
use crate::answer::{PageResult, View, form_page};
use crate::console::Console;
use crate::form::{Choice, Field, Form, Refusal, Sent};
use crate::page::physician_search::{self, Search, label};
use crate::page::visit::{VisitFacts, path as visit_path};
use crate::page::visit_record::RecordView;
use crate::page::visit_row::step_name;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

/// A step's page.
#[derive(Template)]
#[template(path = "page/visit_step.html")]
struct StepPage {
    ui: Ui,
    facts: VisitFacts,
    about: Cow<'static, str>,
    /// The record, where the step is about it.
    record: Option<RecordView>,
    form: Form,
}

impl Discloses for StepPage {
    fn disclosure(&self) -> Disclosure {
        self.facts.disclosure()
    }
}

impl View for StepPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

/// The page of a step, if the visit's state allows it.
pub(super) async fn show(console: &Console, id: InquiryId, step: HospitalStep, search: Search) -> PageResult {
    let details = console.use_cases().inquiries.find(&console.actor, id).await?;
    if !step.is_open(&details.inquiry) {
        return overtaken(console, id, step, None).await;
    }
    ask(console, &details, step, &search.text(), &Sent::default(), None).await
}

/// The page of a step with what was sent before, and why that was refused.
pub(super) async fn ask(
    console: &Console,
    details: &InquiryDetails,
    step: HospitalStep,
    searched: &str,
    sent: &Sent,
    refusal: Option<&Refusal>,
) -> PageResult {
    let (texts, inquiry, words) = (console.texts, &details.inquiry, words(step));
    let version = sent.version().unwrap_or(inquiry.version);
    let form = Form::of(console, path(inquiry.id, step), sent, texts.text(words.submit)).of_version(version);
    let mut form = form.refused_with(refusal).or_back(visit_path(inquiry.id), texts.text("form-back"));
    if names_physician(step) {
        let wanted = WantedVisit { time: inquiry.appointment_time, inquiry: Some(inquiry.id) };
        let found = console.use_cases().inquiries.physicians_for(&console.actor, wanted, searched).await?;
        // Appointing the same one again would change nothing.
        let present = inquiry.physician();
        let others = found.physicians.iter().filter(|found| Some(found.physician.uuid) != present);
        let others = others.map(|found| choice(found, console)).collect();
        let asked = ("physician", "step-physician");
        form = form.fields(physician_search::fields(texts, searched, found.has_more, asked, others));
    }
    if step == HospitalStep::Reschedule {
        let at = inquiry.appointment_time.local().format("%Y-%m-%dT%H:%M").to_string();
        form = form.field(Field::time("appointment_time", texts.text("step-time")).value(at));
    }
    if needs_reason(step) {
        let field = Field::area("reason", texts.text("step-reason"), Reason::MAX_CHARS);
        form = form.field(field.help(texts.text("step-reason-help")));
    }
    if matches!(step, HospitalStep::Cancel | HospitalStep::Return) {
        form = form.dangerous();
    }
    // Nobody can review what they do not see.
    let record = match step {
        HospitalStep::Approve | HospitalStep::Return => RecordView::of(console, inquiry.id).await?,
        HospitalStep::Appoint | HospitalStep::Reassign | HospitalStep::Reschedule | HospitalStep::Cancel => {
            None
        }
    };
    let view = StepPage {
        ui: console.ui(Section::Visits, step_name(step)),
        facts: VisitFacts::new(details, console),
        about: texts.text(words.about),
        record,
        form,
    };
    form_page(&view, refusal)
}

/// A physician with the visits of that day.
fn choice(found: &PhysicianDay, console: &Console) -> Choice {
    let texts = console.texts;
    let PhysicianDay { physician, visits, clashes } = found;
    let times: Vec<_> =
        visits.iter().map(|visit| visit.appointment_time.local().format("%H:%M").to_string()).collect();
    let day = match times.len() {
        0 => texts.text("step-day-free"),
        number => texts.with_numbers(
            "step-day-visits",
            &[("n", i64::try_from(number).unwrap_or(i64::MAX))],
            &[("times", &times.join(texts.separator()))],
        ),
    };
    let clash = (!clashes.is_empty()).then(|| texts.count("step-clash", clashes.len()));
    let help: Vec<_> = std::iter::once(day).chain(clash).collect();
    Choice {
        value: physician.uuid.to_string(),
        label: label(&physician.username, &physician.hospital),
        help: Some(help.join(texts.separator()).into()),
    }
}
