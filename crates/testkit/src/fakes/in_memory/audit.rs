//! The audit log, in memory.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use yilin_domain::audit::{AuditEntry, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{AuditRepository, Part, PortError};

use super::state::State;
use super::{InMemory, list, lock};

#[async_trait]
impl AuditRepository for InMemory {
    async fn open_chain(&self, opening: &ChainOpening) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        let known = state.audit_chains.entry(opening.id).or_insert_with(|| opening.clone());
        if known == opening { Ok(()) } else { Err(taken("another audit chain has this id")) }
    }

    async fn append(&self, chain: ChainId, entries: &[AuditEntry]) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        if self.audit_refused.load(Ordering::SeqCst) {
            let source = "the test lets nothing be appended to the audit log".into();
            return Err(PortError::Unavailable { part: Part::Database, source });
        }
        let place = |sequence| state.entries_of(chain).find(|stored| stored.sequence == sequence);
        if entries.iter().any(|entry| place(entry.sequence).is_some()) {
            let repeated = entries.iter().all(|entry| place(entry.sequence) == Some(entry));
            return if repeated { Ok(()) } else { Err(taken("the place in the audit chain is taken")) };
        }
        for entry in entries {
            let id = AuditRecordId(state.next_id());
            state.audit_records.insert(id, AuditRecord { id, chain, entry: entry.clone() });
        }
        Ok(())
    }

    async fn chains(&self) -> Result<Vec<ChainOpening>, PortError> {
        Ok(self.begin().await?.audit_chains.values().cloned().collect())
    }

    async fn chains_without_opening(&self) -> Result<Vec<ChainId>, PortError> {
        let state = self.begin().await?;
        let chains: BTreeSet<_> = state.audit_records.values().map(|record| record.chain).collect();
        Ok(chains.into_iter().filter(|chain| !state.audit_chains.contains_key(chain)).collect())
    }

    async fn chain(&self, chain: ChainId, from: u64, limit: u16) -> Result<Vec<AuditEntry>, PortError> {
        let state = self.begin().await?;
        if *lock(&self.corrupt_chain) == Some(chain) {
            let (row, reason) = (from.to_string(), "the test has corrupted it".to_owned());
            return Err(PortError::Corrupt { table: "audit_entry", column: "body", row, reason });
        }
        let mut entries: Vec<_> =
            state.entries_of(chain).filter(|entry| entry.sequence >= from).cloned().collect();
        entries.sort_by_key(|entry| entry.sequence);
        entries.truncate(limit.into());
        Ok(entries)
    }

    async fn page(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, PortError> {
        Ok(list::page(self.begin().await?.audited(filter, None), page))
    }

    async fn batch(
        &self,
        filter: &AuditFilter,
        before: Option<AuditRecordId>,
        limit: u16,
    ) -> Result<Vec<AuditRecord>, PortError> {
        Ok(self.begin().await?.audited(filter, before).take(limit.into()).collect())
    }
}

impl State {
    fn entries_of(&self, chain: ChainId) -> impl Iterator<Item = &AuditEntry> {
        self.audit_records.values().filter(move |record| record.chain == chain).map(|record| &record.entry)
    }

    fn audited(
        &self,
        filter: &AuditFilter,
        before: Option<AuditRecordId>,
    ) -> impl Iterator<Item = AuditRecord> {
        let newest = list::newest_first(&self.audit_records, before);
        newest.filter(|record| filter.admits(&record.entry.event)).cloned()
    }
}

fn taken(reason: &'static str) -> PortError {
    PortError::Failed { part: Part::Database, source: reason.into() }
}
