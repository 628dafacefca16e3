//! The reader and the writer, on files of every type and on malicious ones.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests panic on failure, with the reason"
)]

mod csv_files;
mod files;
mod hostile;
mod kinds;
mod lists;
mod mutations;
mod old_workbooks;
mod opendocument;
mod workbook_cells;
mod workbooks;

use yilin_domain::port::ReadRosterError;
use yilin_domain::roster::{RosterCell, RosterFault};
use yilin_roster::{SpreadsheetReader, XlsxWriter};
use yilin_testkit::contract::outside::rosters;

/// A row: its sheet, its number, and its cells with their headers.
type Row = (String, u32, Vec<(String, String)>);

/// The rows of a file.
async fn rows(bytes: &[u8]) -> Result<Vec<Row>, ReadRosterError> {
    let rows = rosters::rows(&SpreadsheetReader::new(), bytes).await?;
    let told = |(title, cell): (String, RosterCell)| (title, told(&cell));
    let rows =
        rows.into_iter().map(|(sheet, row, cells)| (sheet, row, cells.into_iter().map(told).collect()));
    Ok(rows.collect())
}

/// A cell in the notation of the tests.
fn told(cell: &RosterCell) -> String {
    match cell {
        RosterCell::Text(text) => text.clone(),
        RosterCell::Number { value, shown: Some(shown) } if value == shown => value.clone(),
        RosterCell::Number { value, shown } => format!("{value} as {}", shown.as_deref().unwrap_or("?")),
        RosterCell::Date { date, .. } => format!("date {date}"),
        RosterCell::NoResult => "no result".to_owned(),
        RosterCell::NotAValue(shown) => format!("not a value {shown}"),
        RosterCell::Covered => "covered".to_owned(),
    }
}

/// The fault of a file.
async fn fault(bytes: &[u8]) -> RosterFault {
    match rows(bytes).await {
        Err(ReadRosterError::Fault(fault)) => fault,
        Err(other) => panic!("{other:?}"),
        Ok(rows) => panic!("{} rows, the last {:?}", rows.len(), rows.last()),
    }
}

/// A row in the notation of the tests.
fn row(sheet: &str, number: u32, cells: &[(&str, &str)]) -> Row {
    let cells = cells.iter().map(|(header, text)| ((*header).to_owned(), (*text).to_owned()));
    (sheet.to_owned(), number, cells.collect())
}

#[tokio::test]
async fn the_reader_keeps_the_contract() {
    rosters::suite(&SpreadsheetReader::new()).await;
    rosters::list_suite(&XlsxWriter, &SpreadsheetReader::new()).await;
}
