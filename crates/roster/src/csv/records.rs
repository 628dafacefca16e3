//! A strict CSV record parser.

use std::iter::Peekable;
use std::str::CharIndices;

use yilin_domain::roster::RosterFault;

/// Maximum number of cells kept per record; one more than the limit shows that there are more.
const CELLS: usize = 300;

/// A record, which may span several lines.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Record {
    /// Number of its first line, from 1.
    pub(super) line: u32,
    pub(super) cells: Vec<String>,
}

/// Parses records (RFC 4180) with any kind of line ending. A quote is only special at the beginning of a
/// cell; such a cell must end in a quote, followed by nothing but blanks before the next delimiter. Anything
/// else is rejected: lenient parsers merge other rows into one cell.
pub(super) struct Records<'a> {
    text: &'a str,
    rest: Peekable<CharIndices<'a>>,
    delimiter: char,
    line: u32,
}

/// What terminated a cell.
enum End {
    Delimiter,
    Line,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str, delimiter: char) -> Self {
        Self { text, rest: text.char_indices().peekable(), delimiter, line: 1 }
    }

    /// The next record that is not an empty line.
    pub(super) fn next(&mut self) -> Result<Option<Record>, RosterFault> {
        while let Some('\n' | '\r') = self.peek() {
            self.end_line();
        }
        if self.peek().is_none() {
            return Ok(None);
        }
        let mut record = Record { line: self.line, cells: Vec::new() };
        loop {
            let (cell, end) = self.cell()?;
            if record.cells.len() < CELLS {
                record.cells.push(cell);
            }
            if matches!(end, End::Line) {
                return Ok(Some(record));
            }
        }
    }

    fn cell(&mut self) -> Result<(String, End), RosterFault> {
        let start = self.place();
        self.skip_blanks();
        if self.peek() == Some('"') {
            return self.quoted();
        }
        while let Some(c) = self.peek() {
            if c == self.delimiter || matches!(c, '\n' | '\r') {
                break;
            }
            self.rest.next();
        }
        let text = self.text.get(start..self.place()).unwrap_or_default().to_owned();
        Ok((text, self.end_cell()))
    }

    fn quoted(&mut self) -> Result<(String, End), RosterFault> {
        let bad = RosterFault::BadQuotes { line: self.line };
        let mut text = String::new();
        self.rest.next();
        loop {
            match self.peek().ok_or(bad)? {
                '"' => {
                    self.rest.next();
                    if self.peek() != Some('"') {
                        break;
                    }
                    text.push('"');
                    self.rest.next();
                }
                '\n' | '\r' => {
                    text.push('\n');
                    self.end_line();
                }
                c => {
                    text.push(c);
                    self.rest.next();
                }
            }
        }
        self.skip_blanks();
        match self.peek() {
            None | Some('\n' | '\r') => Ok((text, self.end_cell())),
            Some(c) if c == self.delimiter => Ok((text, self.end_cell())),
            Some(_) => Err(bad),
        }
    }

    fn end_cell(&mut self) -> End {
        match self.peek() {
            Some(c) if c == self.delimiter => {
                self.rest.next();
                End::Delimiter
            }
            Some(_) => {
                self.end_line();
                End::Line
            }
            None => End::Line,
        }
    }

    fn end_line(&mut self) {
        if self.rest.next().is_some_and(|(_, c)| c == '\r') && self.peek() == Some('\n') {
            self.rest.next();
        }
        self.line = self.line.saturating_add(1);
    }

    fn skip_blanks(&mut self) {
        while let Some(c) = self.peek() {
            if c == self.delimiter || !matches!(c, ' ' | '\t' | '\u{3000}' | '\u{a0}') {
                break;
            }
            self.rest.next();
        }
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().map(|(_, c)| *c)
    }

    fn place(&mut self) -> usize {
        self.rest.peek().map_or(self.text.len(), |(place, _)| *place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Result<Vec<(u32, Vec<String>)>, RosterFault> {
        let mut records = Records::new(text, ',');
        let mut all = Vec::new();
        while let Some(record) = records.next()? {
            all.push((record.line, record.cells));
        }
        Ok(all)
    }

    #[test]
    fn records_carry_their_line_numbers() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["", "a,\"b", "\"\"c\"\"\", d", "", " \"e\" ,,", "5\"x,f\"g"].join(end);
            let expected =
                [(2, vec!["a", "b\n\"c\"", " d"]), (5, vec!["e", "", ""]), (6, vec!["5\"x", "f\"g"])];
            let read: Vec<_> = records(&text).unwrap();
            let read: Vec<_> = read
                .iter()
                .map(|(line, cells)| (*line, cells.iter().map(String::as_str).collect()))
                .collect();
            assert_eq!(read, expected, "{end:?}");
        }
    }

    #[test]
    fn unbalanced_quotes_are_rejected() {
        for (text, line) in
            [("a,b\nc,\"d\ne,f\n", 2), ("a,b\n\nc,\"d\"e\n", 3), ("\"", 1), ("a,\"b\nc\"d\",e\n", 1)]
        {
            assert_eq!(records(text), Err(RosterFault::BadQuotes { line }), "{text}");
        }
    }
}
