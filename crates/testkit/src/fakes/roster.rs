//! Spreadsheets as plain text.

use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use futures_util::stream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use yilin_domain::port::{
    ByteStream, ListFormat, ListHead, ListWriter, Part, PortError, ReadRosterError, ReceivedRoster,
    RosterPiece, RosterPieces, RosterReader, RosterRow, WorkbookWriter,
};
use yilin_domain::roster::{RosterCell, RosterFault, WorkbookSheet};

/// Reads rosters in a minimal format: lines of cells separated by commas, without quotes.
#[derive(Debug, Default)]
pub struct FakeRosterReader {
    ending: Mutex<RosterEnding>,
}

/// What follows the rows of every roster read by a [`FakeRosterReader`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RosterEnding {
    /// The end.
    #[default]
    Whole,
    /// The file turns out to be damaged.
    Damaged,
    /// The reader fails.
    Failing,
    /// The reader stalls.
    Stalling,
}

impl FakeRosterReader {
    /// A reader that reads to the end.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the ending of rosters received from now on.
    pub fn set_ending(&self, ending: RosterEnding) {
        *self.ending.lock().unwrap_or_else(PoisonError::into_inner) = ending;
    }
}

struct Received {
    pieces: Vec<RosterPiece>,
    ending: RosterEnding,
}

#[async_trait]
impl RosterReader for FakeRosterReader {
    async fn receive(
        &self,
        content: ByteStream,
        limit: u64,
    ) -> Result<Box<dyn ReceivedRoster>, ReadRosterError> {
        let pieces: Vec<_> = content.try_collect().await.map_err(ReadRosterError::Interrupted)?;
        let bytes = pieces.concat();
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            return Err(ReadRosterError::TooLarge { limit });
        }
        let text = String::from_utf8(bytes).map_err(|_| RosterFault::NotASpreadsheet)?;
        if !text.contains(',') {
            return Err(RosterFault::NotASpreadsheet.into());
        }
        let rows = text.lines().zip(1..).map(|(line, row)| {
            let filled = (0..).zip(line.split(',')).filter(|(_, cell)| !cell.is_empty());
            RosterRow { row, cells: filled.map(|(column, cell)| (column, RosterCell::from(cell))).collect() }
        });
        let rows: Vec<RosterRow> = rows.filter(|row| !row.cells.is_empty()).collect();
        let sheet = RosterPiece::Sheet { name: String::new() };
        let ending = *self.ending.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Box::new(Received { pieces: vec![sheet, RosterPiece::Rows(rows)], ending }))
    }
}

impl ReceivedRoster for Received {
    fn read(&self) -> RosterPieces {
        let pieces = stream::iter(self.pieces.clone().into_iter().map(Ok));
        let error = match self.ending {
            RosterEnding::Whole => return pieces.boxed(),
            RosterEnding::Stalling => return pieces.chain(stream::pending()).boxed(),
            RosterEnding::Damaged => RosterFault::Damaged.into(),
            RosterEnding::Failing => unavailable().into(),
        };
        pieces.chain(stream::iter([Err(error)])).boxed()
    }
}

/// Writes workbooks as text: a line with each sheet's name, then lines with its header and rows, cells
/// separated by commas.
#[derive(Debug, Default)]
pub struct FakeWorkbookWriter {
    down: Mutex<bool>,
}

impl FakeWorkbookWriter {
    /// A writer that works.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every call fail, or succeed again.
    pub fn set_down(&self, down: bool) {
        *self.down.lock().unwrap_or_else(PoisonError::into_inner) = down;
    }
}

#[async_trait]
impl WorkbookWriter for FakeWorkbookWriter {
    async fn write(&self, sheets: Vec<WorkbookSheet>) -> Result<Vec<u8>, PortError> {
        if *self.down.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(unavailable());
        }
        let lines = sheets.iter().flat_map(|sheet| {
            let headers: Vec<&str> = sheet.columns.iter().map(|column| column.header.as_str()).collect();
            let rows = sheet.rows.iter().map(|row| row.join(","));
            [sheet.name.clone(), headers.join(",")].into_iter().chain(rows).collect::<Vec<_>>()
        });
        Ok(lines.collect::<Vec<_>>().join("\n").into_bytes())
    }

    fn begin_list(&self, _: ListFormat, head: ListHead) -> Result<Box<dyn ListWriter>, PortError> {
        if *self.down.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(unavailable());
        }
        Ok(Box::new(FakeList { head: Some(head.columns) }))
    }
}

/// A list as lines of cells separated by commas, which [`FakeRosterReader`] reads.
struct FakeList {
    /// The header, until it is written.
    head: Option<Vec<String>>,
}

impl ListWriter for FakeList {
    fn add(&mut self, rows: &[Vec<String>]) -> Result<Vec<u8>, PortError> {
        let lines = self.head.take().into_iter().chain(rows.iter().cloned());
        let mut text = String::new();
        for row in lines {
            text.push_str(&row.join(","));
            text.push('\n');
        }
        Ok(text.into_bytes())
    }

    fn finish(mut self: Box<Self>) -> Result<Vec<u8>, PortError> {
        self.add(&[])
    }
}

fn unavailable() -> PortError {
    PortError::Unavailable { part: Part::Spreadsheets, source: "the fake is down".into() }
}
