use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use yilin_domain::audit::{AuditEntry, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{AuditRepository, PortError};

use super::queries::{audit, audit_index, audit_index_check, audit_search};
use super::{Connector, Database};
use crate::backend::AuditIndex;
use crate::engine::Engine;
use crate::error::{AuditIndexFault, failed};

/// How long emptying the index may take.
const EMPTYING: Duration = Duration::from_secs(600);

#[async_trait]
impl AuditRepository for Database {
    async fn open_chain(&self, opening: &ChainOpening) -> Result<(), PortError> {
        self.log.write(opening.clone(), |conn, opening| audit::open_chain(conn, opening).boxed()).await?;
        // Whoever wrote the others may have ended before their last entries were due.
        let chains = self.chains().await?.into_iter().map(|opening| opening.id);
        self.index_in_background(chains.filter(|chain| *chain != opening.id).collect(), 1);
        Ok(())
    }

    async fn append(&self, chain: ChainId, entries: &[AuditEntry]) -> Result<(), PortError> {
        let (Some(first), Some(last)) = (entries.first(), entries.last()) else { return Ok(()) };
        let blocks = audit::blocks(chain, entries).map_err(failed)?;
        if blocks.len() == 1 {
            self.log.write_alone(blocks, |conn, blocks| audit::append(conn, blocks).boxed()).await?;
        } else {
            self.log.write(blocks, |conn, blocks| audit::append(conn, blocks).boxed()).await?;
        }
        if audit_index::is_due(first.sequence, last.sequence) {
            self.index_in_background(vec![chain], audit_index::SEGMENT);
        }
        Ok(())
    }

    async fn chains(&self) -> Result<Vec<ChainOpening>, PortError> {
        self.engine.read((), |conn, ()| audit::chains(conn).boxed()).await
    }

    async fn chains_without_opening(&self) -> Result<Vec<ChainId>, PortError> {
        self.engine.read((), |conn, ()| audit::chains_without_opening(conn).boxed()).await
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
            .read((filter.clone(), page), |conn, (filter, page)| {
                audit_search::page(conn, filter, *page).boxed()
            })
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
                audit_search::batch(conn, filter, *before, *limit).boxed()
            })
            .await
    }
}

impl Database {
    /// Makes what was appended searchable by postings; until then it is read. Nobody waits for it,
    /// and what fails is done the next time.
    fn index_in_background(&self, chains: Vec<ChainId>, at_least: u32) {
        let log = self.log.clone();
        self.log.background(async move {
            for chain in chains {
                if let Err(error) = index(&log, chain, at_least).await {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the audit log's index waits for the next entries");
                    return;
                }
            }
        });
    }
}

/// Makes segments of the chain's next blocks for as long as they have so many entries.
async fn index(log: &Engine<Connector>, chain: ChainId, at_least: u32) -> Result<(), PortError> {
    loop {
        let indexed = log.save((chain, at_least), |conn, (chain, at_least)| {
            audit_index::index(conn, *chain, *at_least).boxed()
        });
        // Undone where another instance was faster.
        if indexed.await? == Ok(0) {
            return Ok(());
        }
    }
}

#[async_trait]
impl AuditIndex for Database {
    async fn check_audit_index(&self) -> Result<Vec<AuditIndexFault>, PortError> {
        let (segments, mut faults) =
            self.engine.read((), |conn, ()| audit_index_check::segments(conn).boxed()).await?;
        for segment in segments {
            let fault = segment.fault();
            let is_right = self
                .engine
                .read(segment, |conn, segment| audit_index_check::is_right(conn, segment).boxed())
                .await?;
            if !is_right {
                faults.push(fault);
            }
        }
        Ok(faults)
    }

    async fn empty_audit_index(&self) -> Result<(), PortError> {
        self.log.write_lasting(EMPTYING, (), |conn, ()| audit_index::empty(conn).boxed()).await
    }

    async fn index_audit_chain(&self, chain: ChainId) -> Result<(), PortError> {
        index(&self.log, chain, 1).await
    }
}
