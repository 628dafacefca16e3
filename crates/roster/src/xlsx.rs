//! `.xlsx`, cell by cell: a range of cells would take memory for the whole area that they span.

use std::fs::File;
use std::io::{BufReader, Seek as _};

use calamine::{DataRef, Reader as _, SheetType, Xlsx};
use yilin_domain::roster::RosterFault;

use crate::fault::{Stop, damaged};
use crate::guard::zip as guard;
use crate::table::{Output, Table};

/// The most sheets that are read.
const SHEETS: usize = 64;

pub(crate) fn read(mut file: File, output: &Output) -> Result<(), Stop> {
    guard::check(&mut file)?;
    file.rewind().map_err(Stop::Io)?;
    let mut workbook = Xlsx::new(BufReader::new(file)).map_err(damaged)?;
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    if names.len() > SHEETS {
        return Err(RosterFault::TooLargeInside.into());
    }
    for name in names {
        let mut table = Table::new(output, &name);
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(damaged)?;
        while let Some(cell) = cells.next_cell().map_err(damaged)? {
            let (row, column) = cell.get_position();
            let row = row.saturating_add(1);
            match cell.get_value() {
                DataRef::SharedString(text) => table.cell(row, column, text)?,
                DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
                    table.cell(row, column, text)?;
                }
                value => table.cell(row, column, &shown(value))?,
            }
        }
        table.end()?;
    }
    Ok(())
}

/// A value that is no text, as text.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => crate::xls::number(*number),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(time) => crate::xls::number(time.as_f64()),
        DataRef::Error(error) => error.to_string(),
        _ => String::new(),
    }
}
