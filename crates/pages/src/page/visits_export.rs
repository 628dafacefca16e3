//! The list of visits as a file.

use std::borrow::Cow;

use yilin_domain::audit::AuditAction::Read;
use yilin_domain::inquiry::InquiryDetails;
use yilin_web::input::Query;
use yilin_web::route::{Record, Route, get};

use super::visit_row::visit_type;
use super::visits::Filters;
use crate::answer::PageResult;
use crate::console::Console;
use crate::export::{Form, head, list_file};
use crate::parts::{Clock, Person, Tag};

pub(super) const PATH: &str = "/console/visits/export";

/// The columns, in the order of a row's cells.
const COLUMNS: [&str; 12] = [
    "paper-number",
    "visit-patient",
    "person-about",
    "visit-phone",
    "visit-when",
    "visit-type",
    "visit-physician",
    "visit-hospital",
    "visit-status",
    "visit-due",
    "visit-submitted",
    "visit-detail",
];

pub(crate) fn routes() -> Vec<Route> {
    vec![get(PATH, "consoleVisitsExport", export).audited(Read, "inquiry", Record::Search)]
}

async fn export(console: Console, Query((filters, form)): Query<(Filters, Form)>) -> PageResult {
    let (format, head) = (form.format.0, head(&console, "visits-title", &COLUMNS));
    let list = console.use_cases().visit_lists.export(&console.actor, &filters.search(), format, head)?;
    let clock = console.clock();
    let patient = |details: &InquiryDetails| Some(details.patient.uuid);
    list_file(&console, "visits", format, list, move |details| row(details, clock), patient).await
}

fn row(details: &InquiryDetails, clock: Clock) -> Vec<String> {
    let (inquiry, texts) = (&details.inquiry, clock.texts);
    let patient = Person::patient(&details.patient, clock.time, texts);
    let physician = details.physician.as_ref();
    let phone = inquiry.reserved_phone.as_ref().map(|phone| phone.as_str().to_owned());
    let overdue = inquiry.is_overdue(clock.time.now).then(|| Tag::overdue(texts));
    let states = [Tag::of_inquiry(inquiry.status(), texts)].into_iter().chain(overdue);
    let states: Vec<Cow<'static, str>> = states.map(|tag| tag.text).collect();
    vec![
        inquiry.id.to_string(),
        patient.name,
        patient.about,
        phone.unwrap_or_default(),
        clock.visit(inquiry.appointment_time).full,
        texts.text(visit_type(inquiry.visit_type)).into_owned(),
        physician.map(|physician| physician.username.as_str().to_owned()).unwrap_or_default(),
        physician.map(|physician| physician.hospital.as_str().to_owned()).unwrap_or_default(),
        states.join(texts.separator()),
        inquiry.due_at.map(|at| clock.moment(at).full).unwrap_or_default(),
        clock.moment(inquiry.created_at).full,
        inquiry.detail.as_str().to_owned(),
    ]
}
