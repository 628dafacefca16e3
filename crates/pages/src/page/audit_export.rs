//! The audit log as a file.

use yilin_domain::audit::AuditAction::Read;
use yilin_domain::usecase::NamedEntry;
use yilin_web::input::Query;
use yilin_web::route::{Record, Route, get};

use super::audit::{Filters, action};
use crate::answer::PageResult;
use crate::console::Console;
use crate::export::{Form, head, list_file};
use crate::parts::Clock;

pub(super) const PATH: &str = "/console/audit/export";

/// The columns, in the order of a row's cells.
const COLUMNS: [&str; 15] = [
    "audit-when",
    "audit-who",
    "audit-agent",
    "audit-role",
    "audit-session",
    "audit-source",
    "audit-request",
    "audit-what",
    "audit-operation",
    "audit-query",
    "audit-record",
    "audit-whose",
    "audit-patient",
    "audit-outcome",
    "audit-results",
];

pub(crate) fn routes() -> Vec<Route> {
    vec![get(PATH, "consoleAuditExport", export).audited(Read, "audit_event", Record::Search)]
}

async fn export(console: Console, Query((filters, form)): Query<(Filters, Form)>) -> PageResult {
    let (format, head) = (form.format.0, head(&console, "audit-title", &COLUMNS));
    let log = console.use_cases().audit.export(&console.actor, filters.filter(&console), format, head)?;
    let clock = console.clock();
    // The log names patients; who reads it is recorded in it, not once more for each of them.
    list_file(&console, "audit", format, log, move |entry| row(entry, clock), |_| None).await
}

fn row(named: &NamedEntry, clock: Clock) -> Vec<String> {
    let event = &named.record.entry.event;
    let entity = event.entity.as_ref().map(|entity| format!("{} {}", entity.kind, entity.id));
    vec![
        clock.time.zone.render(event.recorded),
        named.agent_name.clone().unwrap_or_default(),
        event.agent.map(|agent| agent.uuid.to_string()).unwrap_or_default(),
        event.agent.map(|agent| agent.role.as_str().to_owned()).unwrap_or_default(),
        event.session.clone().unwrap_or_default(),
        event.source.clone(),
        event.request.clone(),
        clock.texts.text(action(event.action)).into_owned(),
        event.operation.clone(),
        event.query.clone(),
        entity.map(|entity| entity.trim_end().to_owned()).unwrap_or_default(),
        named.patient_name.clone().unwrap_or_default(),
        event.patient.map(|patient| patient.to_string()).unwrap_or_default(),
        event.outcome.to_string(),
        event.results.map(|results| results.to_string()).unwrap_or_default(),
    ]
}
