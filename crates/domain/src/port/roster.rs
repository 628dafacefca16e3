//! The spreadsheet ports, and the port that stores imports.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use super::{AccountTaken, ByteStream, PortError};
use crate::account::{AccountUuid, NewAccount, PhoneNumber};
use crate::audit::EntryDraft;
use crate::roster::{
    ImportCounts, ImportJob, ImportJobId, ImportState, KeptRow, RosterCell, RosterFault, WorkbookSheet,
};
use crate::time::Timestamp;

/// One row of a roster, as read from the spreadsheet and not validated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterRow {
    /// The row number as displayed; for CSV the first line of the record.
    pub row: u32,
    /// The non-empty cells with their columns from 0, in order.
    pub cells: Vec<(u32, RosterCell)>,
}

/// A piece of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterPiece {
    /// The beginning of a sheet.
    Sheet {
        /// Its name; empty for CSV.
        name: String,
    },
    /// Rows of the current sheet, including its header and anything above it: a bounded number, in order,
    /// none of them empty.
    Rows(Vec<RosterRow>),
}

/// Why a roster could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadRosterError {
    /// The file is invalid.
    #[error(transparent)]
    Fault(#[from] RosterFault),
    /// It exceeds the size limit.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The maximum size in bytes.
        limit: u64,
    },
    /// The upload was incomplete.
    #[error("the upload was incomplete")]
    Interrupted(#[source] std::io::Error),
    /// The reader failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Reads rosters: workbooks and CSV, detected by content. Memory and time are bounded even for malicious
/// files.
#[async_trait]
pub trait RosterReader: Send + Sync {
    /// Receives a file of at most `limit` bytes completely.
    async fn receive(
        &self,
        content: ByteStream,
        limit: u64,
    ) -> Result<Box<dyn ReceivedRoster>, ReadRosterError>;
}

/// A file that was received.
pub trait ReceivedRoster: Send {
    /// Streams its content, sheet by sheet; ends with the first error.
    fn read(self: Box<Self>) -> BoxStream<'static, Result<RosterPiece, ReadRosterError>>;
}

/// Writes workbooks.
#[async_trait]
pub trait WorkbookWriter: Send + Sync {
    /// The bytes of a workbook with these sheets.
    async fn write(&self, sheets: Vec<WorkbookSheet>) -> Result<Vec<u8>, PortError>;
}

/// Stores imports and the accounts they create.
#[async_trait]
pub trait ImportRepository: Send + Sync {
    /// Stores an import that starts.
    async fn begin(&self, job: &ImportJob) -> Result<(), PortError>;

    /// Updates the counts of the import and records a heartbeat.
    async fn advance(&self, id: ImportJobId, counts: ImportCounts, at: Timestamp) -> Result<(), PortError>;

    /// Records a heartbeat.
    async fn beat(&self, id: ImportJobId, at: Timestamp) -> Result<(), PortError>;

    /// For each of these phone numbers, in order, whether an account has it.
    async fn taken(&self, phones: &[PhoneNumber]) -> Result<Vec<bool>, PortError>;

    /// Stores accounts as [`AccountRepository::insert`](super::AccountRepository::insert) does, and in the
    /// same unit of work adds them to the import's counts: stored ones to `imported`, others to `skipped`.
    /// With `all_or_nothing`, stores and counts nothing if any of them cannot be stored.
    async fn import(
        &self,
        id: ImportJobId,
        accounts: Vec<NewAccount>,
        all_or_nothing: bool,
        at: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<Vec<Result<(), AccountTaken>>, PortError>;

    /// Stores the final state of the import, with its counts and the rows to keep.
    async fn finish(
        &self,
        id: ImportJobId,
        state: ImportState,
        counts: ImportCounts,
        kept: Vec<KeptRow>,
        at: Timestamp,
    ) -> Result<(), PortError>;

    /// The import with this id.
    async fn find(&self, id: ImportJobId) -> Result<Option<ImportJob>, PortError>;

    /// The import that this account started most recently.
    async fn newest_of(&self, account: AccountUuid) -> Result<Option<ImportJob>, PortError>;

    /// At most `limit` imports, the most recently started first.
    async fn recent(&self, limit: u16) -> Result<Vec<ImportJob>, PortError>;

    /// The rows kept for an import, in order.
    async fn kept_rows(&self, id: ImportJobId) -> Result<Vec<KeptRow>, PortError>;

    /// Deletes the rows of imports whose last heartbeat was before `rows`, and imports whose last heartbeat
    /// was before `jobs`; returns how many of both.
    async fn forget_imports(&self, rows: Timestamp, jobs: Timestamp) -> Result<u64, PortError>;
}
