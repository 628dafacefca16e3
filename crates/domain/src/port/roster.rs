//! The spreadsheet ports, and the port that stores imports.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use super::{AccountTaken, ByteStream, PortError};
use crate::account::{AccountUuid, NewAccount, PhoneNumber};
use crate::audit::EntryDraft;
use crate::roster::{
    ImportCounts, ImportJob, ImportJobId, ImportRemarks, ImportState, KeptRow, RosterCell, RosterFault,
    WorkbookSheet,
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

/// A file that was received. It is deleted when it is dropped, and when the process ends.
pub trait ReceivedRoster: Send {
    /// Streams its content from the beginning, sheet by sheet; ends with the first error. A file may be read several times,
    /// one after the other.
    fn read(&self) -> RosterPieces;
}

/// The content of a roster while it is read.
pub type RosterPieces = BoxStream<'static, Result<RosterPiece, ReadRosterError>>;

/// Writes workbooks, and lists as files.
#[async_trait]
pub trait WorkbookWriter: Send + Sync {
    /// The bytes of a workbook with these sheets.
    async fn write(&self, sheets: Vec<WorkbookSheet>) -> Result<Vec<u8>, PortError>;

    /// Begins a list.
    fn begin_list(&self, format: ListFormat, head: ListHead) -> Result<Box<dyn ListWriter>, PortError>;
}

/// The form of a list that is written as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFormat {
    /// A workbook (`.xlsx`).
    Workbook,
    /// CSV in UTF-8, with a byte order mark by which spreadsheet programs recognise it. A cell that they would take for a
    /// formula begins with an apostrophe.
    Csv,
}

/// The beginning of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHead {
    /// Its name, of at most 20 letters.
    pub name: String,
    /// The headers of its columns.
    pub columns: Vec<String>,
}

/// A list while it is written. Memory does not grow with its length.
pub trait ListWriter: Send {
    /// Adds rows, each with a cell per column, and returns the bytes of the file that are ready, if any.
    fn add(&mut self, rows: &[Vec<String>]) -> Result<Vec<u8>, PortError>;

    /// Ends the list, and returns the last bytes.
    fn finish(self: Box<Self>) -> Result<Vec<u8>, PortError>;
}

/// Stores imports and the accounts they create.
#[async_trait]
pub trait ImportRepository: Send + Sync {
    /// Stores an import that starts, and returns it. If another one already follows the same dry run, stores nothing and
    /// returns that one. Of several at once, one is stored.
    async fn begin(&self, job: &ImportJob) -> Result<ImportJob, PortError>;

    /// The import that follows this dry run.
    async fn follower(&self, of: ImportJobId) -> Result<Option<ImportJob>, PortError>;

    /// Records that the file of this dry run is no longer held.
    async fn release(&self, id: ImportJobId) -> Result<(), PortError>;

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

    /// Stores what of the file the import does not use. Control characters are left out.
    async fn remark(&self, id: ImportJobId, remarks: &ImportRemarks) -> Result<(), PortError>;

    /// What of the file the import does not use.
    async fn remarks(&self, id: ImportJobId) -> Result<ImportRemarks, PortError>;

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
