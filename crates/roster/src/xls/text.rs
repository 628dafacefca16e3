//! Strings of `.xls` files.

use encoding_rs::Encoding;

use super::records::{CONTINUE, Records, u16_at, u32_at};
use crate::table::CELL_CHARS;

/// The encoding of a Windows code page, for strings before BIFF8.
pub(super) fn encoding_of(code_page: u16) -> &'static Encoding {
    match code_page {
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GB18030,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        65001 => encoding_rs::UTF_8,
        _ => encoding_rs::WINDOWS_1252,
    }
}

/// The content of a record and its continuation records.
pub(super) struct Chunks<'a> {
    chunk: &'a [u8],
    rest: Records<'a>,
}

impl<'a> Chunks<'a> {
    /// The content from an offset in a record on, with the records that follow.
    pub(super) fn new(content: &'a [u8], at: usize, rest: Records<'a>) -> Self {
        Self { chunk: content.get(at..).unwrap_or_default(), rest }
    }

    /// Reads the next string (`XLUnicodeRichExtendedString`, MS-XLS 2.5.293, of which the plain string is a
    /// special case), truncated to the maximum cell length, and advances past it.
    pub(super) fn text(&mut self) -> Option<String> {
        if self.chunk.is_empty() {
            self.go_on()?;
        }
        let length = u16_at(self.chunk, 0)?;
        self.chunk = self.chunk.get(2..)?;
        self.characters(length)
    }

    /// Reads a string of this many characters.
    pub(super) fn characters(&mut self, length: u16) -> Option<String> {
        let mut flags = *self.chunk.first()?;
        let mut at = 1;
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
        let (mut left, mut units) = (usize::from(length), Vec::new());
        loop {
            let width = if flags & 1 == 0 { 1 } else { 2 };
            let (here, after) = self.chunk.split_at_checked(left.min(self.chunk.len() / width) * width)?;
            // Compressed characters are the low bytes of UTF-16 units.
            let wide = here.chunks(width).map(|unit| u16_at(unit, 0).unwrap_or_else(|| u16::from(unit[0])));
            units.extend(wide.take((CELL_CHARS * 2 + 2).saturating_sub(units.len())));
            left -= here.len() / width;
            self.chunk = after;
            if left == 0 {
                break;
            }
            self.go_on()?;
            // Each continuation repeats the flag for the character width.
            flags = *self.chunk.first()?;
            self.chunk = self.chunk.get(1..)?;
        }
        self.skip(usize::from(runs).checked_mul(4)?.checked_add(usize::try_from(extension).ok()?)?)?;
        Some(String::from_utf16_lossy(&units))
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
