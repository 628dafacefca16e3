//! `.ods` (ODF 1.3, part 3), streamed cell by cell, as the sheet displays them.

use std::io::Read;

use chrono::NaiveDate;
use quick_xml::events::{BytesStart, Event};
use yilin_domain::roster::{RosterCell, RosterFault};

use crate::fault::Stop;
use crate::merges::Region;
use crate::package::Package;
use crate::table::{COLUMNS, Output, Table};
use crate::xml::{Xml, attribute, attribute_of, attributes, number, push_text};

/// MIME type of a spreadsheet, and prefix of that of a template; the archive begins with it.
const TYPE: &str = "application/vnd.oasis.opendocument.spreadsheet";
/// Maximum number of sheets read.
const SHEETS: usize = 64;
/// Maximum number of repetitions of non-empty rows.
const REPEATED_ROWS: u32 = 200_000;
/// Elements of a cell that are not part of its text: comments, images and phonetic guides.
const NOT_TEXT: [&str; 5] = ["annotation", "ruby-text", "note", "frame", "custom-shape"];

/// Whether an archive is an ODF file, and if so whether it is a spreadsheet.
pub(crate) fn is_spreadsheet(package: &mut Package) -> Option<bool> {
    let bytes = package.beginning("mimetype", 200)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    text.contains("opendocument").then(|| text.trim().starts_with(TYPE))
}

pub(crate) fn read(mut package: Package, output: &Output) -> Result<(), Stop> {
    refuse_encrypted(&mut package)?;
    let mut xml = package.xml("content.xml")?.ok_or(RosterFault::Damaged)?;
    let mut sheets = 0;
    while let Some(event) = xml.next()? {
        let Event::Start(element) = event else { continue };
        if element.local_name().as_ref() == "table" {
            let name = attribute(&element, "name")?.unwrap_or_default();
            sheets += 1;
            if sheets > SHEETS {
                return Err(RosterFault::TooLargeInside.into());
            }
            Sheet { table: Table::begin(output, &name)?, row: 0, repeated: 0 }.read(&mut xml)?;
        }
    }
    if sheets == 0 { Err(RosterFault::Damaged.into()) } else { Ok(()) }
}

fn refuse_encrypted(package: &mut Package) -> Result<(), Stop> {
    let Some(mut manifest) = package.xml("META-INF/manifest.xml")? else { return Ok(()) };
    while let Some(event) = manifest.next()? {
        if matches!(event, Event::Start(element) if element.local_name().as_ref() == "encryption-data") {
            return Err(RosterFault::Encrypted.into());
        }
    }
    Ok(())
}

struct Sheet<'a> {
    table: Table<'a>,
    /// Number of the last row, as displayed.
    row: u32,
    /// Number of repetitions of non-empty rows.
    repeated: u32,
}

impl Sheet<'_> {
    fn read<R: Read>(mut self, xml: &mut Xml<R>) -> Result<(), Stop> {
        // A table nested in a cell is part of the cell.
        let mut depth = 1_usize;
        while depth > 0 {
            let repeat = match xml.next()?.ok_or(RosterFault::Damaged)? {
                Event::Start(element) => match element.local_name().as_ref() {
                    "table" => {
                        depth += 1;
                        continue;
                    }
                    "table-row" if depth == 1 => {
                        number(&element, "number-rows-repeated")?.unwrap_or(1).max(1)
                    }
                    _ => continue,
                },
                Event::End(element) if element.local_name().as_ref() == "table" => {
                    depth -= 1;
                    continue;
                }
                _ => continue,
            };
            self.read_row(xml, repeat)?;
        }
        self.table.end()
    }

    fn read_row<R: Read>(&mut self, xml: &mut Xml<R>, repeat: u32) -> Result<(), Stop> {
        let (mut cells, mut column) = (Vec::new(), 0_u32);
        loop {
            let cell = match xml.next()?.ok_or(RosterFault::Damaged)? {
                Event::End(element) if element.local_name().as_ref() == "table-row" => break,
                Event::Start(element) => match element.local_name().as_ref() {
                    "table-cell" => Cell::begin(&element)?,
                    // Covered cells are not displayed.
                    "covered-table-cell" => Cell { is_covered: true, ..Cell::begin(&element)? },
                    _ => {
                        xml.text(&[])?;
                        continue;
                    }
                },
                _ => continue,
            };
            let (times, spans) = (cell.times, cell.spans);
            if let Some(value) = cell.read(xml)? {
                let first = self.row.saturating_add(1);
                let region = Region {
                    rows: (first, first.saturating_add(spans.0 - 1)),
                    columns: (column, column.saturating_add(spans.1 - 1)),
                };
                self.table.merge(region)?;
                let places = column..column.saturating_add(times).min(column.max(COLUMNS) + 1);
                cells.extend(places.map(|place| (place, value.clone())));
            }
            column = column.saturating_add(times);
        }
        self.push(&cells, repeat)
    }

    fn push(&mut self, cells: &[(u32, RosterCell)], repeat: u32) -> Result<(), Stop> {
        let first = self.row.saturating_add(1);
        self.row = self.row.saturating_add(repeat);
        if cells.is_empty() {
            return Ok(());
        }
        self.repeated = self.repeated.saturating_add(repeat - 1);
        if self.repeated > REPEATED_ROWS {
            return Err(RosterFault::TooLargeInside.into());
        }
        for row in first..=self.row {
            for (column, cell) in cells {
                self.table.cell(row, *column, cell.clone())?;
            }
        }
        Ok(())
    }
}

/// A cell as stored in the file.
struct Cell {
    is_covered: bool,
    /// Number of times it is repeated horizontally.
    times: u32,
    /// Number of rows and columns it spans.
    spans: (u32, u32),
    kind: Option<String>,
    is_error: bool,
    has_formula: bool,
    value: Option<String>,
    date: Option<String>,
    text: Option<String>,
}

impl Cell {
    fn begin(element: &BytesStart<'_>) -> Result<Self, Stop> {
        // LibreOffice adds a type attribute of its own, which also covers errors.
        let kind_of_calc = attribute_of(element, "calcext:value-type")?;
        let kind = attribute_of(element, "office:value-type")?;
        let [times, rows, columns, formula, value, date, text] = attributes(
            element,
            [
                "number-columns-repeated",
                "number-rows-spanned",
                "number-columns-spanned",
                "formula",
                "value",
                "date-value",
                "string-value",
            ],
        )?;
        let count = |text: Option<String>| text.and_then(|text| text.trim().parse().ok()).unwrap_or(1).max(1);
        Ok(Self {
            is_covered: false,
            times: count(times),
            spans: (count(rows), count(columns)),
            kind,
            is_error: kind_of_calc.is_some_and(|kind| kind == "error"),
            has_formula: formula.is_some(),
            value,
            date,
            text: text.filter(|text| !text.is_empty()),
        })
    }

    /// Reads up to the end of the cell.
    fn read<R: Read>(mut self, xml: &mut Xml<R>) -> Result<Option<RosterCell>, Stop> {
        let mut paragraphs: Vec<String> = Vec::new();
        loop {
            match xml.next()?.ok_or(RosterFault::Damaged)? {
                Event::End(_) => break,
                Event::Start(element) => {
                    if element.local_name().as_ref() == "p" {
                        paragraphs.push(paragraph(xml)?);
                    } else {
                        xml.text(&[])?;
                    }
                }
                _ => {}
            }
        }
        if self.is_covered {
            return Ok(None);
        }
        if !paragraphs.is_empty() {
            self.text = Some(paragraphs.join("\n"));
        }
        Ok(self.meaning()?)
    }

    fn meaning(self) -> Result<Option<RosterCell>, RosterFault> {
        let shown = self.text;
        if self.is_error {
            return Ok(Some(RosterCell::NotAValue(shown.unwrap_or_default())));
        }
        let cell = match self.kind.as_deref() {
            Some("float" | "percentage" | "currency") => {
                let number = self.value.and_then(|value| value.trim().parse::<f64>().ok());
                let number = number.filter(|number| number.is_finite()).ok_or(RosterFault::Damaged)?;
                RosterCell::Number { value: number.to_string(), shown }
            }
            Some("date") => {
                match self.date.as_deref().and_then(|date| date.get(..10)?.parse::<NaiveDate>().ok()) {
                    Some(date) => RosterCell::Date { date, shown },
                    None => RosterCell::NotAValue(shown.unwrap_or_default()),
                }
            }
            Some("boolean") => RosterCell::NotAValue(shown.unwrap_or_else(|| "TRUE".to_owned())),
            // Text, times of day, and empty formula results.
            _ => match shown {
                Some(text) => RosterCell::Text(text),
                None if self.has_formula => RosterCell::NoResult,
                None => return Ok(None),
            },
        };
        Ok(Some(cell))
    }
}

/// The text of the paragraph that was just opened. Runs of spaces, tabs and line breaks are elements.
fn paragraph<R: Read>(xml: &mut Xml<R>) -> Result<String, Stop> {
    let (mut text, mut depth) = (String::new(), 1_usize);
    while depth > 0 {
        let mut skip = false;
        match xml.next()?.ok_or(RosterFault::Damaged)? {
            Event::Start(element) => {
                depth += 1;
                match element.local_name().as_ref() {
                    "s" => {
                        let spaces = number(&element, "c")?.unwrap_or(1).min(COLUMNS);
                        text.extend(std::iter::repeat_n(' ', usize::try_from(spaces).unwrap_or(1)));
                    }
                    "tab" => text.push('\t'),
                    "line-break" => text.push('\n'),
                    name => skip = NOT_TEXT.contains(&name),
                }
            }
            Event::End(_) => depth -= 1,
            event => push_text(&mut text, &event)?,
        }
        if skip {
            xml.text(&[])?;
            depth -= 1;
        }
    }
    Ok(text)
}
