//! The audit log: who did or read what, when, from where, and the outcome.
//!
//! The words are those of FHIR's `AuditEvent`. Entries are linked by hashes into chains, one per
//! run of one instance, so that instances do not wait for each other and a changed, removed or
//! reordered entry is found by [`ChainVerifier`].

mod chain;
mod event;
mod verify;

pub use chain::{AuditEntry, AuditHash, ChainHead, ChainId, ChainOpening, ChainRemoval, Tail};
pub use event::{
    AuditAction, AuditAgent, AuditEvent, AuditFilter, AuditRecord, AuditRecordId, Entity, MAX_QUERY_CHARS,
    OutboxEvent, OutboxId, masked, session_digest,
};
pub use verify::{ChainEnd, ChainFault, ChainVerifier, FaultKind};
