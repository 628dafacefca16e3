//! Roster imports.
//!
//! A file is read completely before any account is created, so that a damaged file changes nothing. Then
//! accounts are stored in chunks, each together with the import's progress.

mod held;
mod reading;
mod report;
mod storing;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use held::HeldFiles;
pub use held::{FileGone, HeldImport};
use reading::ReadRoster;
pub use report::{ImportOutcome, ImportReport, ProblemWording};
use storing::Storing;

use super::Context;
use crate::account::{AccountSummary, Actor, Role};
use crate::audit::Origin;
use crate::error::Error;
use crate::port::{ByteStream, ReadRosterError, ReceivedRoster, RosterPieces};
use crate::roster::{
    ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportRemarks, ImportState, KeptRow, RosterFault,
    report_sheets, template_sheets,
};
use crate::time::Timestamp;

/// Imports rosters and stores the results.
#[derive(Clone)]
pub struct RosterImport {
    context: Arc<Context>,
    held: HeldFiles,
}

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file could not be read.
    #[error(transparent)]
    Read(#[from] ReadRosterError),
    /// A use case failed.
    #[error(transparent)]
    Domain(#[from] Error),
}

impl ImportError {
    /// The fault of the file, if that is the cause.
    fn fault(&self) -> Option<RosterFault> {
        match self {
            Self::Read(ReadRosterError::Fault(fault)) => Some(*fault),
            _ => None,
        }
    }
}

impl From<crate::port::PortError> for ImportError {
    fn from(error: crate::port::PortError) -> Self {
        Self::Domain(error.into())
    }
}

/// An import whose file has been received and that is ready to run.
pub struct ArrivedImport {
    /// The import.
    pub job: ImportJob,
    file: Box<dyn ReceivedRoster>,
    origin: Option<Origin>,
}

/// Receives the progress of an import.
pub type Watch<'a> = &'a (dyn Fn(ImportCounts) + Send + Sync);

impl RosterImport {
    /// Maximum number of rows per import.
    pub const MAX_ROWS: usize = 100_000;
    /// Maximum size of the file in bytes.
    pub const MAX_BYTES: u64 = 20 << 20;

    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context, held: HeldFiles::default() }
    }

    /// Receives a file of at most `limit` bytes. Nothing is imported until [`Self::run`].
    pub async fn receive(
        &self,
        actor: &Actor,
        content: ByteStream,
        limit: u64,
        options: ImportOptions,
    ) -> Result<ArrivedImport, ImportError> {
        actor.require(&[Role::Admin])?;
        let ports = &self.context.ports;
        let file = ports.rosters.receive(content, limit.min(Self::MAX_BYTES)).await?;
        let job = ports.imports.begin(&self.job(actor, options)).await?;
        Ok(ArrivedImport { job, file, origin: actor.origin.clone() })
    }

    /// An import that this account starts now.
    fn job(&self, actor: &Actor, options: ImportOptions) -> ImportJob {
        let now = self.context.now();
        ImportJob {
            id: ImportJobId::from_bytes(self.context.ports.random.bytes()),
            started_by: actor.uuid,
            options,
            state: ImportState::Running,
            counts: ImportCounts::default(),
            started_at: now,
            last_heartbeat_at: now,
            holds_file: false,
            follows: None,
        }
    }

    /// Reads the file and imports it, with a heartbeat every [`ImportJob::HEARTBEAT`]. Run it in a separate
    /// task, which continues when a client disconnects.
    pub async fn run(&self, arrived: ArrivedImport, watch: Watch<'_>) -> Result<ImportReport, ImportError> {
        let ArrivedImport { job, file, origin } = arrived;
        self.run_file(&job, file.read(), origin.as_ref(), watch).await
    }

    /// Imports what is read from a file.
    async fn run_file(
        &self,
        job: &ImportJob,
        pieces: RosterPieces,
        origin: Option<&Origin>,
        watch: Watch<'_>,
    ) -> Result<ImportReport, ImportError> {
        self.beating(job.id, self.run_to_end(job, pieces, origin, watch)).await
    }

    /// Does this work for an import, with a heartbeat every [`ImportJob::HEARTBEAT`].
    async fn beating<T>(&self, id: ImportJobId, work: impl Future<Output = T>) -> T {
        match select(pin!(work), pin!(self.heartbeat(id))).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((never, _)) => match never {},
        }
    }

    /// Concurrent with the work rather than between its steps: one step (such as waiting for a hashing slot)
    /// may take longer than an import without a heartbeat counts as running.
    async fn heartbeat(&self, id: ImportJobId) -> Infallible {
        let ports = &self.context.ports;
        loop {
            ports.clock.sleep(ImportJob::HEARTBEAT).await;
            // A failed heartbeat is made up by the next one; if the database stays unavailable, the work
            // fails.
            let _sent = ports.imports.beat(id, self.context.now()).await;
        }
    }

    async fn run_to_end(
        &self,
        job: &ImportJob,
        pieces: RosterPieces,
        origin: Option<&Origin>,
        watch: Watch<'_>,
    ) -> Result<ImportReport, ImportError> {
        // Only at the end is it known whether any account was stored.
        let _open = self.context.entry_of(origin);
        let outcome = self.read_and_store(job, pieces, origin, watch).await;
        let imports = &self.context.ports.imports;
        match outcome {
            Ok(report) => {
                let remarks = report.remarks();
                if remarks != ImportRemarks::default() {
                    imports.remark(job.id, &remarks).await?;
                }
                let kept = report.kept.clone();
                imports.finish(job.id, ImportState::Done, report.counts, kept, self.context.now()).await?;
                Ok(report)
            }
            Err(error) => {
                // The counts stored with the accounts are exact and must not be overwritten.
                let counts = imports.find(job.id).await?.map(|job| job.counts).unwrap_or_default();
                let state = ImportState::Failed(error.fault());
                imports.finish(job.id, state, counts, Vec::new(), self.context.now()).await?;
                Err(error)
            }
        }
    }

    async fn read_and_store(
        &self,
        job: &ImportJob,
        pieces: RosterPieces,
        origin: Option<&Origin>,
        watch: Watch<'_>,
    ) -> Result<ImportReport, ImportError> {
        let today = self.context.policy.zone.day(self.context.now());
        let read =
            ReadRoster::all_of(pieces, job.options, today, &self.context.policy.initial_password).await?;
        Storing::new(&self.context, job, origin, watch).store(read).await
    }

    /// An import by its id, or the caller's newest one; its state is as of now.
    pub async fn find(&self, actor: &Actor, id: Option<ImportJobId>) -> Result<ImportJob, Error> {
        actor.require(&[Role::Admin])?;
        let imports = &self.context.ports.imports;
        let found = match id {
            Some(id) => imports.find(id).await?,
            None => imports.newest_of(actor.uuid).await?,
        };
        let mut job = found.ok_or(Error::NotFound)?;
        job.state = job.state_at(self.context.now());
        Ok(job)
    }

    /// An import with what became of it.
    pub async fn outcome(&self, actor: &Actor, id: ImportJobId) -> Result<ImportOutcome, Error> {
        let job = self.find(actor, Some(id)).await?;
        let ports = &self.context.ports;
        let started_by = ports.accounts.find(job.started_by).await?.as_ref().map(AccountSummary::from);
        Ok(ImportOutcome {
            is_held: job.started_by == actor.uuid && job.is_held_at(self.context.now()),
            follower: ports.imports.follower(id).await?.map(|follower| follower.id),
            left_out: ports.imports.kept_rows(id).await?,
            remarks: ports.imports.remarks(id).await?,
            started_by,
            job,
        })
    }

    /// A workbook to fill in.
    pub async fn template(&self, actor: &Actor) -> Result<Vec<u8>, Error> {
        actor.require(&[Role::Admin])?;
        Ok(self.context.ports.workbooks.write(template_sheets()).await?)
    }

    /// The rows of an import to correct, as a workbook in the template's layout, with a column under this
    /// header that has the problems.
    pub async fn report_workbook(
        &self,
        actor: &Actor,
        id: ImportJobId,
        header: &str,
        tell: ProblemWording<'_>,
    ) -> Result<Vec<u8>, Error> {
        let job = self.find(actor, Some(id)).await?;
        let mut kept: Vec<KeptRow> = self.context.ports.imports.kept_rows(id).await?;
        // Whoever has an account needs no correction, unless the other rows wait for it.
        kept.retain(|row| job.options.atomic || !row.is_skip());
        let sheets = report_sheets(&kept, header, &|row| tell(&row.problems));
        Ok(self.context.ports.workbooks.write(sheets).await?)
    }

    /// Deletes old data: rows to correct, which are personal data, after a day; results of imports after 30
    /// days.
    pub async fn forget(&self) -> Result<u64, Error> {
        let now: Timestamp = self.context.now();
        let (rows, jobs) = (now - chrono::TimeDelta::days(1), now - chrono::TimeDelta::days(30));
        Ok(self.context.ports.imports.forget_imports(rows, jobs).await?)
    }
}
