//! CSV in the encodings and with the delimiters that Chinese spreadsheet programs write.

mod decode;
mod records;

use std::fs::File;
use std::io::Read as _;

use yilin_domain::roster::{OtherKind, RosterCell, RosterFault};

use crate::fault::Stop;
use crate::table::{Output, Table};
use decode::decode;
use records::{Record, Records};

/// Number of lines examined to detect the delimiter.
const LINES: usize = 20;

pub(crate) fn read(mut file: File, output: &Output) -> Result<(), Stop> {
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(Stop::Io)?;
    let text = decode(&bytes)?;
    if text.trim().is_empty() {
        return Err(RosterFault::OtherKind(OtherKind::Empty).into());
    }
    let (delimiter, told) = match told_delimiter(&text) {
        Some(delimiter) => (delimiter, true),
        None => (usual_delimiter(&text).ok_or(RosterFault::NotASpreadsheet)?, false),
    };
    let mut table = Table::begin(output, "")?;
    let mut widest = 0;
    let mut records = Records::new(&text, delimiter);
    if told {
        records.next()?;
    }
    while let Some(record) = records.next()? {
        refuse_rows_in_a_cell(&record, widest, delimiter)?;
        widest = widest.max(record.cells.len());
        for (column, text) in (0..).zip(record.cells) {
            table.cell(record.line, column, cell(text))?;
        }
    }
    table.end()
}

/// Rejects a quoted cell that spans several lines and contains as many delimiters as a row: an unbalanced
/// quote has swallowed other rows.
fn refuse_rows_in_a_cell(record: &Record, widest: usize, delimiter: char) -> Result<(), RosterFault> {
    let width = record.cells.len();
    let holds_rows = |text: &String| {
        let delimiters = text.matches(delimiter).count();
        let is_suspicious = delimiters + 1 >= widest || width > widest;
        text.contains('\n') && delimiters > 0 && is_suspicious
    };
    if record.cells.iter().any(holds_rows) {
        return Err(RosterFault::BadQuotes { line: record.line });
    }
    Ok(())
}

/// The delimiter declared in the first line in Excel's notation, `sep=;`.
fn told_delimiter(text: &str) -> Option<char> {
    let first = text.lines().next()?.trim_matches(['"', '\r', ' ']);
    let told = first.get(..4).filter(|start| start.eq_ignore_ascii_case("sep="));
    let mut rest = first.get(told?.len()..)?.chars();
    rest.next().filter(|_| rest.next().is_none())
}

/// The delimiter that occurs in most of the first lines, and most often, outside quotes.
fn usual_delimiter(text: &str) -> Option<char> {
    let lines = text.split(['\n', '\r']).filter(|line| !line.trim().is_empty()).take(LINES);
    let lines: Vec<String> = lines.map(outside_quotes).collect();
    let count = |delimiter: char| {
        let counts = lines.iter().map(|line| line.matches(delimiter).count()).filter(|count| *count > 0);
        counts.fold((0, 0), |(lines, all), count| (lines + 1, all + count))
    };
    let most = [';', '\t', ','].into_iter().max_by_key(|delimiter| count(*delimiter));
    most.filter(|delimiter| count(*delimiter).0 > 0)
}

fn outside_quotes(line: &str) -> String {
    line.split('"').step_by(2).collect()
}

/// Converts cell text. Programs that must preserve digits write them as a formula, `="0138"`; any other
/// formula has no result in a CSV file.
fn cell(text: String) -> RosterCell {
    let Some(formula) = text.trim().strip_prefix(['=', '＝']) else { return RosterCell::Text(text) };
    let quotes = ['"', '\u{201c}', '\u{201d}', '＂'];
    let inside = formula.trim().strip_prefix(quotes).and_then(|rest| rest.strip_suffix(quotes));
    match inside {
        Some(inside) if !inside.replace("\"\"", "").contains('"') => {
            RosterCell::Text(inside.replace("\"\"", "\""))
        }
        _ => RosterCell::NoResult,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_in_a_formula_are_text_and_other_formulas_have_no_result() {
        for (text, plain) in [
            ("=\"13812345601\"", Some("13812345601")),
            (" = \"013\" ", Some("013")),
            ("=“13812345601”", Some("13812345601")),
            ("=\"a\"\"b\"", Some("a\"b")),
            ("=\"\"", Some("")),
            ("=\"a\"&\"b\"", None),
            ("=A2&B2", None),
            ("=", None),
            ("=\"", None),
        ] {
            let expected = plain.map_or(RosterCell::NoResult, RosterCell::from);
            assert_eq!(cell(text.to_owned()), expected, "{text}");
        }
    }
}
