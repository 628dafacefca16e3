//! The records of an `.xls` workbook (MS-XLS), as far as they tell how much memory reading it takes.

use yilin_domain::roster::RosterFault;

/// The most sheets.
const SHEETS: usize = 64;
/// The most cells of the areas that all sheets span.
const CELLS: u64 = 1_500_000;
/// The most bytes of all cells' texts: one shared text may stand in many cells.
const TEXT: u64 = 48 << 20;

const FORMULA: u16 = 0x0006;
const BEGIN: u16 = 0x0809;
const END: u16 = 0x000a;
const FILE_PASS: u16 = 0x002f;
const CONTINUE: u16 = 0x003c;
const BOUND_SHEET: u16 = 0x0085;
const MULTIPLE_NUMBERS: u16 = 0x00bd;
const SHARED_TEXTS: u16 = 0x00fc;
const SHARED_TEXT_CELL: u16 = 0x00fd;
const DIMENSIONS: u16 = 0x0200;
/// The other records of cells: numbers, texts, truth values and errors.
const CELL_RECORDS: [u16; 5] = [0x0203, 0x0204, 0x00d6, 0x0205, 0x027e];

/// The records from a place on: their kinds and contents.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, length) = (u16_at(self.0, 0)?, u16_at(self.0, 2)?);
        let content = self.0.get(4..4 + usize::from(length))?;
        self.0 = self.0.get(4 + usize::from(length)..)?;
        Some((kind, content))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// Refuses a workbook that is encrypted, or would take much memory to read.
pub(crate) fn check(workbook: &[u8]) -> Result<(), RosterFault> {
    let (mut sheets, mut texts) = (Vec::new(), Vec::new());
    let mut records = Records(workbook);
    while let Some((kind, content)) = records.next() {
        match kind {
            FILE_PASS => return Err(RosterFault::Encrypted),
            BOUND_SHEET => sheets.push(u32_at(content, 0).ok_or(RosterFault::Damaged)?),
            SHARED_TEXTS => texts = text_lengths(content, records.0),
            END => break,
            _ => {}
        }
    }
    if sheets.is_empty() || sheets.len() > SHEETS {
        let fault = if sheets.is_empty() { RosterFault::Damaged } else { RosterFault::TooLargeInside };
        return Err(fault);
    }
    let mut load = Load::default();
    for start in sheets {
        let start = usize::try_from(start).map_err(|_| RosterFault::Damaged)?;
        load.add_sheet(workbook.get(start..).ok_or(RosterFault::Damaged)?, &texts)?;
    }
    Ok(())
}

/// What reading the sheets takes.
#[derive(Default)]
struct Load {
    cells: u64,
    text: u64,
}

impl Load {
    fn add_sheet(&mut self, sheet: &[u8], texts: &[u32]) -> Result<(), RosterFault> {
        let (mut rows, mut columns) = (Span::default(), Span::default());
        let mut formulas = (Span::default(), Span::default());
        // What is embedded, such as a chart, has a beginning and an end of its own, and is left out.
        let (mut begun, mut depth) = (false, 0_usize);
        for (kind, content) in Records(sheet) {
            match kind {
                BEGIN if begun => depth += 1,
                BEGIN => begun = true,
                END if depth > 0 => depth -= 1,
                _ if depth > 0 => {}
                DIMENSIONS => self.add_cells(announced(content)?)?,
                _ if kind == FORMULA || is_cell(kind) => {
                    let (row, column) =
                        u16_at(content, 0).zip(u16_at(content, 2)).ok_or(RosterFault::Damaged)?;
                    rows.add(row);
                    columns.add(column);
                    if kind == MULTIPLE_NUMBERS {
                        let last = content.len().checked_sub(2).and_then(|at| u16_at(content, at));
                        columns.add(last.unwrap_or(column));
                    }
                    if kind == FORMULA {
                        formulas.0.add(row);
                        formulas.1.add(column);
                    }
                    self.add_text(kind, content, texts)?;
                }
                END => break,
                _ => {}
            }
        }
        self.add_cells(rows.length() * columns.length())?;
        self.add_cells(formulas.0.length() * formulas.1.length())
    }

    fn add_cells(&mut self, cells: u64) -> Result<(), RosterFault> {
        self.cells = self.cells.saturating_add(cells);
        if self.cells > CELLS { Err(RosterFault::TooLargeInside) } else { Ok(()) }
    }

    fn add_text(&mut self, kind: u16, content: &[u8], texts: &[u32]) -> Result<(), RosterFault> {
        if kind == SHARED_TEXT_CELL {
            let index = u32_at(content, 6).and_then(|index| usize::try_from(index).ok());
            let length = index.and_then(|index| texts.get(index)).copied().unwrap_or(0);
            self.text = self.text.saturating_add(u64::from(length));
        }
        if self.text > TEXT { Err(RosterFault::TooLargeInside) } else { Ok(()) }
    }
}

fn is_cell(kind: u16) -> bool {
    matches!(kind, MULTIPLE_NUMBERS | SHARED_TEXT_CELL) || CELL_RECORDS.contains(&kind)
}

/// From the first to the last place that is used.
#[derive(Default)]
struct Span(Option<(u16, u16)>);

impl Span {
    fn add(&mut self, place: u16) {
        let (first, last) = self.0.unwrap_or((place, place));
        self.0 = Some((first.min(place), last.max(place)));
    }

    fn length(&self) -> u64 {
        self.0.map_or(0, |(first, last)| u64::from(last - first) + 1)
    }
}

/// How many cells a sheet says that it spans; the library makes room for them. A span that ends
/// before it begins would be one of thousands of millions to it, and where the columns make no sense
/// it takes the first.
fn announced(content: &[u8]) -> Result<u64, RosterFault> {
    let wide = content.len() >= 14;
    let row = |at: usize| if wide { u32_at(content, at * 2) } else { u16_at(content, at).map(u32::from) };
    let column = |at: usize| u16_at(content, if wide { 8 + at } else { 4 + at });
    let (first_row, end_row) = row(0).zip(row(2)).ok_or(RosterFault::Damaged)?;
    let (first_column, end_column) = column(0).zip(column(2)).ok_or(RosterFault::Damaged)?;
    if end_row == 0 || end_column == 0 {
        return Ok(1);
    }
    let first_column = if first_column > 0xff || end_column < first_column { 0 } else { first_column };
    if end_row <= first_row || end_column <= first_column {
        return Err(RosterFault::Damaged);
    }
    Ok(u64::from(end_row - first_row).saturating_mul(u64::from(end_column - first_column)))
}

/// The lengths of the shared texts, in bytes as they are held in memory. Stops at what makes no sense,
/// as the library does.
fn text_lengths(first: &[u8], rest: &[u8]) -> Vec<u32> {
    let mut chunks = Chunks { chunk: first.get(8..).unwrap_or_default(), rest: Records(rest) };
    let mut lengths = Vec::new();
    while let Some(length) = chunks.text() {
        lengths.push(length);
    }
    lengths
}

/// The content of a record and those that continue it.
struct Chunks<'a> {
    chunk: &'a [u8],
    rest: Records<'a>,
}

impl Chunks<'_> {
    /// The next text's length; afterwards it is behind us.
    fn text(&mut self) -> Option<u32> {
        if self.chunk.is_empty() {
            self.go_on()?;
        }
        let (length, mut flags) = (u16_at(self.chunk, 0)?, *self.chunk.get(2)?);
        let mut at = 3;
        let runs = if flags & 8 == 0 {
            0
        } else {
            at += 2;
            u16_at(self.chunk, at - 2)?
        };
        let extension = if flags & 4 == 0 {
            0
        } else {
            at += 4;
            u32_at(self.chunk, at - 4)?
        };
        self.chunk = self.chunk.get(at..)?;
        let mut left = usize::from(length);
        loop {
            let width = if flags & 1 == 0 { 1 } else { 2 };
            let here = left.min(self.chunk.len() / width);
            self.chunk = self.chunk.get(here * width..)?;
            left -= here;
            if left == 0 {
                break;
            }
            self.go_on()?;
            // Each part of a text says anew how wide its characters are.
            flags = *self.chunk.first()?;
            self.chunk = self.chunk.get(1..)?;
        }
        self.skip(usize::from(runs).checked_mul(4)?.checked_add(usize::try_from(extension).ok()?)?)?;
        // A character of two bytes takes up to three.
        Some(u32::from(length).saturating_mul(3))
    }

    fn skip(&mut self, mut bytes: usize) -> Option<()> {
        loop {
            let here = bytes.min(self.chunk.len());
            self.chunk = self.chunk.get(here..)?;
            bytes -= here;
            if bytes == 0 {
                return Some(());
            }
            self.go_on()?;
        }
    }

    fn go_on(&mut self) -> Option<()> {
        let (kind, content) = self.rest.next()?;
        self.chunk = content;
        (kind == CONTINUE).then_some(())
    }
}
