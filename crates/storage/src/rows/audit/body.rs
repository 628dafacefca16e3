//! The entries of a block as JSON, readable with any database tool.

use std::borrow::Cow;

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use yilin_domain::audit::{AuditAction, AuditAgent, AuditEvent, AuditFilter, Entity};

use super::super::code::StoredCode as _;
use super::super::column_reader::ColumnReader;
use super::stored_micros;
use crate::error::Corrupt;

/// A stored event. Names and meanings of fields never change, because entries do not.
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

/// The search keys of an entry.
#[derive(Deserialize)]
pub(super) struct SearchKeys<'a> {
    recorded: i64,
    agent: Option<&'a str>,
    patient: Option<&'a str>,
    #[serde(borrow)]
    operation: Cow<'a, str>,
    outcome: u16,
}

/// A filter in the JSON representation of a body.
pub(super) struct Wanted<'a> {
    agent: Option<String>,
    patient: Option<String>,
    operation: Option<&'a str>,
    outcome: Option<u16>,
    from: i64,
    to: i64,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(filter: &'a AuditFilter) -> Self {
        Self {
            agent: filter.agent.map(|uuid| uuid.to_string()),
            patient: filter.patient.map(|uuid| uuid.to_string()),
            operation: filter.operation.as_deref(),
            outcome: filter.outcome,
            from: filter.from.map_or(i64::MIN, stored_micros),
            to: filter.to.map_or(i64::MAX, stored_micros),
        }
    }

    pub(super) fn admits(&self, keys: &SearchKeys<'_>) -> bool {
        self.agent.as_deref().is_none_or(|agent| keys.agent == Some(agent))
            && self.patient.as_deref().is_none_or(|patient| keys.patient == Some(patient))
            && self.operation.is_none_or(|operation| keys.operation == operation)
            && self.outcome.is_none_or(|outcome| keys.outcome == outcome)
            && (self.from..self.to).contains(&keys.recorded)
    }
}

/// Substrings that a body contains if it has an event that matches the filter. (The verifier detects bodies
/// with equivalent but different JSON.)
pub(super) fn parts(filter: &AuditFilter) -> Result<Vec<String>, serde_json::Error> {
    let mut parts = Vec::new();
    if let Some(operation) = &filter.operation {
        parts.push(format!(r#""operation":{},"#, serde_json::to_string(operation)?));
    }
    if let Some(outcome) = filter.outcome {
        parts.push(format!(r#""outcome":{outcome},"#));
    }
    Ok(parts)
}

/// The JSON of this event.
pub(super) fn written(event: &AuditEvent) -> Result<String, serde_json::Error> {
    serde_json::to_string(&stored(event))
}

/// The search keys of the events in this body.
pub(super) fn keys(body: &str) -> Result<Vec<SearchKeys<'_>>, serde_json::Error> {
    serde_json::from_str(body)
}

/// The events of this body.
pub(super) fn read(body: &str, reading: &ColumnReader<i64>) -> Result<Vec<AuditEvent>, Corrupt> {
    let stored: Vec<StoredEvent<'_>> = reading.value("body", serde_json::from_str(body))?;
    stored.into_iter().map(|stored| event(stored, reading)).collect()
}

/// The event of this JSON.
pub(super) fn read_one(json: &str, reading: &ColumnReader<i64>) -> Result<AuditEvent, Corrupt> {
    let stored: StoredEvent<'_> = reading.value("body", serde_json::from_str(json))?;
    event(stored, reading)
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

fn event(stored: StoredEvent<'_>, reading: &ColumnReader<i64>) -> Result<AuditEvent, Corrupt> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_contains_its_search_keys() {
        let event = AuditEvent {
            recorded: DateTime::UNIX_EPOCH,
            agent: None,
            session: None,
            source: String::new(),
            request: String::new(),
            operation: "a \"quoted\" 名".to_owned(),
            action: AuditAction::Read,
            entity: None,
            patient: None,
            outcome: 404,
            query: String::new(),
            results: None,
        };
        let filter = AuditFilter {
            operation: Some(event.operation.clone()),
            outcome: Some(event.outcome),
            ..AuditFilter::default()
        };
        let body = written(&event).unwrap();
        let parts = parts(&filter).unwrap();
        assert!(parts.len() == 2 && parts.iter().all(|part| body.contains(part)), "{parts:?} in {body}");
    }
}
