use tokio::sync::mpsc;
use yilin_domain::port::{ReadRosterError, RosterPiece, RosterRow};
use yilin_domain::roster::RosterFault;

use crate::fault::Stop;

/// Rows per piece.
const ROWS: usize = 500;
/// Bytes per piece, beyond which no more rows are added: one text may stand in every cell.
const BYTES: usize = 256 << 10;
/// Columns further to the right are nobody's data.
const COLUMNS: u32 = 256;
/// The most cells of a row: a column has one.
const CELLS: usize = 256;
/// How much of a sheet's name is read, in characters; spreadsheet programs allow 31.
const NAME_CHARS: usize = 100;
/// How much of a cell is read, in characters: more than any column takes.
const CELL_CHARS: usize = 1000;

/// Where pieces of a roster go.
pub(crate) struct Output {
    sender: mpsc::Sender<Result<RosterPiece, ReadRosterError>>,
}

impl Output {
    pub(crate) fn new(sender: mpsc::Sender<Result<RosterPiece, ReadRosterError>>) -> Self {
        Self { sender }
    }

    fn send(&self, piece: RosterPiece) -> Result<(), Stop> {
        self.sender.blocking_send(Ok(piece)).map_err(|_| Stop::Unwanted)
    }
}

/// Makes rows of a sheet's cells, which come in the order of the rows. The first row that has any is
/// the header.
pub(crate) struct Table<'a> {
    output: &'a Output,
    name: String,
    /// The header's columns, once it is known, by their place on the sheet.
    places: Option<Vec<u32>>,
    row: u32,
    cells: Vec<(u32, String)>,
    rows: Vec<RosterRow>,
    /// How much the rows hold, in bytes.
    bytes: usize,
}

impl<'a> Table<'a> {
    pub(crate) fn new(output: &'a Output, name: &str) -> Self {
        let name = name.chars().take(NAME_CHARS).collect();
        Self { output, name, places: None, row: 0, cells: Vec::new(), rows: Vec::new(), bytes: 0 }
    }

    /// A cell; rows as they are shown, columns from 0.
    pub(crate) fn cell(&mut self, row: u32, column: u32, text: &str) -> Result<(), Stop> {
        if row != self.row {
            self.end_row()?;
            self.row = row;
        }
        let text = text.trim();
        if column < COLUMNS && !text.is_empty() {
            if self.cells.len() >= CELLS {
                return Err(RosterFault::Damaged.into());
            }
            self.cells.push((column, text.chars().take(CELL_CHARS).collect()));
        }
        Ok(())
    }

    /// Ends the sheet.
    pub(crate) fn end(mut self) -> Result<(), Stop> {
        self.end_row()?;
        self.flush()
    }

    fn end_row(&mut self) -> Result<(), Stop> {
        if self.cells.is_empty() {
            return Ok(());
        }
        let cells = std::mem::take(&mut self.cells);
        let Some(places) = &self.places else {
            let (places, headers) = cells.into_iter().unzip();
            self.places = Some(places);
            return self.output.send(RosterPiece::Sheet { name: self.name.clone(), headers });
        };
        // What stands under no header belongs to no column.
        let under = |(column, text)| Some((places.iter().position(|place| *place == column)?, text));
        let cells: Vec<_> = cells.into_iter().filter_map(under).collect();
        if !cells.is_empty() {
            self.bytes +=
                cells.iter().map(|(_, text)| size_of::<(usize, String)>() + text.len()).sum::<usize>();
            self.rows.push(RosterRow { row: self.row, cells });
        }
        if self.rows.len() >= ROWS || self.bytes >= BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Stop> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.bytes = 0;
        self.output.send(RosterPiece::Rows(std::mem::take(&mut self.rows)))
    }
}
