//! The hospital's steps: each a page of its own that says what will happen, and asks for what it needs.

use std::borrow::Cow;

use actix_web::http::StatusCode;
use askama::Template;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditAction::{Read, Update};
use yilin_domain::error::Error;
use yilin_domain::id::{InquiryId, Version};
use yilin_domain::inquiry::{HospitalStep, InquiryDetails, InquiryHistoryEntry};
use yilin_domain::reason::Reason;
use yilin_domain::time::AppointmentTime;
use yilin_domain::usecase::{HistoryOf, PhysicianDay, WantedVisit};
use yilin_domain::validation::{FieldError, FieldProblem, Invalid};
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get, post};

use super::visit::{VisitFacts, path as visit_path, timeline};
use super::visit_record::RecordView;
use super::visit_row::step_name;
use crate::answer::{PageResult, View, page_with, see_other};
use crate::console::Console;
use crate::form::{Choice, Field, Form, Posted, Sent};
use crate::id::Id;
use crate::parts::Timeline;
use crate::paths::with_parameter;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

/// Declares the two routes of each step: its page, and its form.
macro_rules! steps {
    ($($step:ident $segment:literal $show:ident $show_name:literal $take:ident $take_name:literal;)*) => {
        pub(crate) fn routes() -> Vec<Route> {
            vec![$(
                get(concat!("/console/visits/{id}/", $segment), $show_name, $show)
                    .audited(Read, "inquiry", Record::Field("id")),
                post(concat!("/console/visits/{id}/", $segment), $take_name, $take)
                    .audited(Update, "inquiry", Record::Field("id")),
            )*]
        }

        /// The path of a step's page.
        pub(super) fn path(id: InquiryId, step: HospitalStep) -> String {
            let segment = match step {
                $(HospitalStep::$step => $segment,)*
            };
            format!("{}/{segment}", visit_path(id))
        }

        $(
            async fn $show(console: Console, Id(id): Id<InquiryId>, Query(search): Query<Search>) -> PageResult {
                show(&console, id, HospitalStep::$step, search).await
            }

            async fn $take(Id(id): Id<InquiryId>, posted: Posted<StepFields>) -> PageResult {
                take(id, posted, HospitalStep::$step).await
            }
        )*
    };
}

steps! {
    Appoint "appoint" show_appoint "consoleAppointPage" take_appoint "consoleAppoint";
    Reassign "reassign" show_reassign "consoleReassignPage" take_reassign "consoleReassign";
    Approve "approve" show_approve "consoleApprovePage" take_approve "consoleApprove";
    Return "return" show_return "consoleReturnPage" take_return "consoleReturn";
    Reschedule "reschedule" show_reschedule "consoleReschedulePage" take_reschedule "consoleReschedule";
    Cancel "cancel" show_cancel "consoleCancelPage" take_cancel "consoleCancel";
}

/// The field with the search among physicians.
const SEARCH: &str = "physician_name";

request! {
    /// A search among physicians.
    pub(crate) struct Search {
        /// A part of a name or a phone number.
        physician_name: Option<Text>,
    }
}

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
struct Words {
    about: &'static str,
    submit: &'static str,
    done: &'static str,
}

const fn words(step: HospitalStep) -> Words {
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

const fn names_physician(step: HospitalStep) -> bool {
    matches!(step, HospitalStep::Appoint | HospitalStep::Reassign)
}

const fn needs_reason(step: HospitalStep) -> bool {
    !matches!(step, HospitalStep::Appoint | HospitalStep::Approve)
}

/// A step's page.
#[derive(Template)]
#[template(path = "page/visit_step.html")]
struct StepPage {
    ui: Ui,
    facts: VisitFacts,
    about: Cow<'static, str>,
    /// The record, where the step is about it.
    record: Option<RecordView>,
    /// The search among physicians: its path, and what was searched for.
    search: Option<(String, String)>,
    has_more: bool,
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

async fn show(console: &Console, id: InquiryId, step: HospitalStep, search: Search) -> PageResult {
    let details = console.use_cases().inquiries.find(&console.actor, id).await?;
    if !step.is_open(&details.inquiry) {
        return changed(console, id, step, None).await;
    }
    let searched = search.physician_name.map(|Text(name)| name).unwrap_or_default();
    ask(console, &details, step, &searched, &Sent::default(), &Invalid(Vec::new())).await
}

async fn ask(
    console: &Console,
    details: &InquiryDetails,
    step: HospitalStep,
    searched: &str,
    sent: &Sent,
    invalid: &Invalid,
) -> PageResult {
    let (texts, inquiry, words) = (console.texts, &details.inquiry, words(step));
    let version = sent.version().unwrap_or(inquiry.version);
    let action = path(inquiry.id, step);
    let form = Form::of(console, action.clone(), sent, texts.text(words.submit)).of_version(version);
    let mut form = form.refused_for(invalid).or_back(visit_path(inquiry.id), texts.text("form-back"));
    let mut has_more = false;
    if names_physician(step) {
        let wanted = WantedVisit { time: inquiry.appointment_time, inquiry: Some(inquiry.id) };
        let found = console.use_cases().inquiries.physicians_for(&console.actor, wanted, searched).await?;
        has_more = found.has_more;
        let choices = found.physicians.iter().map(|found| choice(found, console)).collect();
        let field = Field::choices("physician", texts.text("step-physician"), choices);
        form = form.hidden(SEARCH, searched);
        form = form.field(field.value(inquiry.physician().map(|uuid| uuid.to_string()).unwrap_or_default()));
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
    let status = if invalid.0.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = StepPage {
        ui: console.ui(Section::Visits, step_name(step)),
        facts: VisitFacts::new(details, console),
        about: texts.text(words.about),
        record,
        search: names_physician(step).then(|| (action, searched.to_owned())),
        has_more,
        form,
    };
    page_with(status, &view)
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
    let (name, hospital) = (physician.username.as_str(), physician.hospital.as_str());
    Choice {
        value: physician.uuid.to_string(),
        label: if hospital.is_empty() { name.to_owned() } else { format!("{name} · {hospital}") }.into(),
        help: Some(help.join(texts.separator()).into()),
    }
}

/// The fields, if all that this step needs were sent. What is missing is reported together with what is invalid.
fn needed(
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

async fn take(id: InquiryId, posted: Posted<StepFields>, step: HospitalStep) -> PageResult {
    let Posted { console, fields, sent } = posted;
    let fields = needed(fields, &sent, step);
    let done = match &fields {
        Ok(fields) => act(&console, id, sent.version(), step, fields).await,
        Err(invalid) => Err(Error::Invalid(invalid.clone())),
    };
    match done {
        Ok(_) => Ok(see_other(done_path(id, step))),
        Err(Error::Invalid(invalid)) => {
            let details = console.use_cases().inquiries.find(&console.actor, id).await?;
            let invalid = renamed(invalid);
            let searched = sent.value(SEARCH).unwrap_or_default().to_owned();
            ask(&console, &details, step, &searched, &sent, &invalid).await
        }
        Err(Error::Changed | Error::IllegalStep(_) | Error::Contended) => {
            changed(&console, id, step, fields.ok().zip(sent.version())).await
        }
        Err(error) => Err(error.into()),
    }
}

fn done_path(id: InquiryId, step: HospitalStep) -> String {
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

/// What has changed since the person saw the visit.
#[derive(Template)]
#[template(path = "page/visit_changed.html")]
struct ChangedPage {
    ui: Ui,
    facts: VisitFacts,
    /// Why the step is not possible.
    why: Cow<'static, str>,
    /// What happened since; empty if the person had not seen the visit.
    since: Timeline,
    /// The reason that was typed, so that it is not lost.
    typed: Option<String>,
    /// The step's page, if it is still possible.
    again: Option<(String, Cow<'static, str>)>,
    back: String,
}

impl Discloses for ChangedPage {
    fn disclosure(&self) -> Disclosure {
        self.facts.disclosure()
    }
}

impl View for ChangedPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

/// Somebody changed the visit meanwhile: says what, and shows it. If that was this very form, sent twice, leads to where
/// the first one led.
async fn changed(
    console: &Console,
    id: InquiryId,
    step: HospitalStep,
    sent: Option<(StepFields, Version)>,
) -> PageResult {
    let history = console.use_cases().inquiries.history(&console.actor, id).await?;
    if let Some((fields, seen)) = &sent
        && is_repetition(&history, console.actor.uuid, step, fields, *seen)
    {
        return Ok(see_other(done_path(id, step)));
    }
    let (details, texts) = (&history.record, console.texts);
    let is_open = step.is_open(&details.inquiry);
    // Without a version, everything that happened may be new.
    let seen = sent.as_ref().map_or(details.inquiry.version, |(_, seen)| *seen);
    let view = ChangedPage {
        ui: console.ui(Section::Visits, "changed-title"),
        facts: VisitFacts::new(details, console),
        why: texts.text(if is_open { "changed-why" } else { "changed-not-possible" }),
        since: timeline(&history, seen, console),
        typed: sent.and_then(|(fields, _)| fields.reason).map(|reason| reason.as_str().to_owned()),
        again: is_open.then(|| (path(id, step), texts.text(step_name(step)))),
        back: visit_path(id),
    };
    page_with(StatusCode::CONFLICT, &view)
}

/// Whether the first change after the version that the person saw is what this form asks for, made by the same person.
fn is_repetition(
    history: &HistoryOf<InquiryDetails, InquiryHistoryEntry>,
    by: AccountUuid,
    step: HospitalStep,
    fields: &StepFields,
    seen: Version,
) -> bool {
    use yilin_domain::inquiry::InquiryStatus::{Approved, Assigned, Cancelled, Returned};
    let line = history.lines.iter().find(|line| line.entry.version == seen.next());
    let Some(entry) = line.map(|line| &line.entry).filter(|entry| entry.by == by) else { return false };
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
