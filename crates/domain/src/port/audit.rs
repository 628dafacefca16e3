//! The port that stores the audit log.

use async_trait::async_trait;

use super::PortError;
use crate::audit::{
    AuditEntry, AuditEvent, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening, ChainRemoval,
    OutboxEvent, OutboxId,
};
use crate::list::{Page, PageRequest};
use crate::time::Timestamp;

/// Whether entries were appended to a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Appended {
    /// They are stored, by this call or by the one that it repeats.
    Stored,
    /// The entry before them, or the chain's opening, is not there; nothing is stored. A chain has one
    /// writer, so the database is not the one that this chain was written to: somebody has restored it.
    ChainGone,
    /// Another writer has linked some of the events in the outbox; nothing is stored.
    Contended,
}

/// Keeps the audit log. Entries are never changed; they are removed by whole chains, long after they
/// were recorded.
///
/// Lists go from the newest to the oldest: calls of [`append`](Self::append) by the time of their oldest
/// entry, and the entries of one call by their places.
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// Opens a chain. Opening it again in the same way is a success.
    async fn open_chain(&self, opening: &ChainOpening) -> Result<(), PortError>;

    /// Appends entries, all of one chain and in the order of their places, beginning where the last
    /// call ended: together or not at all. The same call again is a success, so that a caller who does
    /// not learn the outcome may repeat it. Other entries for places that are taken are
    /// [`PortError::Failed`]; so is what the database does not accept.
    ///
    /// Entries may be of events in the outbox. `linked` names those: they are taken out of it in the same unit of
    /// work, or nothing is done.
    async fn append(
        &self,
        chain: ChainId,
        entries: &[AuditEntry],
        linked: &[OutboxId],
    ) -> Result<Appended, PortError>;

    /// Puts an event into the outbox, for the writer of this chain. (Units of work that make a change do it
    /// themselves; this is for what has no other.)
    async fn leave(&self, writer: ChainId, event: &AuditEvent) -> Result<(), PortError>;

    /// The events in the outbox, in the order of their ids: those that are for the writer of this chain, and those
    /// of any other that were recorded before `abandoned`. At most `limit`.
    async fn outbox(
        &self,
        writer: ChainId,
        abandoned: Timestamp,
        limit: u16,
    ) -> Result<Vec<OutboxEvent>, PortError>;

    /// How many events in the outbox were recorded before this time.
    async fn unlinked(&self, before: Timestamp) -> Result<u64, PortError>;

    /// How every chain began, in the order of their ids.
    async fn chains(&self) -> Result<Vec<ChainOpening>, PortError>;

    /// Chains that have entries but no opening, in the order of their ids: none, unless the database was
    /// tampered with.
    async fn chains_without_opening(&self) -> Result<Vec<ChainId>, PortError>;

    /// The chain's entries from this place on, in the order of their places: at most `limit`, and none only
    /// at the end.
    async fn chain(&self, chain: ChainId, from: u64, limit: u16) -> Result<Vec<AuditEntry>, PortError>;

    /// The place of the first entry of a chain that lists may leave out, because what the storage finds entries
    /// by does not say what they say: there is none, unless the database was tampered with.
    async fn misfiled(&self, chain: ChainId) -> Result<Option<u64>, PortError>;

    /// Removes a chain as a whole, and keeps the fact that it was removed. `false`, and nothing is
    /// removed, if the chain has more or fewer entries than the removal says, or is gone already.
    async fn remove_chain(&self, removal: &ChainRemoval) -> Result<bool, PortError>;

    /// The chains that were removed, in the order of their ids.
    async fn removals(&self) -> Result<Vec<ChainRemoval>, PortError>;

    /// One page, newest first. A page past the end is empty.
    async fn page(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, PortError>;

    /// The next entries after `last` (or the first), newest first: at most `limit`, and fewer only at the
    /// end. If `last` was removed meanwhile, [`PortError::Failed`].
    async fn batch(
        &self,
        filter: &AuditFilter,
        last: Option<AuditRecordId>,
        limit: u16,
    ) -> Result<Vec<AuditRecord>, PortError>;
}
