//! SQLite's side of it.

use std::path::Path;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, ToSql, params, params_from_iter};

use super::{Cell, Column, Kind, NOT_CONTENT, Row, Table, TransferError, UNFINISHED};
use crate::schema_state::APPLIED;

const QUOTE: char = '"';

fn connect(path: &Path) -> Result<Connection, TransferError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.execute_batch(
        "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;",
    )?;
    Ok(conn)
}

fn tables(conn: &Connection) -> Result<Vec<Table>, TransferError> {
    let mut names = conn.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name",
    )?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    names
        .into_iter()
        .filter(|name| !NOT_CONTENT.contains(&name.as_str()))
        .map(|name| table(conn, name))
        .collect()
}

fn table(conn: &Connection, name: String) -> Result<Table, TransferError> {
    let mut statement =
        conn.prepare("SELECT name, type, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid")?;
    let described = statement
        .query_map([&name], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, i64>(2)?,
                row.get::<_, i64>(3)?,
            ))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let (mut columns, mut key) = (Vec::new(), Vec::new());
    for (column, declared, place_in_key, hidden) in described {
        if hidden != 0 {
            continue;
        }
        if place_in_key > 0 {
            key.push((place_in_key, column.clone()));
        }
        let kind = kind(&declared).ok_or_else(|| TransferError::UnknownType {
            table: name.clone(),
            column: column.clone(),
            found: declared.clone(),
        })?;
        columns.push(Column { name: column, kind });
    }
    key.sort();
    let last = conn.query_row("SELECT seq FROM sqlite_sequence WHERE name = ?", [&name], |row| row.get(0));
    let next_id = last.optional()?.map(|last: i64| last + 1);
    Ok(Table { name, columns, key: key.into_iter().map(|(_, column)| column).collect(), next_id })
}

fn kind(declared: &str) -> Option<Kind> {
    match declared.to_ascii_uppercase().as_str() {
        "INTEGER" | "INT" | "BIGINT" | "SMALLINT" | "BOOLEAN" => Some(Kind::Integer),
        "TEXT" => Some(Kind::Text),
        "TIMESTAMP" | "DATE" => Some(Kind::Time),
        "BLOB" => Some(Kind::Bytes),
        _ => None,
    }
}

/// A consistent view: a read transaction, which WAL mode lets stand beside writers.
pub(super) struct Snapshot {
    conn: Connection,
}

impl Snapshot {
    pub(super) fn open(path: &Path) -> Result<Self, TransferError> {
        let conn = connect(path)?;
        // The view is that of the first read.
        conn.execute_batch("BEGIN")?;
        conn.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(Self { conn })
    }

    pub(super) fn tables(&mut self) -> Result<Vec<Table>, TransferError> {
        tables(&self.conn)
    }

    pub(super) fn migrations(&mut self) -> Result<Vec<String>, TransferError> {
        let mut applied = self.conn.prepare(APPLIED)?;
        Ok(applied.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    pub(super) fn read<E: From<TransferError>>(
        &mut self,
        table: &Table,
        visit: &mut impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut statement = self.conn.prepare(&table.select(QUOTE)).map_err(TransferError::from)?;
        let mut rows = statement.query([]).map_err(TransferError::from)?;
        while let Some(row) = rows.next().map_err(TransferError::from)? {
            let cells = table.columns.iter().enumerate().map(|(place, column)| {
                let value = row.get_ref(place).map_err(TransferError::from)?;
                cell(value, column.kind).ok_or_else(|| table.wrong_value(column))
            });
            visit(cells.collect::<Result<_, _>>()?)?;
        }
        Ok(())
    }
}

fn cell(value: ValueRef<'_>, kind: Kind) -> Option<Cell> {
    match (value, kind) {
        (ValueRef::Null, _) => Some(Cell::Null),
        (ValueRef::Integer(number), Kind::Integer) => Some(Cell::Integer(number)),
        (ValueRef::Text(text), Kind::Text | Kind::Time) => {
            String::from_utf8(text.to_vec()).ok().map(Cell::Text)
        }
        (ValueRef::Blob(bytes), Kind::Bytes) => Some(Cell::Bytes(bytes.to_vec())),
        _ => None,
    }
}

impl ToSql for Cell {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Value::Null),
            Self::Integer(number) => ToSqlOutput::Owned(Value::Integer(*number)),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
        })
    }
}

/// Fills a file.
pub(super) struct Loader {
    conn: Connection,
}

impl Loader {
    pub(super) fn open(path: &Path) -> Result<Self, TransferError> {
        Ok(Self { conn: connect(path)? })
    }

    pub(super) fn tables(&mut self) -> Result<Vec<Table>, TransferError> {
        tables(&self.conn)
    }

    /// Lets the ids of tables go on where the other database's would.
    pub(super) fn set_next_ids(&mut self, others: &[Table]) -> Result<(), TransferError> {
        for Table { name, next_id, .. } in others {
            if let Some(next) = next_id {
                self.conn.execute("DELETE FROM sqlite_sequence WHERE name = ?", [name])?;
                let insert = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)";
                self.conn.execute(insert, params![name, next - 1])?;
            }
        }
        Ok(())
    }

    pub(super) fn rows(&mut self, table: &Table) -> Result<u64, TransferError> {
        let count = format!("SELECT COUNT(*) FROM \"{}\"", table.name);
        let rows: i64 = self.conn.query_row(&count, [], |row| row.get(0))?;
        Ok(u64::try_from(rows).unwrap_or_default())
    }

    pub(super) fn insert(&mut self, table: &Table, rows: &[Row]) -> Result<(), TransferError> {
        let mut statement = self.conn.prepare(&table.insert(QUOTE, rows.len()))?;
        statement.execute(params_from_iter(rows.iter().flatten()))?;
        Ok(())
    }

    pub(super) fn check_references(&mut self) -> Result<(), TransferError> {
        let dangling = self.conn.query_row("PRAGMA foreign_key_check", [], |row| row.get::<_, String>(0));
        dangling.optional()?.map_or(Ok(()), |table| Err(TransferError::DanglingReference { table }))
    }

    pub(super) fn is_unfinished(&mut self) -> Result<bool, TransferError> {
        let found =
            self.conn.query_row("SELECT 1 FROM sqlite_schema WHERE name = ?", [UNFINISHED], |_| Ok(()));
        Ok(found.optional()?.is_some())
    }

    pub(super) fn run(&mut self, statement: &str) -> Result<(), TransferError> {
        Ok(self.conn.execute_batch(statement)?)
    }
}
