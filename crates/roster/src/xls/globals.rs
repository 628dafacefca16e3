//! Workbook-level records of an `.xls` file.

use std::collections::HashMap;

use encoding_rs::{Encoding, WINDOWS_1252};
use yilin_domain::roster::RosterFault;

use super::records::{
    BEGIN, BOUND_SHEET, CODE_PAGE, DATE_MODE, END, FILE_PASS, FORMAT, Records, SHARED_TEXTS, STYLE, u16_at,
    u32_at,
};
use super::text::{Chunks, encoding_of};
use crate::number_format::NumberFormat;

/// Maximum number of sheets.
const SHEETS: usize = 64;
/// Maximum size of all shared strings in bytes.
const TEXTS: usize = 64 << 20;
/// Sheet type of a worksheet; other types are charts and macros.
const CELLS: u8 = 0;
/// BIFF version with Unicode strings.
const BIFF8: u16 = 0x0600;

/// The records before the sheets.
pub(super) struct Globals {
    pub(super) sheets: Vec<Sheet>,
    pub(super) texts: Vec<String>,
    pub(super) is_1904: bool,
    is_biff8: bool,
    encoding: &'static Encoding,
    /// Format id of each style.
    styles: Vec<u16>,
    formats: HashMap<u16, NumberFormat>,
}

/// A worksheet.
pub(super) struct Sheet {
    pub(super) name: String,
    /// Offset of its first record.
    pub(super) start: usize,
}

impl Globals {
    pub(super) fn read(workbook: &[u8]) -> Result<Self, RosterFault> {
        let mut globals = Self {
            sheets: Vec::new(),
            texts: Vec::new(),
            is_1904: false,
            is_biff8: true,
            encoding: WINDOWS_1252,
            styles: Vec::new(),
            formats: HashMap::new(),
        };
        let mut records = Records(workbook);
        let mut count = 0;
        while let Some((kind, content)) = records.next() {
            match kind {
                BEGIN => globals.is_biff8 = u16_at(content, 0).ok_or(RosterFault::Damaged)? == BIFF8,
                FILE_PASS => return Err(RosterFault::Encrypted),
                CODE_PAGE => globals.encoding = encoding_of(u16_at(content, 0).unwrap_or_default()),
                DATE_MODE => globals.is_1904 = u16_at(content, 0) == Some(1),
                FORMAT => globals.add_format(content).ok_or(RosterFault::Damaged)?,
                STYLE => globals.styles.push(u16_at(content, 2).ok_or(RosterFault::Damaged)?),
                BOUND_SHEET => {
                    count += 1;
                    let (kind, sheet) = globals.sheet(content).ok_or(RosterFault::Damaged)?;
                    globals.sheets.extend((kind == CELLS).then_some(sheet));
                }
                SHARED_TEXTS => globals.texts = shared_texts(content, records.clone())?,
                END => break,
                _ => {}
            }
        }
        match count {
            0 => Err(RosterFault::Damaged),
            1..=SHEETS => Ok(globals),
            _ => Err(RosterFault::TooLargeInside),
        }
    }

    fn add_format(&mut self, content: &[u8]) -> Option<()> {
        let (number, rest) = (u16_at(content, 0)?, content.get(2..)?);
        let code = if self.is_biff8 {
            Chunks::new(rest, 0, Records(&[])).text()?
        } else {
            self.narrow(rest.get(1..)?, usize::from(*rest.first()?))?
        };
        self.formats.insert(number, NumberFormat::of_code(&code));
        Some(())
    }

    /// A sheet and its type.
    fn sheet(&self, content: &[u8]) -> Option<(u8, Sheet)> {
        let start = usize::try_from(u32_at(content, 0)?).ok()?;
        let (kind, length, rest) = (*content.get(5)?, *content.get(6)?, content.get(7..)?);
        let name = if self.is_biff8 {
            Chunks::new(rest, 0, Records(&[])).characters(length.into())?
        } else {
            self.narrow(rest, length.into())?
        };
        let name = name.replace('\0', "");
        Some((kind, Sheet { name, start }))
    }

    /// A string before BIFF8.
    fn narrow(&self, bytes: &[u8], length: usize) -> Option<String> {
        Some(self.encoding.decode_without_bom_handling(bytes.get(..length)?).0.into_owned())
    }

    /// The text of a cell with an inline string: its length and its characters, which may continue in other
    /// records.
    pub(super) fn text(&self, content: &[u8], rest: Records<'_>) -> Option<String> {
        if self.is_biff8 {
            return Chunks::new(content, 0, rest).text();
        }
        self.narrow(content.get(2..)?, u16_at(content, 0)?.into())
    }

    /// The format of cells with this style.
    pub(super) fn format(&self, style: u16) -> NumberFormat {
        let number = self.styles.get(usize::from(style)).copied().unwrap_or_default();
        let built_in = || NumberFormat::built_in(number.into());
        self.formats.get(&number).cloned().unwrap_or_else(built_in)
    }
}

/// The shared strings. Stops at the first invalid one: a cell that refers to a later one is then reported.
fn shared_texts(first: &[u8], rest: Records<'_>) -> Result<Vec<String>, RosterFault> {
    let announced = u32_at(first, 4).and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
    let mut chunks = Chunks::new(first, 8, rest);
    let (mut texts, mut bytes) = (Vec::new(), 0);
    while texts.len() < announced {
        let Some(text) = chunks.text() else { break };
        bytes += size_of::<String>() + text.len();
        if bytes > TEXTS {
            return Err(RosterFault::TooLargeInside);
        }
        texts.push(text);
    }
    Ok(texts)
}
