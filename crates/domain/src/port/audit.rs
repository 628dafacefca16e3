//! The port that stores the audit log.

use async_trait::async_trait;

use super::PortError;
use crate::audit::{AuditEntry, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening};
use crate::list::{Page, PageRequest};

/// Keeps the audit log. Nothing in it is ever changed or deleted.
#[async_trait]
pub trait AuditRepository: Send + Sync {
    /// Opens a chain. Opening it again in the same way is a success.
    async fn open_chain(&self, opening: &ChainOpening) -> Result<(), PortError>;

    /// Appends entries, all of one chain that is open and in the order of their places, beginning
    /// where the last call ended: together or not at all. The same call again is a success, so that
    /// a caller who learns nothing of the outcome may repeat it.
    async fn append(&self, chain: ChainId, entries: &[AuditEntry]) -> Result<(), PortError>;

    /// How every chain began, in the order of their ids.
    async fn chains(&self) -> Result<Vec<ChainOpening>, PortError>;

    /// Chains that have entries although how they began is not known, in the order of their ids: there
    /// are none, unless somebody has tampered with the database.
    async fn chains_without_opening(&self) -> Result<Vec<ChainId>, PortError>;

    /// The chain's entries from this place on, in the order of their places: at most `limit`, and
    /// fewer only at the end.
    async fn chain(&self, chain: ChainId, from: u64, limit: u16) -> Result<Vec<AuditEntry>, PortError>;

    /// One page, newest (largest id) first. A page past the end is empty.
    async fn page(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, PortError>;

    /// The next entries with an id below `before` (or the newest), newest first: at most `limit`,
    /// and fewer only at the end.
    async fn batch(
        &self,
        filter: &AuditFilter,
        before: Option<AuditRecordId>,
        limit: u16,
    ) -> Result<Vec<AuditRecord>, PortError>;
}
