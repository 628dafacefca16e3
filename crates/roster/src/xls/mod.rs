//! `.xls` (MS-XLS: BIFF5 and BIFF8 in a compound file).

mod cells;
mod globals;
mod records;
mod text;

use std::fs::File;
use std::io::{BufReader, Read as _};

use cfb::CompoundFile;
use yilin_domain::roster::{OtherKind, RosterFault};

use crate::fault::{Stop, damaged};
use crate::table::{Output, Table};
use cells::SheetCells;
use globals::Globals;

/// Maximum size of a workbook stream, in bytes.
const WORKBOOK: u64 = 24 << 20;

pub(crate) fn read(file: File, output: &Output) -> Result<(), Stop> {
    let workbook = workbook(file)?;
    let globals = Globals::read(&workbook)?;
    // Counted over all sheets, because several may begin at the same offset.
    let mut cells_left = SheetCells::MOST;
    for sheet in &globals.sheets {
        let records = workbook.get(sheet.start..).ok_or(RosterFault::Damaged)?;
        let mut table = Table::begin(output, &sheet.name)?;
        let cells = SheetCells::read(records, &globals, &mut table, cells_left)?;
        cells_left = cells_left.saturating_sub(cells.len());
        cells.write(&globals, &mut table)?;
        table.end()?;
    }
    Ok(())
}

/// The workbook stream.
fn workbook(file: File) -> Result<Vec<u8>, Stop> {
    let mut compound = CompoundFile::open(BufReader::new(file)).map_err(damaged)?;
    if compound.exists("/EncryptedPackage") {
        return Err(RosterFault::Encrypted.into());
    }
    let Some(name) = ["/Workbook", "/Book"].into_iter().find(|name| compound.is_stream(name)) else {
        let documents = ["/WordDocument", "/PowerPoint Document", "/Contents"];
        let is_document = documents.into_iter().any(|name| compound.is_stream(name));
        let document = RosterFault::OtherKind(OtherKind::Document);
        return Err(if is_document { document } else { RosterFault::NotASpreadsheet }.into());
    };
    let stream = compound.open_stream(name).map_err(damaged)?;
    if stream.len() > WORKBOOK {
        return Err(RosterFault::TooLargeInside.into());
    }
    let mut workbook = Vec::new();
    stream.take(WORKBOOK).read_to_end(&mut workbook).map_err(damaged)?;
    Ok(workbook)
}
