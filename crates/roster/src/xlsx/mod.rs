//! `.xlsx` (ECMA-376 part 1), streamed cell by cell.

mod relations;
mod sheet;
mod strings;
mod styles;
mod workbook;

use yilin_domain::roster::{OtherKind, RosterFault};

use crate::fault::Stop;
use crate::package::Package;
use crate::table::Output;
use relations::Relations;
use sheet::{Context, read_sheet};
use strings::shared_strings;
use styles::Styles;
use workbook::Workbook;

/// Maximum number of sheets read.
const SHEETS: usize = 64;
/// Default part of the workbook if no relationship names another.
const USUAL_WORKBOOK: &str = "xl/workbook.xml";

/// Reads a workbook. Parts are found through relationships: their names are the writer's choice.
pub(crate) fn read(mut package: Package, output: &Output) -> Result<(), Stop> {
    let main =
        Relations::of(&mut package, "")?.target("officeDocument").unwrap_or_else(|| USUAL_WORKBOOK.into());
    if main.to_lowercase().ends_with(".bin") {
        return Err(RosterFault::OtherKind(OtherKind::BinaryWorkbook).into());
    }
    let relations = Relations::of(&mut package, &main)?;
    let Some(workbook) = Workbook::read(&mut package, &main)? else {
        return Err(RosterFault::Damaged.into());
    };
    if workbook.sheets.len() > SHEETS {
        return Err(RosterFault::TooLargeInside.into());
    }
    let strings = shared_strings(&mut package, relations.target("sharedStrings").as_deref())?;
    let styles = Styles::read(&mut package, relations.target("styles").as_deref())?;
    let context = Context { workbook: &workbook, strings: &strings, styles: &styles };
    for sheet in &workbook.sheets {
        // Charts and macros are listed as sheets too.
        if let Some(part) = relations.worksheet(&sheet.relation) {
            read_sheet(&mut package, &part, &sheet.name, &context, output)?;
        }
    }
    Ok(())
}
