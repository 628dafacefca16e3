use quick_xml::events::Event;

use crate::fault::Stop;
use crate::package::Package;
use crate::xml::{attribute, flag};

/// The most sheets that are remembered: a few more than are read.
const SHEETS: usize = 100;

/// What a workbook says of itself.
#[derive(Debug, Default)]
pub(super) struct Workbook {
    /// Its sheets, hidden ones included, in order.
    pub(super) sheets: Vec<Sheet>,
    /// Whether dates count from the beginning of 1904, as they did on the Macintosh.
    pub(super) is_1904: bool,
    /// Whether formulas are to be calculated when it is opened. Programs that cannot calculate write
    /// this, and 0 as every result.
    pub(super) is_to_be_calculated: bool,
}

#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    /// The relationship that leads to it.
    pub(super) relation: String,
}

impl Workbook {
    /// Reads the workbook's part; `None` if there is none of this name.
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
