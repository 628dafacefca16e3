//! CSV, in the encodings that Chinese spreadsheet programs write.

use std::fs::File;
use std::io::Read as _;

use encoding_rs::{Encoding, GB18030};
use yilin_domain::roster::RosterFault;

use crate::fault::{Stop, damaged};
use crate::table::{Output, Table};

pub(crate) fn read(mut file: File, output: &Output) -> Result<(), Stop> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(Stop::Io)?;
    let text = decode(bytes).ok_or(RosterFault::NotASpreadsheet)?;
    if text.chars().any(is_binary) || text.trim_start().starts_with('<') {
        return Err(RosterFault::NotASpreadsheet.into());
    }
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let delimiter = delimiter_of(first).ok_or(RosterFault::NotASpreadsheet)?;
    let mut builder = csv::ReaderBuilder::new();
    let mut reader =
        builder.has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut table = Table::new(output, "");
    let mut record = csv::StringRecord::new();
    let mut lines = Lines { text: &text, at: 0, line: 1 };
    while reader.read_record(&mut record).map_err(damaged)? {
        let start = record.position().and_then(|position| usize::try_from(position.byte()).ok());
        let row = lines.line_of_record(start.unwrap_or_default());
        for (column, text) in (0..).zip(&record) {
            table.cell(row, column, text)?;
        }
    }
    table.end()
}

/// Counts lines. The library's own count is one too low after a line that ends in `\r\n`, as it has
/// not looked at the `\n` when the next record begins.
struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Lines<'_> {
    /// The first line of the record that begins here, or after the line ends that are here.
    fn line_of_record(&mut self, start: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let ends = bytes.iter().skip(start).take_while(|byte| is_end(byte)).count();
        while self.at < start.saturating_add(ends) {
            let pair = bytes.get(self.at..).is_some_and(|rest| rest.starts_with(b"\r\n"));
            self.line += u32::from(bytes.get(self.at).is_some_and(is_end));
            self.at += if pair { 2 } else { 1 };
        }
        self.line
    }
}

/// The text: by its byte order mark, else UTF-8 if it is that to the last byte, else GB18030. What
/// guesses by statistics is wrong more often.
fn decode(bytes: Vec<u8>) -> Option<String> {
    let (encoding, mark, bytes) = match Encoding::for_bom(&bytes) {
        Some((encoding, mark)) => (encoding, mark, bytes),
        None => match String::from_utf8(bytes) {
            Ok(text) => return Some(text),
            Err(error) => (GB18030, 0, error.into_bytes()),
        },
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes.get(mark..)?)?;
    Some(text.into_owned())
}

/// What is in no text. 0x1A is how some old programs end a file.
fn is_binary(c: char) -> bool {
    c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{1a}' | '\u{b}' | '\u{85}')
}

/// What separates the cells of this line.
fn delimiter_of(line: &str) -> Option<u8> {
    let count = |delimiter: u8| line.bytes().filter(|byte| *byte == delimiter).count();
    let most =
        [b',', b'\t', b';'].into_iter().max_by_key(|delimiter| (count(*delimiter), *delimiter == b','));
    most.filter(|delimiter| count(*delimiter) > 0)
}
