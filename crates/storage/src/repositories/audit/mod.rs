//! The audit log. Appends use dedicated connections (if the database has several), so that they do not queue
//! behind requests that wait for them.

mod chain;
pub(super) mod outbox;
mod remove;
mod search;
mod write;

use std::time::Duration;

use async_trait::async_trait;
use yilin_domain::audit::{
    AuditEntry, AuditEvent, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening, ChainRemoval,
    OutboxEvent, OutboxId,
};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{Appended, AuditRepository, PortError};
use yilin_domain::time::Timestamp;

use super::Database;
use crate::error::failed;
use crate::rows::NewBlock;

/// Timeout of removing a chain.
const REMOVING: Duration = Duration::from_secs(1800);

#[async_trait]
impl AuditRepository for Database {
    async fn open_chain(&self, opening: &ChainOpening) -> Result<(), PortError> {
        self.log.write(opening.clone(), work!(|conn, opening| write::open_chain(conn, opening).await)).await
    }

    async fn append(
        &self,
        chain: ChainId,
        entries: &[AuditEntry],
        linked: &[OutboxId],
    ) -> Result<Appended, PortError> {
        let blocks = NewBlock::cut(chain, entries).map_err(failed)?;
        let args = (blocks, linked.to_vec());
        let appended = self
            .log
            .save(args, work!(|conn, (blocks, linked)| write::append(conn, blocks, linked).await))
            .await?;
        Ok(appended.unwrap_or(Appended::Contended))
    }

    async fn leave(&self, writer: ChainId, event: &AuditEvent) -> Result<(), PortError> {
        let args = (writer, event.clone());
        self.engine
            .write(args, work!(|conn, (writer, event)| outbox::insert(conn, *writer, event).await))
            .await
    }

    async fn outbox(
        &self,
        writer: ChainId,
        abandoned: Timestamp,
        limit: u16,
    ) -> Result<Vec<OutboxEvent>, PortError> {
        self.log
            .read(
                (writer, abandoned, limit),
                work!(|conn, (writer, abandoned, limit)| {
                    outbox::events(conn, *writer, *abandoned, *limit).await
                }),
            )
            .await
    }

    async fn unlinked(&self, before: Timestamp) -> Result<u64, PortError> {
        self.engine.read(before, work!(|conn, before| outbox::unlinked(conn, *before).await)).await
    }

    async fn chains(&self) -> Result<Vec<ChainOpening>, PortError> {
        self.engine.read((), work!(|conn, ()| chain::openings(conn).await)).await
    }

    async fn chains_without_opening(&self) -> Result<Vec<ChainId>, PortError> {
        self.engine.read((), work!(|conn, ()| chain::without_opening(conn).await)).await
    }

    async fn chain(&self, chain: ChainId, from: u64, limit: u16) -> Result<Vec<AuditEntry>, PortError> {
        self.engine
            .read(
                (chain, from, limit),
                work!(|conn, (chain, from, limit)| chain::entries(conn, *chain, *from, *limit).await),
            )
            .await
    }

    async fn misfiled(&self, chain: ChainId) -> Result<Option<u64>, PortError> {
        let mut next = Some(0);
        while let Some(from) = next {
            let args = (chain, from);
            let filed =
                self.engine.read(args, work!(|conn, (chain, from)| chain::filed(conn, *chain, *from).await));
            let chain::Filed { fault, next: following } = filed.await?;
            if fault.is_some() {
                return Ok(fault);
            }
            next = following;
        }
        Ok(None)
    }

    async fn remove_chain(&self, removal: &ChainRemoval) -> Result<bool, PortError> {
        self.log
            .write_lasting(REMOVING, *removal, work!(|conn, removal| remove::remove(conn, removal).await))
            .await
    }

    async fn removals(&self) -> Result<Vec<ChainRemoval>, PortError> {
        self.engine.read((), work!(|conn, ()| remove::removals(conn).await)).await
    }

    async fn page(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, PortError> {
        search::page(&self.engine, filter, page).await
    }

    async fn batch(
        &self,
        filter: &AuditFilter,
        last: Option<AuditRecordId>,
        limit: u16,
    ) -> Result<Option<Vec<AuditRecord>>, PortError> {
        search::batch(&self.engine, filter, last, limit).await
    }
}
