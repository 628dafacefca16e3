//! Imports, in memory.

use std::collections::HashSet;

use std::cmp::Reverse;

use async_trait::async_trait;
use yilin_domain::account::{AccountUuid, NewAccount, PhoneNumber};
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::port::{AccountTaken, ImportRepository, PortError};
use yilin_domain::roster::{ImportCounts, ImportJob, ImportJobId, ImportRemarks, ImportState, KeptRow};
use yilin_domain::time::Timestamp;

use super::InMemory;
use super::state::{State, StoredImport};

#[async_trait]
impl ImportRepository for InMemory {
    async fn begin(&self, job: &ImportJob) -> Result<ImportJob, PortError> {
        let mut state = self.begin().await?;
        if let Some(before) = job.follows.and_then(|of| state.follower(of)) {
            return Ok(before);
        }
        let number = state.next_id();
        state.imports.insert(
            job.id,
            StoredImport { number, job: job.clone(), kept: Vec::new(), remarks: ImportRemarks::default() },
        );
        Ok(job.clone())
    }

    async fn follower(&self, of: ImportJobId) -> Result<Option<ImportJob>, PortError> {
        Ok(self.begin().await?.follower(of))
    }

    async fn release(&self, id: ImportJobId) -> Result<(), PortError> {
        if let Some(stored) = self.begin().await?.imports.get_mut(&id) {
            stored.job.holds_file = false;
        }
        Ok(())
    }

    async fn advance(&self, id: ImportJobId, counts: ImportCounts, at: Timestamp) -> Result<(), PortError> {
        self.begin().await?.change_import(id, at, |stored| stored.job.counts = counts);
        Ok(())
    }

    async fn beat(&self, id: ImportJobId, at: Timestamp) -> Result<(), PortError> {
        self.begin().await?.change_import(id, at, |_| {});
        Ok(())
    }

    async fn taken(&self, phones: &[PhoneNumber]) -> Result<Vec<bool>, PortError> {
        let state = self.begin().await?;
        Ok(phones.iter().map(|phone| state.has_phone(phone)).collect())
    }

    async fn import(
        &self,
        id: ImportJobId,
        accounts: Vec<NewAccount>,
        all_or_nothing: bool,
        at: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<Vec<Result<(), AccountTaken>>, PortError> {
        let mut state = self.begin().await?;
        let mut seen = HashSet::new();
        let mut verdict = |new: &NewAccount| match &new.phone {
            Some(phone) if state.has_phone(phone) || !seen.insert(phone.clone()) => Err(AccountTaken::Phone),
            _ => Ok(()),
        };
        let verdicts: Vec<_> = accounts.iter().map(&mut verdict).collect();
        if all_or_nothing && verdicts.iter().any(Result::is_err) {
            return Ok(verdicts);
        }
        let stored = accounts.into_iter().map(|new| state.insert_account(new, &*self.random).map(drop));
        let verdicts: Vec<_> = stored.collect();
        let taken = verdicts.iter().filter(|verdict| verdict.is_err()).count();
        state.change_import(id, at, |stored| {
            stored.job.counts.imported += u64::try_from(verdicts.len() - taken).unwrap_or(u64::MAX);
            stored.job.counts.skipped += u64::try_from(taken).unwrap_or(u64::MAX);
        });
        if verdicts.len() > taken {
            let results = Changed::many(verdicts.len() - taken).results;
            state.leave(entry.as_ref(), Changed { results, ..Changed::one("import", id, None) });
        }
        Ok(verdicts)
    }

    async fn remark(&self, id: ImportJobId, remarks: &ImportRemarks) -> Result<(), PortError> {
        if let Some(stored) = self.begin().await?.imports.get_mut(&id) {
            let plain = |text: &String| text.chars().filter(|char| !char.is_control()).collect();
            let columns = remarks.unknown_columns.iter().map(|(sheet, column)| (plain(sheet), plain(column)));
            stored.remarks = ImportRemarks {
                unknown_columns: columns.collect(),
                ignored_sheets: remarks.ignored_sheets.iter().map(plain).collect(),
            };
        }
        Ok(())
    }

    async fn remarks(&self, id: ImportJobId) -> Result<ImportRemarks, PortError> {
        Ok(self.begin().await?.imports.get(&id).map(|stored| stored.remarks.clone()).unwrap_or_default())
    }

    async fn finish(
        &self,
        id: ImportJobId,
        state: ImportState,
        counts: ImportCounts,
        kept: Vec<KeptRow>,
        at: Timestamp,
    ) -> Result<(), PortError> {
        self.begin().await?.change_import(id, at, |stored| {
            stored.job.state = state;
            stored.job.counts = counts;
            stored.kept = kept;
        });
        Ok(())
    }

    async fn find(&self, id: ImportJobId) -> Result<Option<ImportJob>, PortError> {
        Ok(self.begin().await?.imports.get(&id).map(|stored| stored.job.clone()))
    }

    async fn newest_of(&self, account: AccountUuid) -> Result<Option<ImportJob>, PortError> {
        let state = self.begin().await?;
        let own = state.imports.values().filter(|stored| stored.job.started_by == account);
        Ok(own.max_by_key(|stored| stored.number).map(|stored| stored.job.clone()))
    }

    async fn recent(&self, limit: u16) -> Result<Vec<ImportJob>, PortError> {
        let state = self.begin().await?;
        let mut imports: Vec<_> = state.imports.values().collect();
        imports.sort_by_key(|stored| Reverse(stored.number));
        Ok(imports.into_iter().take(limit.into()).map(|stored| stored.job.clone()).collect())
    }

    async fn kept_rows(&self, id: ImportJobId) -> Result<Vec<KeptRow>, PortError> {
        Ok(self.begin().await?.imports.get(&id).map(|stored| stored.kept.clone()).unwrap_or_default())
    }

    async fn forget_imports(&self, rows: Timestamp, jobs: Timestamp) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let mut forgotten = 0;
        for stored in state.imports.values_mut().filter(|stored| stored.job.last_heartbeat_at < rows) {
            forgotten += std::mem::take(&mut stored.kept).len();
        }
        let before = state.imports.len();
        state.imports.retain(|_, stored| stored.job.last_heartbeat_at >= jobs);
        Ok(u64::try_from(forgotten + before - state.imports.len()).unwrap_or(u64::MAX))
    }
}

impl State {
    fn follower(&self, of: ImportJobId) -> Option<ImportJob> {
        let mut jobs = self.imports.values().map(|stored| &stored.job);
        jobs.find(|job| job.follows == Some(of)).cloned()
    }

    fn change_import(&mut self, id: ImportJobId, at: Timestamp, change: impl FnOnce(&mut StoredImport)) {
        if let Some(stored) = self.imports.get_mut(&id) {
            stored.job.last_heartbeat_at = at;
            change(stored);
        }
    }
}
