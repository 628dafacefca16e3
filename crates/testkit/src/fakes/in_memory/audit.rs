//! The audit log, in memory.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use yilin_domain::audit::{
    AuditEntry, AuditEvent, AuditFilter, AuditRecord, AuditRecordId, ChainId, ChainOpening, ChainRemoval,
    OutboxEvent, OutboxId,
};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{Appended, AuditRepository, Part, PortError};
use yilin_domain::time::Timestamp;

use super::state::State;
use super::{InMemory, list, lock};

impl InMemory {
    /// Rejects all appends to the audit log, or accepts them again.
    pub fn refuse_audit(&self, refused: bool) {
        self.audit_down.store(refused, Ordering::SeqCst);
    }

    /// Rejects entries whose query contains this text.
    pub fn refuse_audited_query(&self, text: &str) {
        *lock(&self.audit_refused) = Some(text.to_owned());
    }

    /// Lets the next appends succeed but return an error.
    pub fn lose_audit_answers(&self, calls: usize) {
        self.audit_answers_lost.store(calls, Ordering::SeqCst);
    }

    /// Leaves one of these events in the outbox during each of the next appends, as changes made meanwhile do.
    pub fn change_during_appends(&self, writer: ChainId, events: impl IntoIterator<Item = AuditEvent>) {
        *lock(&self.changed_meanwhile) = events.into_iter().map(|event| (writer, event)).collect();
    }

    /// Clears the audit log, like a database restored from a backup.
    pub fn lose_audit(&self) {
        let mut state = lock(&self.state);
        state.audit_chains.clear();
        state.audit_records.clear();
    }

    /// Deletes the opening of this audit chain.
    pub fn lose_audit_opening(&self, chain: ChainId) {
        lock(&self.state).audit_chains.remove(&chain);
    }
}

#[async_trait]
impl AuditRepository for InMemory {
    async fn open_chain(&self, opening: &ChainOpening) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        let known = state.audit_chains.entry(opening.id).or_insert_with(|| opening.clone());
        if known == opening { Ok(()) } else { Err(refused("another audit chain has this id")) }
    }

    async fn append(
        &self,
        chain: ChainId,
        entries: &[AuditEntry],
        linked: &[OutboxId],
    ) -> Result<Appended, PortError> {
        let mut state = self.begin().await?;
        if self.audit_down.load(Ordering::SeqCst) {
            let source = "the test rejects all appends to the audit log".into();
            return Err(PortError::Unavailable { part: Part::Database, source });
        }
        if let Some(text) = &*lock(&self.audit_refused)
            && entries.iter().any(|entry| entry.event.query.contains(text))
        {
            return Err(refused("the test does not accept this entry"));
        }
        let Some(first) = entries.first() else { return Ok(Appended::Stored) };
        let place = |sequence| state.entries_of(chain).find(|stored| stored.sequence == sequence);
        if entries.iter().any(|entry| place(entry.sequence).is_some()) {
            let repeated = entries.iter().all(|entry| place(entry.sequence) == Some(entry));
            return if repeated {
                Ok(Appended::Stored)
            } else {
                Err(refused("the position in the audit chain is taken"))
            };
        }
        let follows = match first.sequence.checked_sub(1) {
            Some(before) => place(before).is_some(),
            None => state.audit_chains.contains_key(&chain),
        };
        if !follows {
            return Ok(Appended::ChainGone);
        }
        if linked.iter().any(|id| !state.audit_outbox.contains_key(id)) {
            return Ok(Appended::Contended);
        }
        state.audit_outbox.retain(|id, _| !linked.contains(id));
        let recorded_first = entries.iter().map(|entry| entry.event.recorded).min().unwrap_or_default();
        for entry in entries {
            let id = AuditRecordId(state.next_id());
            let record = AuditRecord { id, chain, entry: entry.clone() };
            state.audit_records.insert((recorded_first, id), record);
        }
        if let Some(left) = lock(&self.changed_meanwhile).pop_front() {
            let id = OutboxId(state.next_id());
            state.audit_outbox.insert(id, left);
        }
        let lost = self.audit_answers_lost.load(Ordering::SeqCst);
        if lost > 0 {
            self.audit_answers_lost.store(lost - 1, Ordering::SeqCst);
            let source = "the test drops this result".into();
            return Err(PortError::Unavailable { part: Part::Database, source });
        }
        Ok(Appended::Stored)
    }

    async fn leave(&self, writer: ChainId, event: &AuditEvent) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        let id = OutboxId(state.next_id());
        state.audit_outbox.insert(id, (writer, event.clone()));
        Ok(())
    }

    async fn outbox(
        &self,
        writer: ChainId,
        abandoned: Timestamp,
        limit: u16,
    ) -> Result<Vec<OutboxEvent>, PortError> {
        let state = self.begin().await?;
        let due =
            state.audit_outbox.iter().filter(|(_, (of, event))| *of == writer || event.recorded < abandoned);
        let event =
            |(id, (_, event)): (&OutboxId, &(_, AuditEvent))| OutboxEvent { id: *id, event: event.clone() };
        Ok(due.map(event).take(limit.into()).collect())
    }

    async fn unlinked(&self, before: Timestamp) -> Result<u64, PortError> {
        let state = self.begin().await?;
        Ok(state.audit_outbox.values().filter(|(_, event)| event.recorded < before).count() as u64)
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

    async fn misfiled(&self, _: ChainId) -> Result<Option<u64>, PortError> {
        Ok(None)
    }

    async fn remove_chain(&self, removal: &ChainRemoval) -> Result<bool, PortError> {
        let mut state = self.begin().await?;
        let length = state.entries_of(removal.chain).count();
        if !state.audit_chains.contains_key(&removal.chain) || length as u64 != removal.entries {
            return Ok(false);
        }
        state.audit_chains.remove(&removal.chain);
        state.audit_records.retain(|_, record| record.chain != removal.chain);
        state.audit_removals.insert(removal.chain, *removal);
        Ok(true)
    }

    async fn removals(&self) -> Result<Vec<ChainRemoval>, PortError> {
        Ok(self.begin().await?.audit_removals.values().copied().collect())
    }

    async fn page(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditRecord>, PortError> {
        Ok(list::page(self.begin().await?.audited(filter), page))
    }

    async fn batch(
        &self,
        filter: &AuditFilter,
        last: Option<AuditRecordId>,
        limit: u16,
    ) -> Result<Option<Vec<AuditRecord>>, PortError> {
        let state = self.begin().await?;
        let key = |last| state.audit_records.keys().find(|(_, id)| *id == last).copied();
        let before = last.map(key);
        if before == Some(None) {
            return Ok(None);
        }
        let before = before.flatten();
        let rest =
            state.audit_records.iter().rev().filter(|(key, _)| before.is_none_or(|before| **key < before));
        let admitted = rest.map(|(_, record)| record).filter(|record| filter.admits(&record.entry.event));
        Ok(Some(admitted.take(limit.into()).cloned().collect()))
    }
}

impl State {
    fn entries_of(&self, chain: ChainId) -> impl Iterator<Item = &AuditEntry> {
        self.audit_records.values().filter(move |record| record.chain == chain).map(|record| &record.entry)
    }

    fn audited(&self, filter: &AuditFilter) -> impl Iterator<Item = AuditRecord> {
        self.audit_records.values().rev().filter(|record| filter.admits(&record.entry.event)).cloned()
    }
}

fn refused(reason: &'static str) -> PortError {
    PortError::Failed { part: Part::Database, source: reason.into() }
}
