//! A value of a row, independent of the database.

use super::TransferError;

/// What kind of values a column has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers; booleans are 0 and 1.
    Integer,
    /// Text.
    Text,
    /// A date, or a date and a time, as text.
    Time,
    /// Bytes.
    Bytes,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// None.
    Null,
    /// A whole number.
    Integer(i64),
    /// Text, or a date or time.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The values of a row, in the order of its table's columns.
pub type Row = Vec<Cell>;

/// A column that has values of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// The kind of its values.
    pub kind: Kind,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The columns of the primary key.
    pub key: Vec<String>,
    /// The id that the next row gets: ids are never given out again, also after their rows were deleted.
    pub next_id: Option<i64>,
}

impl Table {
    /// The names of its columns, each quoted.
    pub(super) fn column_list(&self, quote: char) -> String {
        let quoted: Vec<_> =
            self.columns.iter().map(|column| format!("{quote}{}{quote}", column.name)).collect();
        quoted.join(", ")
    }

    /// The statement that reads all rows in the order of the key.
    pub(super) fn select(&self, quote: char) -> String {
        let key: Vec<_> = self.key.iter().map(|column| format!("{quote}{column}{quote}")).collect();
        let (columns, name, key) = (self.column_list(quote), &self.name, key.join(", "));
        format!("SELECT {columns} FROM {quote}{name}{quote} ORDER BY {key}")
    }

    /// The statement that adds so many rows.
    pub(super) fn insert(&self, quote: char, rows: usize) -> String {
        let marks = format!("({})", vec!["?"; self.columns.len()].join(", "));
        let (columns, name) = (self.column_list(quote), &self.name);
        format!("INSERT INTO {quote}{name}{quote} ({columns}) VALUES {}", vec![marks; rows].join(", "))
    }

    pub(super) fn wrong_value(&self, column: &Column) -> TransferError {
        TransferError::WrongValue { table: self.name.clone(), column: column.name.clone() }
    }

    /// A row of another database's table of the same name, with its values in this one's order and kinds.
    pub fn adopt(&self, other: &Self, row: Row) -> Result<Row, TransferError> {
        if self.columns.len() != other.columns.len() || row.len() != other.columns.len() {
            return Err(TransferError::OtherColumns { table: self.name.clone() });
        }
        let mut cells: Vec<Option<Cell>> = row.into_iter().map(Some).collect();
        self.columns
            .iter()
            .map(|column| {
                let place = other.columns.iter().position(|theirs| theirs.name == column.name);
                let cell = place.and_then(|place| cells.get_mut(place)).and_then(Option::take);
                let cell = cell.ok_or_else(|| TransferError::OtherColumns { table: self.name.clone() })?;
                cell.of_kind(column.kind).ok_or_else(|| self.wrong_value(column))
            })
            .collect()
    }
}

impl Cell {
    /// The same value as this kind keeps it.
    fn of_kind(self, kind: Kind) -> Option<Self> {
        match (self, kind) {
            (Self::Null, _) => Some(Self::Null),
            (Self::Integer(number), Kind::Integer) => Some(Self::Integer(number)),
            (Self::Text(text), Kind::Text) => Some(Self::Text(text)),
            (Self::Text(text), Kind::Time) => Some(Self::Text(usual_time(text))),
            (Self::Text(text), Kind::Bytes) => Some(Self::Bytes(text.into_bytes())),
            (Self::Bytes(bytes), Kind::Bytes) => Some(Self::Bytes(bytes)),
            (Self::Bytes(bytes), Kind::Text) => String::from_utf8(bytes).ok().map(Self::Text),
            (Self::Integer(_), Kind::Text | Kind::Time | Kind::Bytes)
            | (Self::Text(_), Kind::Integer)
            | (Self::Bytes(_), Kind::Integer | Kind::Time) => None,
        }
    }

    /// How much memory it takes, roughly.
    pub fn size(&self) -> usize {
        match self {
            Self::Null | Self::Integer(_) => 8,
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }
}

/// A time with as few digits after the second as it needs, in threes, as the service itself writes them into SQLite.
pub(super) fn usual_time(mut text: String) -> String {
    if let Some((_, fraction)) = text.split_once('.') {
        let needed = fraction.trim_end_matches('0').len().div_ceil(3) * 3;
        let whole = text.len() - fraction.len();
        if needed == 0 {
            text.truncate(whole - 1);
        } else {
            text.truncate(whole + needed.min(fraction.len()));
            while text.len() < whole + needed {
                text.push('0');
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, Kind)]) -> Table {
        let columns = columns.iter().map(|(name, kind)| Column { name: (*name).to_owned(), kind: *kind });
        let key = vec!["id".to_owned()];
        Table { name: "t".to_owned(), columns: columns.collect(), key, next_id: None }
    }

    #[test]
    fn times_have_the_digits_that_they_need() {
        for (text, usual) in [
            ("2026-11-27 08:00:00", "2026-11-27 08:00:00"),
            ("2026-11-27 08:00:00.000000", "2026-11-27 08:00:00"),
            ("2026-11-27 08:00:00.120000", "2026-11-27 08:00:00.120"),
            ("2026-11-27 08:00:00.123400", "2026-11-27 08:00:00.123400"),
            ("2026-11-27 08:00:00.5", "2026-11-27 08:00:00.500"),
            ("2026-11-27", "2026-11-27"),
        ] {
            assert_eq!(usual_time(text.to_owned()), usual, "{text}");
        }
    }

    #[test]
    fn a_row_takes_the_order_and_kinds_of_the_other_database() {
        let theirs = table(&[("id", Kind::Integer), ("body", Kind::Text), ("at", Kind::Time)]);
        let ours = table(&[("id", Kind::Integer), ("at", Kind::Time), ("body", Kind::Bytes)]);
        let text = |text: &str| Cell::Text(text.to_owned());
        let row = vec![Cell::Integer(7), text("头痛"), text("2026-11-27 08:00:00.000000")];
        let expected =
            vec![Cell::Integer(7), text("2026-11-27 08:00:00"), Cell::Bytes("头痛".as_bytes().to_vec())];
        assert_eq!(ours.adopt(&theirs, row).unwrap(), expected);
        let bad = vec![Cell::Integer(7), Cell::Bytes(vec![0xff]), Cell::Null];
        assert!(matches!(theirs.adopt(&theirs, bad), Err(TransferError::WrongValue { .. })));
        let other = table(&[("id", Kind::Integer), ("text", Kind::Text), ("at", Kind::Time)]);
        let row = vec![Cell::Integer(7), Cell::Null, Cell::Null];
        assert!(matches!(other.adopt(&theirs, row), Err(TransferError::OtherColumns { .. })));
    }
}
