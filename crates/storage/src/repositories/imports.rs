use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use yilin_domain::account::{AccountUuid, NewAccount, PhoneNumber};
use yilin_domain::port::{AccountTaken, ImportRepository, PortError};
use yilin_domain::roster::{ImportCounts, ImportJob, ImportJobId, ImportState, KeptRow};
use yilin_domain::time::Timestamp;

use super::Database;
use super::queries::imports;

/// How long storing a whole roster in one transaction may take: nobody waits for it as for a page.
const WHOLE_ROSTER: Duration = Duration::from_secs(300);

#[async_trait]
impl ImportRepository for Database {
    async fn begin(&self, job: &ImportJob) -> Result<(), PortError> {
        self.engine.write(job.clone(), |conn, job| imports::begin(conn, job).boxed()).await
    }

    async fn advance(&self, id: ImportJobId, counts: ImportCounts, at: Timestamp) -> Result<(), PortError> {
        self.engine
            .write((id, counts, at), |conn, (id, counts, at)| {
                imports::advance(conn, *id, *counts, *at).boxed()
            })
            .await
    }

    async fn beat(&self, id: ImportJobId, at: Timestamp) -> Result<(), PortError> {
        self.engine.write((id, at), |conn, (id, at)| imports::beat(conn, *id, *at).boxed()).await
    }

    async fn taken(&self, phones: &[PhoneNumber]) -> Result<Vec<bool>, PortError> {
        self.engine.read(phones.to_vec(), |conn, phones| imports::taken(conn, phones).boxed()).await
    }

    async fn import(
        &self,
        id: ImportJobId,
        accounts: Vec<NewAccount>,
        all_or_nothing: bool,
        at: Timestamp,
    ) -> Result<Vec<Result<(), AccountTaken>>, PortError> {
        let args = (id, accounts, all_or_nothing, at, self.random.clone());
        self.engine
            .write_lasting(WHOLE_ROSTER, args, |conn, (id, accounts, all_or_nothing, at, random)| {
                imports::import(conn, *id, accounts, *all_or_nothing, *at, &**random).boxed()
            })
            .await
    }

    async fn finish(
        &self,
        id: ImportJobId,
        state: ImportState,
        counts: ImportCounts,
        kept: Vec<KeptRow>,
        at: Timestamp,
    ) -> Result<(), PortError> {
        self.engine
            .write((id, state, counts, kept, at), |conn, (id, state, counts, kept, at)| {
                imports::finish(conn, *id, *state, *counts, kept, *at).boxed()
            })
            .await
    }

    async fn find(&self, id: ImportJobId) -> Result<Option<ImportJob>, PortError> {
        self.engine.read(id, |conn, id| imports::find(conn, *id).boxed()).await
    }

    async fn newest_of(&self, account: AccountUuid) -> Result<Option<ImportJob>, PortError> {
        self.engine.read(account, |conn, account| imports::newest_of(conn, *account).boxed()).await
    }

    async fn kept_rows(&self, id: ImportJobId) -> Result<Vec<KeptRow>, PortError> {
        self.engine.read(id, |conn, id| imports::kept_rows(conn, *id).boxed()).await
    }

    async fn forget_imports(&self, rows: Timestamp, jobs: Timestamp) -> Result<u64, PortError> {
        self.engine
            .write((rows, jobs), |conn, (rows, jobs)| imports::forget(conn, *rows, *jobs).boxed())
            .await
    }
}
