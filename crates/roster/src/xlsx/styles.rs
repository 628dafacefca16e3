//! Cell styles: the number format of each.

use std::collections::HashMap;

use quick_xml::events::Event;
use yilin_domain::roster::RosterFault;

use crate::fault::Stop;
use crate::number_format::NumberFormat;
use crate::package::Package;
use crate::xml::{attribute, number};

/// Maximum number of cell formats; Excel allows 65,490.
const FORMATS: usize = 100_000;

/// The number formats of cell styles.
#[derive(Debug, Default)]
pub(super) struct Styles {
    /// Format id of each style.
    formats: Vec<u32>,
    known: HashMap<u32, NumberFormat>,
}

impl Styles {
    pub(super) fn read(package: &mut Package, part: Option<&str>) -> Result<Self, Stop> {
        let mut styles = Self::default();
        let Some(part) = part else { return Ok(styles) };
        let Some(mut xml) = package.xml(part)? else { return Ok(styles) };
        // Named styles contain formats too.
        let mut are_of_cells = false;
        while let Some(event) = xml.next()? {
            match event {
                Event::Start(element) => match element.local_name().as_ref() {
                    "numFmt" => {
                        let code = attribute(&element, "formatCode")?.unwrap_or_default();
                        let format = NumberFormat::of_code(&code);
                        styles.known.insert(number(&element, "numFmtId")?.unwrap_or_default(), format);
                    }
                    "cellXfs" => are_of_cells = true,
                    "xf" if are_of_cells => {
                        styles.formats.push(number(&element, "numFmtId")?.unwrap_or_default());
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == "cellXfs" => are_of_cells = false,
                _ => {}
            }
            if styles.formats.len().max(styles.known.len()) > FORMATS {
                return Err(RosterFault::TooLargeInside.into());
            }
        }
        for format in &styles.formats {
            styles.known.entry(*format).or_insert_with(|| NumberFormat::built_in(*format));
        }
        Ok(styles)
    }

    /// The format of cells with this style.
    pub(super) fn format(&self, style: Option<u32>) -> &NumberFormat {
        const GENERAL: NumberFormat = NumberFormat::General;
        let number = style.and_then(|style| self.formats.get(usize::try_from(style).ok()?));
        number.and_then(|number| self.known.get(number)).unwrap_or(&GENERAL)
    }
}
