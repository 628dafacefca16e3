use sha2::{Digest as _, Sha256};

use super::{AuditEntry, ChainId};
use crate::account::{AccountUuid, Role};
use crate::id::database_id;
use crate::session::SessionId;
use crate::time::Timestamp;

/// How much of a query is kept, in characters.
pub const MAX_QUERY_CHARS: usize = 500;

/// What was done to the entity (FHIR: `AuditEvent.action`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuditAction {
    /// It came into being.
    Create,
    /// It was read.
    Read,
    /// It was changed.
    Update,
    /// It was deleted.
    Delete,
    /// Something was carried out: a log-in, a question to the language model.
    Execute,
}

impl AuditAction {
    /// Every action.
    pub const ALL: [Self; 5] = [Self::Create, Self::Read, Self::Update, Self::Delete, Self::Execute];

    /// FHIR's letter for it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Create => "C",
            Self::Read => "R",
            Self::Update => "U",
            Self::Delete => "D",
            Self::Execute => "E",
        }
    }

    /// The action of this letter.
    pub fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.code() == code)
    }
}

/// Whoever did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditAgent {
    /// The account.
    pub uuid: AccountUuid,
    /// Its role.
    pub role: Role,
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Entity {
    /// What kind of thing, as `inquiry`.
    pub kind: String,
    /// Which one; empty where that is not known or there are several.
    pub id: String,
}

/// One access to personal or medical data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEvent {
    /// When, in UTC and whole microseconds.
    pub recorded: Timestamp,
    /// Who; `None` where nobody was logged in.
    pub agent: Option<AuditAgent>,
    /// In which session: a digest of its id, see [`session_digest`].
    pub session: Option<String>,
    /// From where: the client's address.
    pub source: String,
    /// The request's id.
    pub request: String,
    /// What was asked for: the operation's id in the description of the interface.
    pub operation: String,
    /// What kind of access that is.
    pub action: AuditAction,
    /// What it was done to.
    pub entity: Option<Entity>,
    /// Whose data they are, where they are one person's.
    pub patient: Option<AccountUuid>,
    /// How it ended: the HTTP status.
    pub outcome: u16,
    /// What was searched for: the parameters as they were sent.
    pub query: String,
    /// How many records were found, where that was known when the answer began.
    pub results: Option<u32>,
}

/// What a session is called in the audit log: enough to tell sessions apart, and nothing that a
/// token could be made of.
pub fn session_digest(session: SessionId) -> String {
    let digest = Sha256::new().chain_update(b"yilin audit session").chain_update(session.to_string());
    let start = digest.finalize().iter().take(8).fold(0, |start, byte| start << 8 | u64::from(*byte));
    format!("{start:016x}")
}

/// What somebody typed as their phone number or name, such that it can be recognised and not read:
/// it may be anything, a password included.
pub fn masked(identifier: &str) -> String {
    let is_phone = identifier.len() == 11 && identifier.bytes().all(|byte| byte.is_ascii_digit());
    match (is_phone, identifier.get(..3), identifier.get(7..)) {
        (true, Some(head), Some(tail)) => format!("{head}****{tail}"),
        _ => identifier.chars().take(1).chain("***".chars()).collect(),
    }
}

database_id!(
    /// The database's number for an entry. Of the entries of one chain, later ones have larger
    /// numbers.
    AuditRecordId
);

database_id!(
    /// The database's number for an event in the outbox. Later ones have larger numbers.
    OutboxId
);

/// An event that waits in the outbox to be linked into a chain. The unit of work that makes a change puts it there, so
/// that there is no change without its event and no event without its change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxEvent {
    /// The database's number for it.
    pub id: OutboxId,
    /// What happened.
    pub event: AuditEvent,
}

/// An entry as it is found in the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// The database's number for it.
    pub id: AuditRecordId,
    /// The chain that it belongs to.
    pub chain: ChainId,
    /// The entry.
    pub entry: AuditEntry,
}

/// Which entries a list shows: those that meet every condition.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Who did it.
    pub agent: Option<AccountUuid>,
    /// Whose data they are.
    pub patient: Option<AccountUuid>,
    /// What was asked for.
    pub operation: Option<String>,
    /// How it ended.
    pub outcome: Option<u16>,
    /// At this time or later.
    pub from: Option<Timestamp>,
    /// Before this time.
    pub to: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether the filter lets the event through.
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
    fn what_was_typed_cannot_be_read() {
        assert_eq!(masked("13812345678"), "138****5678");
        assert_eq!(masked("geheim"), "g***");
        assert_eq!(masked("王秀英"), "王***");
        assert_eq!(masked(""), "***");
    }

    #[test]
    fn letters_stand_for_actions() {
        for action in AuditAction::ALL {
            assert_eq!(AuditAction::of_code(action.code()), Some(action));
        }
        assert_eq!(AuditAction::of_code("X"), None);
    }

    #[test]
    fn a_sessions_digest_tells_sessions_apart_and_does_not_hold_the_id() {
        let [one, other] = [1, 2].map(|byte| SessionId::from_bytes([byte; 16]));
        assert_eq!(session_digest(one).len(), 16);
        assert_ne!(session_digest(one), session_digest(other));
        assert!(!one.to_string().contains(&session_digest(one)));
    }
}
