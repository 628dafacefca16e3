//! Worksheets of an `.xlsx` workbook.

use std::io::Read;

use chrono::NaiveDate;
use quick_xml::events::{BytesStart, Event};
use yilin_domain::roster::{RosterCell, RosterFault};

use super::strings::{rich_text, unescape};
use super::styles::Styles;
use super::workbook::Workbook;
use crate::fault::Stop;
use crate::merges::Region;
use crate::package::Package;
use crate::table::{Output, Table};
use crate::xml::{Xml, attribute, attributes, number};

/// The parts that the cells of a workbook refer to.
pub(super) struct Context<'a> {
    pub(super) workbook: &'a Workbook,
    pub(super) strings: &'a [String],
    pub(super) styles: &'a Styles,
}

/// Reads a sheet in two passes, because merged cells are listed after the cells.
pub(super) fn read_sheet(
    package: &mut Package,
    part: &str,
    name: &str,
    context: &Context<'_>,
    output: &Output,
) -> Result<(), Stop> {
    let mut table = Table::begin(output, name)?;
    read_merged(package.xml(part)?.ok_or(RosterFault::Damaged)?, &mut table)?;
    read_cells(package.xml(part)?.ok_or(RosterFault::Damaged)?, context, &mut table)?;
    table.end()
}

fn read_merged<R: Read>(mut xml: Xml<R>, table: &mut Table<'_>) -> Result<(), Stop> {
    while let Some(event) = xml.next()? {
        let Event::Start(element) = event else { continue };
        if element.local_name().as_ref() == "mergeCell" {
            let reference = attribute(&element, "ref")?;
            table.merge(reference.as_deref().and_then(region).ok_or(RosterFault::Damaged)?)?;
        }
    }
    Ok(())
}

fn read_cells<R: Read>(mut xml: Xml<R>, context: &Context<'_>, table: &mut Table<'_>) -> Result<(), Stop> {
    let (mut row, mut column) = (0, 0);
    let mut is_sheet = false;
    while let Some(event) = xml.next()? {
        let element = match event {
            Event::Start(element) => element,
            Event::End(element) if element.local_name().as_ref() == "sheetData" => break,
            _ => continue,
        };
        match element.local_name().as_ref() {
            "sheetData" => is_sheet = true,
            "row" => {
                row = number(&element, "r")?.unwrap_or(row + 1);
                column = 0;
            }
            "c" => {
                let cell = Cell::begin(&element)?;
                let place = cell.reference.as_deref().map(|text| place(text).ok_or(RosterFault::Damaged));
                let (at_row, at_column) = place.transpose()?.unwrap_or((row, column));
                (row, column) = (at_row, at_column.saturating_add(1));
                if let Some(value) = cell.read(&mut xml, context)? {
                    table.cell(at_row, at_column, value)?;
                }
            }
            _ => {}
        }
    }
    if is_sheet { Ok(()) } else { Err(RosterFault::Damaged.into()) }
}

/// A cell as stored in the file (ECMA-376 part 1, 18.3.1.4).
struct Cell {
    reference: Option<String>,
    style: Option<u32>,
    kind: String,
    has_formula: bool,
    /// The value, possibly empty.
    value: Option<String>,
    inline: Option<String>,
}

impl Cell {
    fn begin(element: &BytesStart<'_>) -> Result<Self, Stop> {
        let [reference, style, kind] = attributes(element, ["r", "s", "t"])?;
        Ok(Self {
            reference,
            style: style.and_then(|style| style.trim().parse().ok()),
            kind: kind.unwrap_or_else(|| "n".to_owned()),
            has_formula: false,
            value: None,
            inline: None,
        })
    }

    fn read<R: Read>(mut self, xml: &mut Xml<R>, context: &Context<'_>) -> Result<Option<RosterCell>, Stop> {
        loop {
            let name = match xml.next()?.ok_or(RosterFault::Damaged)? {
                Event::Start(element) => element.local_name().as_ref().to_owned(),
                Event::End(element) if element.local_name().as_ref() == "c" => break,
                _ => continue,
            };
            match name.as_str() {
                "v" => self.value = Some(xml.text(&[])?),
                "is" => self.inline = Some(rich_text(xml)?),
                "f" => {
                    self.has_formula = true;
                    xml.text(&[])?;
                }
                _ => drop(xml.text(&[])?),
            }
        }
        Ok(self.meaning(context)?)
    }

    fn meaning(self, context: &Context<'_>) -> Result<Option<RosterCell>, RosterFault> {
        let nothing = self.has_formula.then_some(RosterCell::NoResult);
        // A formula may have an empty text as its result; any other result is non-empty.
        let value = self.value.filter(|value| self.kind == "str" || !value.trim().is_empty());
        let cell = match (self.kind.as_str(), value) {
            ("inlineStr", _) => return Ok(self.inline.map(RosterCell::Text)),
            (_, None) => return Ok(nothing),
            ("s", Some(value)) => {
                let index = value.trim().parse::<usize>().map_err(|_| RosterFault::Damaged)?;
                RosterCell::Text(context.strings.get(index).ok_or(RosterFault::Damaged)?.clone())
            }
            ("str", Some(value)) => RosterCell::Text(unescape(&value)),
            ("b", Some(value)) => {
                let is_false = matches!(value.trim().to_lowercase().as_str(), "0" | "false");
                RosterCell::NotAValue(if is_false { "FALSE" } else { "TRUE" }.to_owned())
            }
            ("e", Some(value)) => RosterCell::NotAValue(value),
            ("d", Some(value)) => match value.get(..10).and_then(|day| day.parse::<NaiveDate>().ok()) {
                Some(date) => RosterCell::Date { date, shown: None },
                None => RosterCell::Text(value),
            },
            ("n", Some(value)) => {
                let number = value.trim().parse::<f64>().ok().filter(|number| number.is_finite());
                let number = number.ok_or(RosterFault::Damaged)?;
                if self.has_formula && context.workbook.is_to_be_calculated && number == 0.0 {
                    return Ok(nothing);
                }
                context.styles.format(self.style).cell(number, context.workbook.is_1904)
            }
            _ => return Err(RosterFault::Damaged),
        };
        Ok(Some(cell))
    }
}

/// The row as displayed and the column from 0 of a reference such as `B3`.
fn place(reference: &str) -> Option<(u32, u32)> {
    let reference = reference.trim().replace('$', "").to_ascii_uppercase();
    let digits = reference.find(|c: char| !c.is_ascii_uppercase())?;
    let (letters, row) = reference.split_at(digits);
    if letters.is_empty() || letters.len() > 3 || !row.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let column = letters.bytes().fold(0, |column, letter| column * 26 + u32::from(letter - b'A') + 1);
    Some((row.parse().ok().filter(|row| *row > 0)?, column.checked_sub(1)?))
}

/// The region of a reference such as `B3:C7`.
fn region(reference: &str) -> Option<Region> {
    let (first, last) = reference.split_once(':').unwrap_or((reference, reference));
    let ((first_row, first_column), (last_row, last_column)) = (place(first)?, place(last)?);
    Some(Region { rows: (first_row, last_row), columns: (first_column, last_column) })
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn references_are_places() {
        assert_eq!(place("A1"), Some((1, 0)));
        assert_eq!(place("$AB$12"), Some((12, 27)));
        assert_eq!(place("XFD1048576"), Some((1_048_576, 16_383)));
        for wrong in ["", "A", "1", "A0", "ABCD1", "A1B", "A-1"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
