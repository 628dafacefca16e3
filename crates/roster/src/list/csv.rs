//! Lists as CSV.

use std::borrow::Cow;

use csv::{Terminator, Writer, WriterBuilder};
use yilin_domain::port::{ListHead, ListWriter, PortError};

use crate::writer::failed;

/// By which spreadsheet programs recognise UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How a formula may begin. The wide forms are what an input method produces, and some programs accept them.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A list as CSV.
pub(crate) struct CsvList {
    /// Written and not taken yet.
    ready: Vec<u8>,
}

impl CsvList {
    pub(crate) fn begin(head: &ListHead) -> Result<Self, PortError> {
        let mut list = Self { ready: BYTE_ORDER_MARK.into() };
        list.write([&head.columns])?;
        Ok(list)
    }

    fn write<'r>(&mut self, rows: impl IntoIterator<Item = &'r Vec<String>>) -> Result<(), PortError> {
        let mut csv: Writer<&mut Vec<u8>> =
            WriterBuilder::new().terminator(Terminator::CRLF).from_writer(&mut self.ready);
        for row in rows {
            csv.write_record(row.iter().map(|cell| harmless(cell).into_owned())).map_err(failed)?;
        }
        csv.flush().map_err(failed)
    }
}

impl ListWriter for CsvList {
    fn add(&mut self, rows: &[Vec<String>]) -> Result<Vec<u8>, PortError> {
        self.write(rows)?;
        Ok(std::mem::take(&mut self.ready))
    }

    fn finish(self: Box<Self>) -> Result<Vec<u8>, PortError> {
        Ok(self.ready)
    }
}

/// The cell, marked as a text if a program would take it for a formula.
fn harmless(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(FORMULA) { format!("'{cell}").into() } else { cell.into() }
}
