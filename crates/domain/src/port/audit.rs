//! The port that stores the audit log.

use async_trait::async_trait;

use super::PortError;
use crate::audit::{
    AuditEntry, AuditEvent, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening, ChainRemoval,
    OutboxEvent, OutboxId,
};
use crate::list::{Page, PageRequest};
use crate::time::Timestamp;

/// The outcome of appending entries to a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Appended {
    /// They are stored, by this call or by an earlier identical one.
    Stored,
    /// The previous entry, or the chain's opening, does not exist; nothing is stored. A chain has a single
    /// writer, so this is not the database that the chain was written to: it was restored from a backup.
    ChainGone,
    /// Another writer has linked some of the events in the outbox; nothing is stored.
    Contended,
}

/// Stores the audit log. Entries are never changed; they are removed by whole chains after the retention
/// period.
///
/// Lists are newest first: calls of [`append`](Self::append) by the time of their oldest entry, and the
/// entries of one call by position.
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// Opens a chain. Repeating an identical call succeeds.
    async fn open_chain(&self, opening: &ChainOpening) -> Result<(), PortError>;

    /// Appends entries of one chain in order, starting after the last stored position: all or none. Repeating
    /// an identical call succeeds, so a caller that does not learn the outcome may retry. Different entries
    /// at positions that are taken, or entries that the database rejects, are [`PortError::Failed`].
    ///
    /// Entries may come from the outbox. `linked` lists those events: they are removed from it in the same
    /// unit of work, or nothing is done.
    async fn append(
        &self,
        chain: ChainId,
        entries: &[AuditEntry],
        linked: &[OutboxId],
    ) -> Result<Appended, PortError>;

    /// Puts an event into the outbox of this chain's writer. (Units of work that make a change do so
    /// themselves; this is for events without one.)
    async fn leave(&self, writer: ChainId, event: &AuditEvent) -> Result<(), PortError>;

    /// At most `limit` events of the outbox in id order: those for the writer of this chain, and those of
    /// other writers recorded before `abandoned`.
    async fn outbox(
        &self,
        writer: ChainId,
        abandoned: Timestamp,
        limit: u16,
    ) -> Result<Vec<OutboxEvent>, PortError>;

    /// Number of outbox events recorded before this time.
    async fn unlinked(&self, before: Timestamp) -> Result<u64, PortError>;

    /// The openings of all chains, in id order.
    async fn chains(&self) -> Result<Vec<ChainOpening>, PortError>;

    /// Chains with entries but no opening, in id order: none unless the database was tampered with.
    async fn chains_without_opening(&self) -> Result<Vec<ChainId>, PortError>;

    /// At most `limit` entries of the chain from this position on, in order; none only at the end.
    async fn chain(&self, chain: ChainId, from: u64, limit: u16) -> Result<Vec<AuditEntry>, PortError>;

    /// The position of the first entry of a chain that lists may omit, because the search index does not
    /// match the entry: none unless the database was tampered with.
    async fn misfiled(&self, chain: ChainId) -> Result<Option<u64>, PortError>;

    /// Removes a whole chain and stores its removal. `false`, and nothing is removed, if the number of
    /// entries differs from the removal's, or the chain no longer exists.
    async fn remove_chain(&self, removal: &ChainRemoval) -> Result<bool, PortError>;

    /// Removed chains, in id order.
    async fn removals(&self) -> Result<Vec<ChainRemoval>, PortError>;

    /// One page, newest first. A page past the end is empty.
    async fn page(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, PortError>;

    /// At most `limit` entries after `last` (or the first ones), newest first; fewer only at the end. `None` if there is
    /// no entry `last`, or no longer.
    async fn batch(
        &self,
        filter: &AuditFilter,
        last: Option<AuditRecordId>,
        limit: u16,
    ) -> Result<Option<Vec<AuditRecord>>, PortError>;
}
