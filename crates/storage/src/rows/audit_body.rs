//! The entries of a block of the audit log as JSON: so that whoever has to look into the database can
//! read them, by any tool.

use std::borrow::Cow;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use yilin_domain::audit::{AuditAction, AuditAgent, AuditEntry, AuditEvent, Entity};

use super::code::StoredCode as _;
use super::column_reader::ColumnReader as Reading;
use crate::error::Corrupt;
use crate::rows::stored_micros;

/// An event as it is stored. Names and meanings of fields never change, because the entries do not.
#[derive(Serialize, Deserialize)]
struct StoredEvent<'a> {
    recorded: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<i16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<Cow<'a, str>>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    request: Cow<'a, str>,
    #[serde(borrow)]
    operation: Cow<'a, str>,
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entity_id: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patient: Option<Cow<'a, str>>,
    outcome: u16,
    #[serde(borrow)]
    query: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<u32>,
}

/// What an entry can be found by. Reading these alone takes a fraction of reading the entry.
#[derive(Deserialize)]
pub(crate) struct SearchKeys<'a> {
    /// When it was recorded, in microseconds since 1970.
    pub(crate) recorded: i64,
    /// Who did it.
    pub(crate) agent: Option<&'a str>,
    /// Whose data they are.
    pub(crate) patient: Option<&'a str>,
    /// What was asked for.
    #[serde(borrow)]
    pub(crate) operation: Cow<'a, str>,
    /// How it ended.
    pub(crate) outcome: u16,
}

/// The body of a block of these entries.
pub(crate) fn written(entries: &[AuditEntry]) -> Result<String, serde_json::Error> {
    let stored: Vec<_> = entries.iter().map(|entry| stored(&entry.event)).collect();
    serde_json::to_string(&stored)
}

/// What the entries of this body can be found by.
pub(crate) fn keys(body: &str) -> Result<Vec<SearchKeys<'_>>, serde_json::Error> {
    serde_json::from_str(body)
}

/// The events of this body.
pub(crate) fn read(body: &str, reading: &Reading<i64>) -> Result<Vec<AuditEvent>, Corrupt> {
    let stored: Vec<StoredEvent<'_>> = reading.value("body", serde_json::from_str(body))?;
    stored.into_iter().map(|stored| event(stored, reading)).collect()
}

fn stored(event: &AuditEvent) -> StoredEvent<'_> {
    StoredEvent {
        recorded: stored_micros(event.recorded),
        agent: event.agent.map(|agent| agent.uuid.to_string().into()),
        role: event.agent.map(|agent| agent.role.code()),
        session: event.session.as_deref().map(Cow::Borrowed),
        source: Cow::Borrowed(&event.source),
        request: Cow::Borrowed(&event.request),
        operation: Cow::Borrowed(&event.operation),
        action: Cow::Borrowed(event.action.code()),
        entity: event.entity.as_ref().map(|entity| Cow::Borrowed(&*entity.kind)),
        entity_id: event.entity.as_ref().map(|entity| Cow::Borrowed(&*entity.id)),
        patient: event.patient.map(|patient| patient.to_string().into()),
        outcome: event.outcome,
        query: Cow::Borrowed(&event.query),
        results: event.results,
    }
}

fn event(stored: StoredEvent<'_>, reading: &Reading<i64>) -> Result<AuditEvent, Corrupt> {
    let agent = match (stored.agent, stored.role) {
        (Some(uuid), Some(role)) => {
            Some(AuditAgent { uuid: reading.uuid("agent", &uuid)?, role: reading.code("role", role)? })
        }
        (None, None) => None,
        _ => return Err(reading.corrupt("agent", "an agent has a uuid and a role, or neither")),
    };
    let entity = match (stored.entity, stored.entity_id) {
        (Some(kind), Some(id)) => Some(Entity { kind: kind.into_owned(), id: id.into_owned() }),
        (None, None) => None,
        _ => return Err(reading.corrupt("entity", "an entity has a kind and an id, or neither")),
    };
    Ok(AuditEvent {
        recorded: reading.present("recorded", DateTime::from_timestamp_micros(stored.recorded))?,
        agent,
        session: stored.session.map(Cow::into_owned),
        source: stored.source.into_owned(),
        request: stored.request.into_owned(),
        operation: stored.operation.into_owned(),
        action: reading.present("action", AuditAction::of_code(&stored.action))?,
        entity,
        patient: reading.uuid_or_none("patient", stored.patient.as_deref())?,
        outcome: stored.outcome,
        query: stored.query.into_owned(),
        results: stored.results,
    })
}
