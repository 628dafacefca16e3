use async_trait::async_trait;
use futures_util::FutureExt as _;
use yilin_domain::audit::{AuditEntry, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{AuditRepository, PortError};

use super::Database;
use super::queries::audit;

#[async_trait]
impl AuditRepository for Database {
    async fn open_chain(&self, opening: &ChainOpening) -> Result<(), PortError> {
        self.engine.write(opening.clone(), |conn, opening| audit::open_chain(conn, opening).boxed()).await
    }

    async fn append(&self, chain: ChainId, entries: &[AuditEntry]) -> Result<(), PortError> {
        self.engine
            .write((chain, entries.to_vec()), |conn, (chain, entries)| {
                audit::append(conn, *chain, entries).boxed()
            })
            .await
    }

    async fn chains(&self) -> Result<Vec<ChainOpening>, PortError> {
        self.engine.read((), |conn, ()| audit::chains(conn).boxed()).await
    }

    async fn chain(&self, chain: ChainId, from: u64, limit: u16) -> Result<Vec<AuditEntry>, PortError> {
        self.engine
            .read((chain, from, limit), |conn, (chain, from, limit)| {
                audit::chain(conn, *chain, *from, *limit).boxed()
            })
            .await
    }

    async fn page(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, PortError> {
        self.engine
            .read((filter.clone(), page), |conn, (filter, page)| audit::page(conn, filter, *page).boxed())
            .await
    }

    async fn batch(
        &self,
        filter: &AuditFilter,
        before: Option<AuditRecordId>,
        limit: u16,
    ) -> Result<Vec<AuditRecord>, PortError> {
        self.engine
            .read((filter.clone(), before, limit), |conn, (filter, before, limit)| {
                audit::batch(conn, filter, *before, *limit).boxed()
            })
            .await
    }
}
