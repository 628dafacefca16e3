//! Audit events and their filter.

use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use super::{AuditEntry, ChainId};
use crate::account::{AccountUuid, Role};
use crate::id::database_id;
use crate::session::SessionId;
use crate::time::Timestamp;

/// Maximum number of characters of a query that are stored.
pub const MAX_QUERY_CHARS: usize = 500;

/// How long the entry of a change may wait in the outbox before operators are warned; normally it takes a second.
pub const UNLINKED_FOR: TimeDelta = TimeDelta::minutes(1);

/// What was done to the entity (FHIR: `AuditEvent.action`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditAction {
    /// The entity was created.
    Create,
    /// It was read.
    Read,
    /// It was changed.
    Update,
    /// It was deleted.
    Delete,
    /// An operation was executed: a log-in, a request to the language model.
    Execute,
}

impl AuditAction {
    /// Every action.
    pub const ALL: [Self; 5] = [Self::Create, Self::Read, Self::Update, Self::Delete, Self::Execute];

    /// Its FHIR code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Create => "C",
            Self::Read => "R",
            Self::Update => "U",
            Self::Delete => "D",
            Self::Execute => "E",
        }
    }

    /// The action with this FHIR code.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.code() == code)
    }
}

/// The account that performed the access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditAgent {
    /// The account.
    pub uuid: AccountUuid,
    /// Its role.
    pub role: Role,
}

/// The entity that was accessed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entity {
    /// Its type, such as `inquiry`.
    pub kind: String,
    /// Its id; empty if unknown or if there are several.
    pub id: String,
}

/// One access to personal or medical data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// Time of the event, in UTC and whole microseconds.
    pub recorded: Timestamp,
    /// The caller; `None` without a log-in.
    pub agent: Option<AuditAgent>,
    /// Digest of the session id, see [`session_digest`].
    pub session: Option<String>,
    /// The client's address.
    pub source: String,
    /// The request id.
    pub request: String,
    /// The operation id in the OpenAPI description.
    pub operation: String,
    /// The type of access.
    pub action: AuditAction,
    /// The entity accessed.
    pub entity: Option<Entity>,
    /// The patient whose data was accessed, if it is a single person's.
    pub patient: Option<AccountUuid>,
    /// The HTTP status of the response.
    pub outcome: u16,
    /// The search parameters as they were sent.
    pub query: String,
    /// Number of records found, if known when the response began.
    pub results: Option<u32>,
}

/// Identifies a session in the audit log: enough to distinguish sessions, but not usable to forge a token.
pub fn session_digest(session: SessionId) -> String {
    let digest = Sha256::new().chain_update(b"yilin audit session").chain_update(session.to_string());
    let start = digest.finalize().iter().take(8).fold(0, |start, byte| start << 8 | u64::from(*byte));
    format!("{start:016x}")
}

/// Masks an identifier typed at a log-in so that it can be recognised but not read: it may be anything,
/// including a password.
pub fn masked(identifier: &str) -> String {
    let is_phone = identifier.len() == 11 && identifier.bytes().all(|byte| byte.is_ascii_digit());
    match (is_phone, identifier.get(..3), identifier.get(7..)) {
        (true, Some(head), Some(tail)) => format!("{head}****{tail}"),
        _ => identifier.chars().take(1).chain("***".chars()).collect(),
    }
}

database_id!(
    /// The database id of an entry. Within a chain, later entries have larger ids.
    AuditRecordId
);

database_id!(
    /// The database id of an event in the outbox. Later events have larger ids.
    OutboxId
);

/// An event in the outbox, not yet linked into a chain. It is written in the same unit of work as the change
/// it records, so neither exists without the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEvent {
    /// Its database id.
    pub id: OutboxId,
    /// The event.
    pub event: AuditEvent,
}

/// An entry as stored in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// Its database id.
    pub id: AuditRecordId,
    /// The chain it belongs to.
    pub chain: ChainId,
    /// The entry.
    pub entry: AuditEntry,
}

/// Filter of a list: entries must meet every condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// The account that performed the access.
    pub agent: Option<AccountUuid>,
    /// The patient whose data was accessed.
    pub patient: Option<AccountUuid>,
    /// The operation id.
    pub operation: Option<String>,
    /// The HTTP status.
    pub outcome: Option<u16>,
    /// At or after this time.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether the event matches the filter.
    pub fn admits(&self, event: &AuditEvent) -> bool {
        self.agent.is_none_or(|agent| event.agent.is_some_and(|by| by.uuid == agent))
            && self.patient.is_none_or(|patient| event.patient == Some(patient))
            && self.operation.as_ref().is_none_or(|operation| event.operation == *operation)
            && self.outcome.is_none_or(|outcome| event.outcome == outcome)
            && self.from.is_none_or(|from| event.recorded >= from)
            && self.to.is_none_or(|to| event.recorded < to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_identifier_cannot_be_read() {
        assert_eq!(masked("13812345678"), "138****5678");
        assert_eq!(masked("geheim"), "g***");
        assert_eq!(masked("王秀英"), "王***");
        assert_eq!(masked(""), "***");
    }

    #[test]
    fn action_codes_round_trip() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::of_code(action.code()), Some(action));
        }
        assert_eq!(AuditAction::of_code("X"), None);
    }

    #[test]
    fn session_digests_differ_and_do_not_contain_the_id() {
        let [one, other] = [1, 2].map(|byte| SessionId::from_bytes([byte; 16]));
        assert_eq!(session_digest(one).len(), 16);
        assert_ne!(session_digest(one), session_digest(other));
        assert!(!one.to_string().contains(&session_digest(one)));
    }
}
