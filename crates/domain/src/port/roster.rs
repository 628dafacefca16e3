use async_trait::async_trait;

use super::{ByteStream, PortError};

/// One row of a roster, as the spreadsheet has it: nothing in it is checked yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterRow {
    /// The sheet's name; empty for CSV.
    pub sheet: String,
    /// The row's number as a spreadsheet program shows it; for CSV the record's first line.
    pub row: u32,
    /// The header and the text of each cell that is not empty, in order.
    pub cells: Vec<(String, String)>,
}

/// Why a roster could not be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadRosterError {
    /// It is no spreadsheet of a kind that can be read.
    #[error("not a spreadsheet")]
    NotASpreadsheet,
    /// It is one, but damaged, encrypted, or larger inside than is sensible.
    #[error("the spreadsheet cannot be read")]
    Unreadable,
    /// The sender did not send all of it.
    #[error("the file did not arrive whole")]
    Interrupted(#[source] std::io::Error),
    /// The reader failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Reads rosters: workbooks and CSV, told apart by their content.
#[async_trait]
pub trait RosterReader: Send + Sync {
    /// Every row below the header that is not empty, in the order of the sheets.
    async fn read(&self, content: ByteStream) -> Result<Vec<RosterRow>, ReadRosterError>;
}
