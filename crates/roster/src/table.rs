//! Assembles the cells of a sheet into rows, within limits.

use std::cell::Cell;

use tokio::sync::mpsc;
use yilin_domain::port::{ReadRosterError, RosterPiece, RosterRow};
use yilin_domain::roster::{RosterCell, RosterFault};

use crate::fault::Stop;
use crate::merges::{Merges, Region};

/// Maximum number of rows per piece.
const ROWS: usize = 500;
/// Size in bytes after which a piece is sent: one text may occur in every cell.
const BYTES: usize = 256 << 10;
/// Columns to the right of this have no header; only the fact that such cells exist is kept.
pub(crate) const COLUMNS: u32 = 256;
/// Maximum number of characters read of a sheet name; spreadsheet programs allow 31.
const NAME_CHARS: usize = 100;
/// Maximum number of characters read of a cell, more than any column accepts.
pub(crate) const CELL_CHARS: usize = 1000;

/// Maximum size of all rows of a file in bytes: merged cells, repeated cells and shared strings take little
/// space in the file itself.
const TOTAL: usize = 512 << 20;

/// The receiving end for pieces of a roster.
pub(crate) struct Output {
    sender: mpsc::Sender<Result<RosterPiece, ReadRosterError>>,
    left: Cell<usize>,
}

impl Output {
    pub(crate) fn new(sender: mpsc::Sender<Result<RosterPiece, ReadRosterError>>) -> Self {
        Self { sender, left: Cell::new(TOTAL) }
    }

    fn spend(&self, bytes: usize) -> Result<(), RosterFault> {
        self.left.set(self.left.get().checked_sub(bytes).ok_or(RosterFault::TooLargeInside)?);
        Ok(())
    }

    fn send(&self, piece: RosterPiece) -> Result<(), Stop> {
        self.sender.blocking_send(Ok(piece)).map_err(|_| Stop::Unwanted)
    }
}

/// Builds the rows of a sheet from cells that arrive in row order.
pub(crate) struct Table<'a> {
    output: &'a Output,
    row: u32,
    cells: Vec<(u32, RosterCell)>,
    merges: Merges,
    rows: Vec<RosterRow>,
    /// Size of the rows in bytes.
    bytes: usize,
}

impl<'a> Table<'a> {
    pub(crate) fn begin(output: &'a Output, name: &str) -> Result<Self, Stop> {
        output.send(RosterPiece::Sheet { name: name.chars().take(NAME_CHARS).collect() })?;
        let merges = Merges::default();
        Ok(Self { output, row: 0, cells: Vec::new(), merges, rows: Vec::new(), bytes: 0 })
    }

    /// Adds a merged cell, before the cells of its first row or together with them.
    pub(crate) fn merge(&mut self, region: Region) -> Result<(), RosterFault> {
        self.merges.add(region)
    }

    /// Adds a cell; row numbers as displayed, columns from 0.
    pub(crate) fn cell(&mut self, row: u32, column: u32, cell: RosterCell) -> Result<(), Stop> {
        if row != self.row {
            self.end_row()?;
            if row < self.row {
                return Err(RosterFault::Damaged.into());
            }
            self.row = row;
        }
        let is_far = column >= COLUMNS;
        if cell.is_blank() || (is_far && self.cells.last().is_some_and(|(last, _)| *last == COLUMNS)) {
            return Ok(());
        }
        if self.cells.len() > usize::try_from(COLUMNS).unwrap_or(usize::MAX) {
            return Err(RosterFault::Damaged.into());
        }
        self.cells.push((column.min(COLUMNS), cut(cell)));
        Ok(())
    }

    /// Finishes the sheet.
    pub(crate) fn end(mut self) -> Result<(), Stop> {
        self.end_row()?;
        self.flush()
    }

    fn end_row(&mut self) -> Result<(), Stop> {
        let mut cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            return Ok(());
        }
        cells.sort_by_key(|(column, _)| *column);
        if cells.iter().zip(cells.iter().skip(1)).any(|((one, _), (next, _))| one == next) {
            return Err(RosterFault::Damaged.into());
        }
        if !self.merges.apply(self.row, &mut cells)? {
            return Ok(());
        }
        let bytes = cells.iter().map(|(_, cell)| size_of_cell(cell)).sum();
        self.output.spend(bytes)?;
        self.bytes += bytes;
        self.rows.push(RosterRow { row: self.row, cells });
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

fn cut(cell: RosterCell) -> RosterCell {
    let cut = |text: String| match text.char_indices().nth(CELL_CHARS) {
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    };
    match cell {
        RosterCell::Text(text) => RosterCell::Text(cut(text.trim().to_owned())),
        RosterCell::Number { value, shown } => {
            RosterCell::Number { value: cut(value), shown: shown.map(cut) }
        }
        RosterCell::Date { date, shown } => RosterCell::Date { date, shown: shown.map(cut) },
        RosterCell::NotAValue(shown) => RosterCell::NotAValue(cut(shown)),
        RosterCell::NoResult | RosterCell::Covered => cell,
    }
}

fn size_of_cell(cell: &RosterCell) -> usize {
    let text = match cell {
        RosterCell::Text(text) | RosterCell::NotAValue(text) => text.len(),
        RosterCell::Number { value, shown } => value.len() + shown.as_ref().map_or(0, String::len),
        RosterCell::Date { shown, .. } => shown.as_ref().map_or(0, String::len),
        RosterCell::NoResult | RosterCell::Covered => 0,
    };
    size_of::<(u32, RosterCell)>() + text
}
