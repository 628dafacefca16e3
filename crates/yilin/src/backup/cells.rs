//! Rows as lines of JSON: numbers and texts as they are, bytes in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use yilin_storage::{Cell, Kind, Row, Table};

use super::ArchiveError;

/// A row as a line, with its line end.
pub(super) fn line(row: Row) -> Vec<u8> {
    let value = |cell| match cell {
        Cell::Null => Value::Null,
        Cell::Integer(number) => Value::from(number),
        Cell::Text(text) => Value::String(text),
        Cell::Bytes(bytes) => Value::String(STANDARD.encode(bytes)),
    };
    let values = Value::Array(row.into_iter().map(value).collect());
    (values.to_string() + "\n").into_bytes()
}

/// The row of a line, whose columns are of these kinds.
pub(crate) fn parse_row(table: &Table, line: &[u8]) -> Result<Row, ArchiveError> {
    let damaged = || ArchiveError::damaged(format!("tables/{}", table.name));
    let values: Vec<Value> = serde_json::from_slice(line).map_err(|_| damaged())?;
    if values.len() != table.columns.len() {
        return Err(damaged());
    }
    let cell = |(value, kind)| match (value, kind) {
        (Value::Null, _) => Some(Cell::Null),
        (Value::Number(number), Kind::Integer) => number.as_i64().map(Cell::Integer),
        (Value::String(text), Kind::Text | Kind::Time) => Some(Cell::Text(text)),
        (Value::String(text), Kind::Bytes) => STANDARD.decode(text).ok().map(Cell::Bytes),
        _ => None,
    };
    let kinds = table.columns.iter().map(|column| column.kind);
    values.into_iter().zip(kinds).map(|pair| cell(pair).ok_or_else(damaged)).collect()
}

#[cfg(test)]
mod tests {
    use yilin_storage::Column;

    use super::*;

    #[test]
    fn rows_come_back_as_they_were() {
        let column = |kind| Column { name: format!("{kind:?}"), kind };
        let kinds = [Kind::Integer, Kind::Text, Kind::Time, Kind::Bytes, Kind::Text];
        let columns = kinds.map(column).to_vec();
        let table = Table { name: "t".to_owned(), columns, key: vec![], next_id: None };
        let row = vec![
            Cell::Integer(i64::MIN),
            Cell::Text("头痛\n\"三天\"\u{0}\u{1f}".to_owned()),
            Cell::Text("2026-11-27 08:00:00".to_owned()),
            Cell::Bytes(vec![0, 255, 10]),
            Cell::Null,
        ];
        let line = line(row.clone());
        assert_eq!(line.iter().position(|byte| *byte == b'\n'), Some(line.len() - 1));
        assert_eq!(parse_row(&table, &line).unwrap(), row);
        for bad in ["", "[1]", "{}", "[\"1\",\"\",\"\",\"\",\"\"]", "[1,\"\",\"\",\"?\",\"\"]"] {
            assert!(parse_row(&table, bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
