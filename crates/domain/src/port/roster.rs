//! The spreadsheet ports, and the imports that are stored.

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use super::{AccountTaken, ByteStream, PortError};
use crate::account::{AccountUuid, NewAccount, PhoneNumber};
use crate::roster::{ImportCounts, ImportJob, ImportJobId, ImportState, KeptRow, RosterFault, WorkbookSheet};
use crate::time::Timestamp;

/// One row of a roster, as the spreadsheet has it: nothing in it is checked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterRow {
    /// The row's number as a spreadsheet program shows it; for CSV the record's first line.
    pub row: u32,
    /// Each cell that is not empty, in order: its header's place among the sheet's headers, and its
    /// text.
    pub cells: Vec<(usize, String)>,
}

/// A piece of a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RosterPiece {
    /// A sheet begins.
    Sheet {
        /// Its name; empty for CSV.
        name: String,
        /// The headers in its first row that is not empty.
        headers: Vec<String>,
    },
    /// Rows of the sheet that began last: a bounded number, none of them empty.
    Rows(Vec<RosterRow>),
}

/// Why a roster could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadRosterError {
    /// The file is no good.
    #[error(transparent)]
    Fault(#[from] RosterFault),
    /// It has more bytes than allowed.
    #[error("the file is larger than {limit} bytes")]
    TooLarge {
        /// The most bytes that were allowed.
        limit: u64,
    },
    /// The sender did not send all of it.
    #[error("the file did not arrive whole")]
    Interrupted(#[source] std::io::Error),
    /// The reader failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Reads rosters: workbooks and CSV, told apart by their content. However hostile the file is,
/// memory and time stay bounded.
#[async_trait]
pub trait RosterReader: Send + Sync {
    /// Takes a file of at most `limit` bytes as a whole.
    async fn receive(
        &self,
        content: ByteStream,
        limit: u64,
    ) -> Result<Box<dyn ReceivedRoster>, ReadRosterError>;
}

/// A file that has arrived.
pub trait ReceivedRoster: Send {
    /// What it holds, sheet by sheet; ends with the first error.
    fn read(self: Box<Self>) -> BoxStream<'static, Result<RosterPiece, ReadRosterError>>;
}

/// Writes workbooks.
#[async_trait]
pub trait WorkbookWriter: Send + Sync {
    /// The bytes of a workbook with these sheets.
    async fn write(&self, sheets: Vec<WorkbookSheet>) -> Result<Vec<u8>, PortError>;
}

/// Stores imports, and what they import.
#[async_trait]
pub trait ImportRepository: Send + Sync {
    /// Remembers an import that starts.
    async fn begin(&self, job: &ImportJob) -> Result<(), PortError>;

    /// Sets how far the import has got, and records a heartbeat.
    async fn advance(&self, id: ImportJobId, counts: ImportCounts, at: Timestamp) -> Result<(), PortError>;

    /// Records a heartbeat.
    async fn beat(&self, id: ImportJobId, at: Timestamp) -> Result<(), PortError>;

    /// Which of these phone numbers accounts have, in order.
    async fn taken(&self, phones: &[PhoneNumber]) -> Result<Vec<bool>, PortError>;

    /// Stores accounts as [`AccountRepository::insert`](super::AccountRepository::insert) does, and
    /// in the same unit of work adds them to the import's counts: stored ones to `imported`, others
    /// to `skipped`. With `all_or_nothing`, stores none if one cannot be stored, and counts nothing.
    async fn import(
        &self,
        id: ImportJobId,
        accounts: Vec<NewAccount>,
        all_or_nothing: bool,
        at: Timestamp,
    ) -> Result<Vec<Result<(), AccountTaken>>, PortError>;

    /// Notes what has become of the import, with its final counts and the rows to keep.
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

    /// The import that this account started last.
    async fn newest_of(&self, account: AccountUuid) -> Result<Option<ImportJob>, PortError>;

    /// The rows that were kept of an import, in order.
    async fn kept_rows(&self, id: ImportJobId) -> Result<Vec<KeptRow>, PortError>;

    /// Deletes the rows of imports whose last heartbeat was before the first time, and imports whose
    /// last heartbeat was before the second; gives how many of both.
    async fn forget_imports(&self, rows: Timestamp, jobs: Timestamp) -> Result<u64, PortError>;
}
