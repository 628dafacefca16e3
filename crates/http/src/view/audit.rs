//! Entries of the audit log.

use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditEvent, AuditRecord};
use yilin_domain::time::HospitalZone;
use yilin_domain::usecase::OwnAccess;
use yilin_web::audit::{Discloses, Disclosure};

use super::wire::{Uuid, Wire, WireAuditAction, WireRoleOrNone};

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEvent)]
pub(crate) struct AuditView {
    id: i64,
    /// The chain of the entry: one per run of an instance.
    chain: String,
    /// Its position in the chain, from 0.
    sequence: u64,
    /// The hash of the previous entry.
    previous_hash: String,
    /// Its own hash.
    hash: String,
    /// `YYYY-MM-DD HH:MM:SS` in the hospital's time zone.
    recorded: String,
    /// The same in UTC, to the microsecond.
    #[schema(example = "2026-11-23T00:30:00.123456Z")]
    recorded_utc: String,
    /// The account that performed the access; empty without a log-in.
    agent: Uuid,
    agent_role: WireRoleOrNone,
    /// A digest of the session id.
    session: String,
    /// The client's address.
    source: String,
    request_id: String,
    /// The operation id in this description.
    #[schema(example = "queryInquiryRecordById")]
    operation: String,
    action: WireAuditAction,
    entity_kind: String,
    entity_id: String,
    /// The patient whose data was accessed, if it is a single person's.
    patient: Uuid,
    /// The HTTP status; 499 if the client disconnected before the response.
    outcome: u16,
    /// The search parameters.
    query: String,
    /// Number of records shown.
    #[schema(required)]
    results: Option<u32>,
}

impl AuditView {
    pub(crate) fn new(record: &AuditRecord, zone: HospitalZone) -> Self {
        let (entry, event) = (&record.entry, &record.entry.event);
        let (entity_kind, entity_id) = entity(event);
        Self {
            id: record.id.0,
            chain: record.chain.to_string(),
            sequence: entry.sequence,
            previous_hash: entry.previous.to_string(),
            hash: entry.hash.to_string(),
            recorded: zone.render(event.recorded),
            recorded_utc: event.recorded.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
            agent: Uuid(event.agent.map(|agent| agent.uuid)),
            agent_role: Wire(event.agent.map(|agent| agent.role)),
            session: event.session.clone().unwrap_or_default(),
            source: event.source.clone(),
            request_id: event.request.clone(),
            operation: event.operation.clone(),
            action: Wire(event.action),
            entity_kind,
            entity_id,
            patient: Uuid(event.patient),
            outcome: event.outcome,
            query: event.query.clone(),
            results: event.results,
        }
    }
}

/// An access to the caller's own data.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnAccess)]
pub(crate) struct AccessView {
    id: i64,
    /// `YYYY-MM-DD HH:MM:SS` in the hospital's time zone.
    recorded: String,
    agent_role: WireRoleOrNone,
    /// The agent's name.
    agent_name: String,
    /// Whether the agent was the caller.
    is_self: bool,
    /// The operation id in this description.
    #[schema(example = "queryInquiryRecordById")]
    operation: String,
    action: WireAuditAction,
    entity_kind: String,
    /// Empty if the caller was shown in a list: the first time on a day for this agent and list.
    entity_id: String,
    /// The HTTP status; 499 if the client disconnected before the response.
    outcome: u16,
}

impl AccessView {
    pub(crate) fn new(access: &OwnAccess, own: AccountUuid, zone: HospitalZone) -> Self {
        let event = &access.record.entry.event;
        let (entity_kind, entity_id) = entity(event);
        Self {
            id: access.record.id.0,
            recorded: zone.render(event.recorded),
            agent_role: Wire(event.agent.map(|agent| agent.role)),
            agent_name: access.agent_name.clone().unwrap_or_default(),
            is_self: event.agent.is_some_and(|agent| agent.uuid == own),
            operation: event.operation.clone(),
            action: Wire(event.action),
            entity_kind,
            entity_id,
            outcome: event.outcome,
        }
    }
}

fn entity(event: &AuditEvent) -> (String, String) {
    event.entity.as_ref().map(|entity| (entity.kind.clone(), entity.id.clone())).unwrap_or_default()
}

/// Entries of the log are not patients' data themselves; reading the log is recorded with the query.
impl Discloses for AuditView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

/// Always the caller's own.
impl Discloses for AccessView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}
