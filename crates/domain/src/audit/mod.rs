//! The audit log: who did or read what, when, from where, and the outcome.
//!
//! The terms are those of FHIR's `AuditEvent`. Entries are linked by hashes into chains, one per run of an
//! instance, so that instances do not block each other. [`ChainVerifier`] detects changed, removed and
//! reordered entries.

mod chain;
mod event;
mod origin;
mod verification;
mod verify;

pub use chain::{AuditEntry, AuditHash, ChainHead, ChainId, ChainOpening, ChainRemoval, Tail};
pub use event::{
    AuditAction, AuditAgent, AuditEvent, AuditFilter, AuditRecord, AuditRecordId, Entity, MAX_QUERY_CHARS,
    OutboxEvent, OutboxId, UNLINKED_FOR, masked, session_digest,
};
pub use origin::{Changed, EntryDraft, Origin, Progress};
pub use verification::{
    FaultName, FaultSummary, VerificationProgress, VerificationResult, VerificationRun, VerificationRunId,
};
pub use verify::{ChainEnd, ChainFault, ChainVerifier, FaultKind};
