//! The audit log: who did or read what, by person, patient, operation and day.

use std::borrow::Cow;

use askama::Template;
use chrono::NaiveDate;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditAction::{self, Read};
use yilin_domain::audit::{AuditFilter, AuditRecordId};
use yilin_domain::usecase::NamedEntry;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::input::{Number, Query, Text};
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use super::{audit_export, verification};
use crate::answer::{PageResult, View, page};
use crate::console::Console;
use crate::export::ExportLinks;
use crate::parts::{Empty, Tag, Tone, none_between};
use crate::paths::with_query;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) const PATH: &str = "/console/audit";
/// Entries per page.
const SIZE: u16 = 50;

pub(crate) fn routes() -> Vec<Route> {
    vec![get(PATH, "consoleAudit", show).audited(Read, "audit_event", Record::Search)]
}

request! {
    /// The filters of the log.
    pub(crate) struct Filters {
        /// Who did it.
        agent: Option<AccountUuid>,
        /// Whose data it was.
        patient: Option<AccountUuid>,
        /// The operation.
        operation: Option<Text>,
        /// The first day.
        from: Option<NaiveDate>,
        /// The last day.
        to: Option<NaiveDate>,
        /// Entries after this one, which are older.
        older: Option<Number<1, { i64::MAX }>>,
    }
}

impl Filters {
    pub(super) fn filter(&self, console: &Console) -> AuditFilter {
        let zone = console.time().zone;
        AuditFilter {
            agent: self.agent,
            patient: self.patient,
            operation: self.operation.as_ref().map(|Text(operation)| operation.trim().to_owned()),
            outcome: None,
            from: self.from.map(|day| zone.start_of(day)),
            to: self.to.and_then(|day| day.succ_opt()).map(|day| zone.start_of(day)),
        }
    }

    /// The address of this path with these filters.
    fn address(&self, path: &str, older: Option<AuditRecordId>) -> String {
        let parameters = [
            ("agent", self.agent.map(|uuid| uuid.to_string())),
            ("patient", self.patient.map(|uuid| uuid.to_string())),
            ("operation", self.operation.as_ref().map(|Text(operation)| operation.clone())),
            ("from", self.from.map(|day| day.to_string())),
            ("to", self.to.map(|day| day.to_string())),
            ("older", older.map(|id| id.to_string())),
        ];
        with_query(path, parameters)
    }

    fn are_set(&self) -> bool {
        let days = self.from.is_some() || self.to.is_some();
        days || self.agent.is_some() || self.patient.is_some() || self.operation.is_some()
    }
}

/// An account in an entry, and the log of it.
struct Named {
    name: String,
    path: String,
}

impl Named {
    fn new(parameter: &str, uuid: AccountUuid, name: Option<&String>) -> Self {
        let name = name.map_or_else(|| uuid.to_string(), Clone::clone);
        Self { name, path: format!("{PATH}?{parameter}={uuid}") }
    }
}

/// An entry.
struct EntryRow {
    id: i64,
    recorded: String,
    agent: Option<Named>,
    source: String,
    action: Cow<'static, str>,
    operation: String,
    query: String,
    entity: String,
    patient: Option<Named>,
    outcome: Tag,
}

impl EntryRow {
    fn new(named: &NamedEntry, console: &Console) -> Self {
        let event = &named.record.entry.event;
        let entity = event.entity.as_ref().map(|entity| format!("{} {}", entity.kind, entity.id));
        let tone = if event.outcome < 400 { Tone::Plain } else { Tone::Warning };
        Self {
            id: named.record.id.0,
            recorded: console.time().zone.render(event.recorded),
            agent: event.agent.map(|agent| Named::new("agent", agent.uuid, named.agent_name.as_ref())),
            source: event.source.clone(),
            action: console.texts.text(action(event.action)),
            operation: event.operation.clone(),
            query: event.query.clone(),
            entity: entity.unwrap_or_default(),
            patient: event.patient.map(|uuid| Named::new("patient", uuid, named.patient_name.as_ref())),
            outcome: Tag { tone, text: event.outcome.to_string().into() },
        }
    }
}

/// The name of a type of access.
pub(super) const fn action(of: AuditAction) -> &'static str {
    match of {
        AuditAction::Create => "audit-create",
        AuditAction::Read => "audit-read",
        AuditAction::Update => "audit-update",
        AuditAction::Delete => "audit-delete",
        AuditAction::Execute => "audit-execute",
    }
}

#[derive(Template)]
#[template(path = "page/audit.html")]
struct AuditPage {
    ui: Ui,
    filters: Filters,
    rows: Vec<EntryRow>,
    /// The newest entries, unless these are.
    newest: Option<String>,
    older: Option<String>,
    export: ExportLinks,
    empty: Empty,
}

impl AuditPage {
    const VERIFICATION: &'static str = verification::PATH;

    fn operation(&self) -> &str {
        self.filters.operation.as_ref().map_or("", |Text(operation)| operation)
    }

    fn value(of: Option<&impl ToString>) -> String {
        of.map(ToString::to_string).unwrap_or_default()
    }
}

/// The log names patients; who reads it is recorded in it, not once more for each of them.
impl Discloses for AuditPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure { results: u32::try_from(self.rows.len()).ok(), ..Disclosure::nothing() }
    }
}

impl View for AuditPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console, Query(filters): Query<Filters>) -> PageResult {
    let last = filters.older.as_ref().map(|Number(id)| AuditRecordId(*id));
    let audit = &console.use_cases().audit;
    let entries = audit.after(&console.actor, &filters.filter(&console), last, SIZE).await?;
    let texts = console.texts;
    // Fewer than asked for are the end.
    let is_full = entries.len() == usize::from(SIZE);
    let oldest = entries.last().filter(|_| is_full).map(|entry| entry.record.id);
    let way = filters.are_set().then(|| (PATH.to_owned(), texts.text("audit-all")));
    let why = none_between(filters.from, filters.to, "audit-none-found");
    page(&AuditPage {
        ui: console.ui(Section::Audit, "audit-title"),
        rows: entries.iter().map(|entry| EntryRow::new(entry, &console)).collect(),
        newest: last.map(|_| filters.address(PATH, None)),
        older: oldest.map(|oldest| filters.address(PATH, Some(oldest))),
        export: ExportLinks::of(texts, &filters.address(audit_export::PATH, None)),
        empty: Empty { why: texts.text(why), way },
        filters,
    })
}
