//! Roster imports.
//!
//! A file is read completely before any account is created, so that a damaged file changes nothing. Then
//! accounts are stored in chunks, each together with the import's progress.

mod reading;
mod report;
mod storing;

use std::convert::Infallible;
use std::pin::pin;
use std::sync::Arc;

use futures_util::future::{Either, select};
use reading::ReadRoster;
pub use report::{ImportReport, ProblemWording};
use storing::Storing;

use super::Context;
use crate::account::{Actor, Role};
use crate::audit::Origin;
use crate::error::Error;
use crate::port::{ByteStream, ReadRosterError, ReceivedRoster};
use crate::roster::{
    ImportCounts, ImportJob, ImportJobId, ImportOptions, ImportState, KeptRow, RosterFault, report_sheets,
    template_sheets,
};
use crate::time::Timestamp;

/// Imports rosters and stores the results.
#[derive(Clone)]
pub struct RosterImport {
    context: Arc<Context>,
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
        Self { context }
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
        let now = self.context.now();
        let job = ImportJob {
            id: ImportJobId::from_bytes(ports.random.bytes()),
            started_by: actor.uuid,
            options,
            state: ImportState::Running,
            counts: ImportCounts::default(),
            started_at: now,
            last_heartbeat_at: now,
        };
        ports.imports.begin(&job).await?;
        Ok(ArrivedImport { job, file, origin: actor.origin.clone() })
    }

    /// Reads the file and imports it, with a heartbeat every [`ImportJob::HEARTBEAT`]. Run it in a separate
    /// task, which continues when a client disconnects.
    pub async fn run(&self, arrived: ArrivedImport, watch: Watch<'_>) -> Result<ImportReport, ImportError> {
        let heartbeat = pin!(self.heartbeat(arrived.job.id));
        let work = pin!(self.run_to_end(arrived, watch));
        match select(work, heartbeat).await {
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
        arrived: ArrivedImport,
        watch: Watch<'_>,
    ) -> Result<ImportReport, ImportError> {
        let ArrivedImport { job, file, origin } = arrived;
        // Only at the end is it known whether any account was stored.
        let _open = self.context.entry_of(origin.as_ref());
        let outcome = self.read_and_store(&job, file, origin.as_ref(), watch).await;
        let imports = &self.context.ports.imports;
        match outcome {
            Ok(report) => {
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
        file: Box<dyn ReceivedRoster>,
        origin: Option<&Origin>,
        watch: Watch<'_>,
    ) -> Result<ImportReport, ImportError> {
        let today = self.context.policy.zone.day(self.context.now());
        let read = ReadRoster::all_of(file, job.options, today).await?;
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
        self.find(actor, Some(id)).await?;
        let kept: Vec<KeptRow> = self.context.ports.imports.kept_rows(id).await?;
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
