//! Cell records of an `.xls` sheet.

use yilin_domain::roster::{RosterCell, RosterFault};

use super::globals::Globals;
use super::records::{
    BEGIN, END, FORMULA, FORMULA_TEXT, MERGED, MULTIPLE_NUMBERS, NUMBER, RICH_TEXT, Records, SHARED_TEXT,
    SHORT_NUMBER, TEXT, TRUTH_OR_ERROR, f64_at, u16_at, u32_at,
};
use crate::fault::Stop;
use crate::merges::Region;
use crate::table::Table;

/// Formula flags that mark the stored result as stale: recalculate always, or on load.
const TO_BE_CALCULATED: u16 = 3;

/// The cells of a sheet. Their records may be in any order.
pub(super) struct SheetCells {
    cells: Vec<(u16, u16, Value)>,
    most: usize,
    /// The last formula whose text result has not been read yet.
    formula: Option<(u16, u16)>,
}

enum Value {
    /// A shared string, by index.
    Shared(u32),
    Text(Box<str>),
    /// A number and its style.
    Number(f64, u16),
    /// A boolean or an error, as displayed.
    Error(&'static str),
    NoResult,
    /// A formula with a text result, which follows in a separate record.
    TextFollows,
}

impl SheetCells {
    /// Maximum number of cells of all sheets.
    pub(super) const MOST: usize = 1_500_000;

    /// Reads the records of a sheet and passes merged cells to the table.
    pub(super) fn read(
        sheet: &[u8],
        globals: &Globals,
        table: &mut Table<'_>,
        most: usize,
    ) -> Result<Self, RosterFault> {
        let mut cells = Self { cells: Vec::new(), most, formula: None };
        // Embedded objects such as charts have nested begin and end records, and are skipped.
        let (mut begun, mut depth) = (false, 0_usize);
        let mut records = Records(sheet);
        while let Some((kind, content)) = records.next() {
            match kind {
                BEGIN if begun => depth += 1,
                BEGIN => begun = true,
                END if depth > 0 => depth -= 1,
                _ if depth > 0 => {}
                END => return Ok(cells),
                MERGED => merge(content, table)?,
                _ => cells.add_record(kind, content, globals, records.clone())?,
            }
        }
        Err(RosterFault::Damaged)
    }

    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    fn add_record(
        &mut self,
        kind: u16,
        content: &[u8],
        globals: &Globals,
        rest: Records<'_>,
    ) -> Result<(), RosterFault> {
        if kind == MULTIPLE_NUMBERS {
            return self.add_numbers(content).ok_or(RosterFault::Damaged)?;
        }
        let value = Self::value(kind, content, globals, rest).ok_or(RosterFault::Damaged)?;
        let place = || u16_at(content, 0).zip(u16_at(content, 2)).ok_or(RosterFault::Damaged);
        match value {
            None => Ok(()),
            Some(Value::TextFollows) => match self.formula.replace(place()?) {
                // Its text is missing.
                Some((row, column)) => self.add(row, column, Value::NoResult),
                None => Ok(()),
            },
            // A text result without a formula is ignored.
            Some(value) if kind == FORMULA_TEXT => match self.formula.take() {
                Some((row, column)) => self.add(row, column, value),
                None => Ok(()),
            },
            Some(value) => {
                let (row, column) = place()?;
                self.add(row, column, value)
            }
        }
    }

    /// Parses a cell record; the inner `None` is a record without a cell.
    #[expect(clippy::option_option, reason = "a truncated record differs from a record without a cell")]
    fn value(kind: u16, content: &[u8], globals: &Globals, rest: Records<'_>) -> Option<Option<Value>> {
        Some(Some(match kind {
            FORMULA => formula_value(content)?,
            FORMULA_TEXT => Value::Text(globals.text(content, rest)?.into()),
            RICH_TEXT | TEXT => Value::Text(globals.text(content.get(6..)?, rest)?.into()),
            SHARED_TEXT => Value::Shared(u32_at(content, 6)?),
            NUMBER => Value::Number(f64_at(content, 6)?, u16_at(content, 4)?),
            SHORT_NUMBER => Value::Number(short_number(u32_at(content, 6)?), u16_at(content, 4)?),
            TRUTH_OR_ERROR => truth_or_error(*content.get(7)? != 0, *content.get(6)?),
            _ => return Some(None),
        }))
    }

    fn add_numbers(&mut self, content: &[u8]) -> Option<Result<(), RosterFault>> {
        let (row, first) = (u16_at(content, 0)?, u16_at(content, 2)?);
        let numbers = content.get(4..content.len().checked_sub(2)?)?;
        for (offset, number) in (0..).zip(numbers.chunks_exact(6)) {
            let column = first.checked_add(offset)?;
            let value = Value::Number(short_number(u32_at(number, 2)?), u16_at(number, 0)?);
            if let Err(fault) = self.add(row, column, value) {
                return Some(Err(fault));
            }
        }
        Some(Ok(()))
    }

    fn add(&mut self, row: u16, column: u16, value: Value) -> Result<(), RosterFault> {
        if self.cells.len() >= self.most {
            return Err(RosterFault::TooLargeInside);
        }
        self.cells.push((row, column, value));
        Ok(())
    }

    /// Writes the cells to the table in row order.
    pub(super) fn write(mut self, globals: &Globals, table: &mut Table<'_>) -> Result<(), Stop> {
        // A formula whose text is missing.
        if let Some((row, column)) = self.formula {
            self.cells.push((row, column, Value::NoResult));
        }
        self.cells.sort_by_key(|(row, column, _)| (*row, *column));
        for (row, column, value) in self.cells {
            let cell = match value {
                Value::Shared(number) => {
                    let text = usize::try_from(number).ok().and_then(|number| globals.texts.get(number));
                    RosterCell::Text(text.ok_or(RosterFault::Damaged)?.clone())
                }
                Value::Text(text) => RosterCell::Text(text.into()),
                Value::Number(number, _) if !number.is_finite() => return Err(RosterFault::Damaged.into()),
                Value::Number(number, style) => globals.format(style).cell(number, globals.is_1904),
                Value::Error(shown) => RosterCell::NotAValue(shown.to_owned()),
                Value::NoResult | Value::TextFollows => RosterCell::NoResult,
            };
            table.cell(u32::from(row) + 1, column.into(), cell)?;
        }
        Ok(())
    }
}

/// The result of a formula (MS-XLS 2.5.133).
fn formula_value(content: &[u8]) -> Option<Value> {
    let is_to_be_calculated = u16_at(content, 14)? & TO_BE_CALCULATED != 0;
    if u16_at(content, 12)? != 0xffff {
        let number = f64_at(content, 6)?;
        // Programs that cannot calculate write 0 and set a recalculation flag.
        let is_result = !is_to_be_calculated || number != 0.0;
        return Some(if is_result { Value::Number(number, u16_at(content, 4)?) } else { Value::NoResult });
    }
    Some(match *content.get(6)? {
        0 => Value::TextFollows,
        1 => truth_or_error(false, *content.get(8)?),
        2 => truth_or_error(true, *content.get(8)?),
        _ if is_to_be_calculated => Value::NoResult,
        _ => Value::Text("".into()),
    })
}

fn merge(content: &[u8], table: &mut Table<'_>) -> Result<(), RosterFault> {
    let count = usize::from(u16_at(content, 0).ok_or(RosterFault::Damaged)?);
    let regions = content.get(2..).unwrap_or_default().chunks_exact(8);
    for region in regions.take(count) {
        let at = |place| u16_at(region, place).map(u32::from).ok_or(RosterFault::Damaged);
        let rows = (at(0)?.saturating_add(1), at(2)?.saturating_add(1));
        table.merge(Region { rows, columns: (at(4)?, at(6)?) })?;
    }
    Ok(())
}

/// A number packed into four bytes (`RkNumber`, MS-XLS 2.5.217).
fn short_number(bits: u32) -> f64 {
    let value = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        f64::from(bits.cast_signed() >> 2)
    };
    if bits & 1 == 0 { value } else { value / 100.0 }
}

fn truth_or_error(is_error: bool, code: u8) -> Value {
    Value::Error(match (is_error, code) {
        (false, 0) => "FALSE",
        (false, _) => "TRUE",
        (true, 0x00) => "#NULL!",
        (true, 0x07) => "#DIV/0!",
        (true, 0x0f) => "#VALUE!",
        (true, 0x17) => "#REF!",
        (true, 0x1d) => "#NAME?",
        (true, 0x24) => "#NUM!",
        (true, _) => "#N/A",
    })
}
