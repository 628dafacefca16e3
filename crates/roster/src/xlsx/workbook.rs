//! The workbook part.

use quick_xml::events::Event;

use crate::fault::Stop;
use crate::package::Package;
use crate::xml::{attribute, flag};

/// Maximum number of sheets kept, slightly more than are read.
const SHEETS: usize = 100;

/// Properties of a workbook.
#[derive(Debug, Default)]
pub(super) struct Workbook {
    /// All sheets in order, including hidden ones.
    pub(super) sheets: Vec<Sheet>,
    /// Whether dates count from the beginning of 1904, as in old Macintosh versions.
    pub(super) is_1904: bool,
    /// Whether formulas must be recalculated on load. Programs that cannot calculate set this and write 0 as
    /// every result.
    pub(super) is_to_be_calculated: bool,
}

#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// Id of its relationship.
    pub(super) relation: String,
}

impl Workbook {
    /// Reads the workbook part; `None` if there is no part with this name.
    pub(super) fn read(package: &mut Package, part: &str) -> Result<Option<Self>, Stop> {
        let mut workbook = Self::default();
        let Some(mut xml) = package.xml(part)? else { return Ok(None) };
        while let Some(event) = xml.next()? {
            let Event::Start(element) = event else { continue };
            match element.local_name().as_ref() {
                "workbookPr" => workbook.is_1904 = flag(&element, "date1904")?,
                "calcPr" => workbook.is_to_be_calculated = flag(&element, "fullCalcOnLoad")?,
                "sheet" if workbook.sheets.len() < SHEETS => workbook.sheets.push(Sheet {
                    name: attribute(&element, "name")?.unwrap_or_default(),
                    relation: attribute(&element, "id")?.unwrap_or_default(),
                }),
                _ => {}
            }
        }
        Ok(Some(workbook))
    }
}
