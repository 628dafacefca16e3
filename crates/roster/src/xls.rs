//! `.xls`, which the library reads as a whole; the guard has seen to it that this is not much.

use std::fs::File;
use std::io::BufReader;

use calamine::{Data, Reader as _, SheetType, Xls};

use crate::fault::{Stop, damaged};
use crate::guard::compound as guard;
use crate::table::{Output, Table};

pub(crate) fn read(file: File, output: &Output) -> Result<(), Stop> {
    let checked = guard::check(file)?;
    let mut workbook = Xls::new(BufReader::new(checked)).map_err(damaged)?;
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    for name in names {
        let mut table = Table::new(output, &name);
        let range = workbook.worksheet_range(&name).map_err(damaged)?;
        let (first_row, first_column) = range.start().unwrap_or_default();
        for (row, column, value) in range.used_cells() {
            let place =
                |offset: usize, first: u32| u32::try_from(offset).unwrap_or(u32::MAX).saturating_add(first);
            let (row, column) = (place(row, first_row).saturating_add(1), place(column, first_column));
            match value {
                Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
                    table.cell(row, column, text)?;
                }
                value => table.cell(row, column, &shown(value))?,
            }
        }
        table.end()?;
    }
    Ok(())
}

fn shown(value: &Data) -> String {
    match value {
        Data::Int(number) => number.to_string(),
        Data::Float(value) => number(*value),
        Data::Bool(value) => value.to_string(),
        Data::DateTime(time) => number(time.as_f64()),
        Data::Error(error) => error.to_string(),
        _ => String::new(),
    }
}

/// A number as text, never in scientific notation: phone numbers are often numeric cells.
pub(crate) fn number(value: f64) -> String {
    format!("{value}")
}
