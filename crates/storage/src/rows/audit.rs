use chrono::DateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::audit::{
    AuditAction, AuditAgent, AuditEntry, AuditEvent, AuditHash, AuditRecord, AuditRecordId, ChainId,
    ChainOpening, Entity,
};
use yilin_domain::time::Timestamp;

use super::code::{role_code, role_of};
use super::reading::Reading;
use crate::error::Corrupt;
use crate::schema::{audit_chain, audit_event};

/// A point in time as the audit log stores it: microseconds since 1970.
pub(crate) fn stored_micros(at: Timestamp) -> i64 {
    at.timestamp_micros()
}

/// How a chain began, as it is stored and read.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_chain)]
pub(crate) struct ChainRow {
    id: Vec<u8>,
    instance: String,
    opened_at: i64,
}

impl From<&ChainOpening> for ChainRow {
    fn from(opening: &ChainOpening) -> Self {
        Self {
            id: opening.id.bytes().to_vec(),
            instance: opening.instance.clone(),
            opened_at: stored_micros(opening.opened_at),
        }
    }
}

impl TryFrom<ChainRow> for ChainOpening {
    type Error = Corrupt;

    fn try_from(row: ChainRow) -> Result<Self, Corrupt> {
        let reading = Reading::new("audit_chain", &row.instance);
        Ok(Self {
            id: ChainId::from_bytes(reading.value("id", row.id.as_slice().try_into())?),
            opened_at: reading.present("opened_at", DateTime::from_timestamp_micros(row.opened_at))?,
            instance: row.instance,
        })
    }
}

/// An entry, as it is stored. It borrows nothing, so that statements of a fixed number of rows can be
/// told apart by type and kept prepared.
#[derive(Insertable)]
#[diesel(table_name = audit_event, treat_none_as_default_value = false)]
pub(crate) struct NewAuditEventRow {
    chain: Vec<u8>,
    sequence: i64,
    links: Vec<u8>,
    recorded: i64,
    agent_uuid: Option<String>,
    agent_role: Option<i16>,
    session: Option<String>,
    origin: String,
    operation: String,
    action: &'static str,
    entity: Option<String>,
    patient_uuid: Option<String>,
    outcome: i16,
    query: String,
    results: Option<i64>,
}

impl NewAuditEventRow {
    pub(crate) fn new(chain: ChainId, entry: &AuditEntry) -> Self {
        let event = &entry.event;
        Self {
            chain: chain.bytes().to_vec(),
            // No chain and no status is as long or as large as what does not fit.
            sequence: i64::try_from(entry.sequence).unwrap_or(i64::MAX),
            links: [entry.previous.0, entry.hash.0].concat(),
            recorded: stored_micros(event.recorded),
            agent_uuid: event.agent.map(|agent| agent.uuid.to_string()),
            agent_role: event.agent.map(|agent| role_code(agent.role)),
            session: event.session.clone(),
            origin: format!("{} {}", event.source, event.request),
            operation: event.operation.clone(),
            action: event.action.code(),
            entity: event.entity.as_ref().map(|Entity { kind, id }| format!("{kind}/{id}")),
            patient_uuid: event.patient.map(|patient| patient.to_string()),
            outcome: i16::try_from(event.outcome).unwrap_or(i16::MAX),
            query: event.query.clone(),
            results: event.results.map(i64::from),
        }
    }
}

/// An entry, as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_event)]
pub(crate) struct AuditEventRow {
    id: i64,
    chain: Vec<u8>,
    sequence: i64,
    links: Vec<u8>,
    recorded: i64,
    agent_uuid: Option<String>,
    agent_role: Option<i16>,
    session: Option<String>,
    origin: String,
    operation: String,
    action: String,
    entity: Option<String>,
    patient_uuid: Option<String>,
    outcome: i16,
    query: String,
    results: Option<i64>,
}

impl TryFrom<AuditEventRow> for AuditRecord {
    type Error = Corrupt;

    fn try_from(row: AuditEventRow) -> Result<Self, Corrupt> {
        let reading = Reading::new("audit_event", row.id);
        let agent = match (row.agent_uuid, row.agent_role) {
            (Some(uuid), Some(role)) => Some(AuditAgent {
                uuid: reading.uuid("agent_uuid", &uuid)?,
                role: reading.code("agent_role", role, role_of)?,
            }),
            (None, None) => None,
            _ => return Err(reading.corrupt("agent_role", "an agent has a uuid and a role, or neither")),
        };
        let entity = match &row.entity {
            Some(entity) => Some(reading.present("entity", entity.split_once('/'))?),
            None => None,
        };
        // The request's id has no space in it.
        let (source, request) = reading.present("origin", row.origin.rsplit_once(' '))?;
        let (previous, hash) = reading.present("links", row.links.split_at_checked(32))?;
        let event = AuditEvent {
            recorded: reading.present("recorded", DateTime::from_timestamp_micros(row.recorded))?,
            agent,
            session: row.session,
            source: source.to_owned(),
            request: request.to_owned(),
            operation: row.operation,
            action: reading.present("action", AuditAction::of_code(&row.action))?,
            entity: entity.map(|(kind, id)| Entity { kind: kind.to_owned(), id: id.to_owned() }),
            patient: reading.uuid_or_none("patient_uuid", row.patient_uuid.as_deref())?,
            outcome: reading.value("outcome", row.outcome.try_into())?,
            query: row.query,
            results: row.results.map(|results| reading.value("results", results.try_into())).transpose()?,
        };
        let entry = AuditEntry {
            sequence: reading.value("sequence", row.sequence.try_into())?,
            previous: AuditHash(reading.value("links", previous.try_into())?),
            hash: AuditHash(reading.value("links", hash.try_into())?),
            event,
        };
        let chain = ChainId::from_bytes(reading.value("chain", row.chain.as_slice().try_into())?);
        Ok(Self { id: AuditRecordId(row.id), chain, entry })
    }
}
