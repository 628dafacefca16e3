//! Fills the tables of an empty database.

use super::{Cell, Row, SEEDED, Table, TransferError, UNFINISHED, mysql, sqlite};
use crate::options::DatabaseUrl;

/// How much one statement adds.
const ROWS_PER_STATEMENT: usize = 200;
const BYTES_PER_STATEMENT: usize = 1 << 20;

/// How many rows one of many transactions adds.
const ROWS_PER_STEP: usize = 10_000;

/// In how many transactions a database is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// In one: whatever ends the process before [`Loader::commit_all`] leaves the database as it was.
    One,
    /// In many, so that a later attempt can go on. Until [`Loader::finish`] the database says that it is unfinished, and
    /// is refused by everything else.
    Many,
}

/// Fills the tables of a database, which have no rows yet.
pub struct Loader {
    inner: Inner,
    steps: Steps,
    /// Rows of one table that go to the database together.
    waiting: Vec<Row>,
    /// How much memory they take.
    bytes: usize,
    /// How many rows this transaction has added.
    added: usize,
}

enum Inner {
    Sqlite(sqlite::Loader),
    Mysql(mysql::Loader),
}

impl Loader {
    /// Opens the database that this URL names, whose tables have been made by [`Storage::migrate`](crate::Storage::migrate).
    /// Refuses one with rows in its tables, unless an earlier attempt of many steps left them.
    pub fn open(url: &str, steps: Steps) -> Result<Self, TransferError> {
        let inner = match DatabaseUrl::parse(url)? {
            DatabaseUrl::Sqlite(path) => Inner::Sqlite(sqlite::Loader::open(&path)?),
            DatabaseUrl::Mysql(url) => Inner::Mysql(mysql::Loader::open(&url)?),
        };
        let mut loader = Self { inner, steps, waiting: Vec::new(), bytes: 0, added: 0 };
        if steps == Steps::One || !loader.is_unfinished()? {
            loader.refuse_rows()?;
        }
        Ok(loader)
    }

    /// Begins to fill the database with rows of these tables of another one: takes away what migrations put into the
    /// tables, and lets ids go on where the other database's would. Gives this database's tables, in the same order.
    pub fn start(&mut self, others: &[Table]) -> Result<Vec<Table>, TransferError> {
        let ours = self.tables()?;
        let of_other = |other: &Table| {
            let ours = ours.iter().find(|table| table.name == other.name).cloned();
            ours.ok_or_else(|| TransferError::OtherColumns { table: other.name.clone() })
        };
        let tables = others.iter().map(of_other).collect::<Result<Vec<_>, _>>()?;
        if self.steps == Steps::Many {
            self.mark_unfinished()?;
        }
        if let Inner::Mysql(loader) = &mut self.inner {
            loader.set_next_ids(others)?;
        }
        self.begin()?;
        for table in SEEDED {
            self.run(&format!("DELETE FROM {table}"))?;
        }
        if let Inner::Sqlite(loader) = &mut self.inner {
            loader.set_next_ids(others)?;
        }
        Ok(tables)
    }

    /// The tables, by their names.
    pub fn tables(&mut self) -> Result<Vec<Table>, TransferError> {
        match &mut self.inner {
            Inner::Sqlite(loader) => loader.tables(),
            Inner::Mysql(loader) => loader.tables(),
        }
    }

    /// How many rows a table has already, of an earlier attempt: the first ones in the order of the key.
    pub fn rows(&mut self, table: &Table) -> Result<u64, TransferError> {
        match &mut self.inner {
            Inner::Sqlite(loader) => loader.rows(table),
            Inner::Mysql(loader) => loader.rows(table),
        }
    }

    /// Adds a row, with its values in the order of this table's columns. It may wait in memory for others.
    pub fn add(&mut self, table: &Table, row: Row) -> Result<(), TransferError> {
        self.bytes += row.iter().map(Cell::size).sum::<usize>();
        self.waiting.push(row);
        if self.waiting.len() < ROWS_PER_STATEMENT && self.bytes < BYTES_PER_STATEMENT {
            return Ok(());
        }
        self.flush(table)?;
        if self.steps == Steps::Many && self.added >= ROWS_PER_STEP {
            self.commit()?;
            self.begin()?;
        }
        Ok(())
    }

    /// Adds the rows of this table that still wait.
    pub fn flush(&mut self, table: &Table) -> Result<(), TransferError> {
        let rows = std::mem::take(&mut self.waiting);
        self.bytes = 0;
        if rows.is_empty() {
            return Ok(());
        }
        self.added += rows.len();
        match &mut self.inner {
            Inner::Sqlite(loader) => loader.insert(table, &rows),
            Inner::Mysql(loader) => loader.insert(table, rows),
        }
    }

    /// Makes what was added last, after a look at what refers to what. A database of many steps stays unfinished.
    pub fn commit_all(&mut self) -> Result<(), TransferError> {
        if let Inner::Sqlite(loader) = &mut self.inner {
            loader.check_references()?;
        }
        self.commit()
    }

    /// Lets others use a database that was filled in many steps.
    pub fn finish(mut self) -> Result<(), TransferError> {
        if self.steps == Steps::Many { self.run(&format!("DROP TABLE {UNFINISHED}")) } else { Ok(()) }
    }

    fn refuse_rows(&mut self) -> Result<(), TransferError> {
        let tables = self.tables()?.into_iter().filter(|table| !SEEDED.contains(&table.name.as_str()));
        for table in tables {
            if self.rows(&table)? > 0 {
                return Err(TransferError::NotEmpty { table: table.name });
            }
        }
        Ok(())
    }

    fn is_unfinished(&mut self) -> Result<bool, TransferError> {
        match &mut self.inner {
            Inner::Sqlite(loader) => loader.is_unfinished(),
            Inner::Mysql(loader) => loader.is_unfinished(),
        }
    }

    fn mark_unfinished(&mut self) -> Result<(), TransferError> {
        let create = format!("CREATE TABLE IF NOT EXISTS {UNFINISHED} (id INT)");
        self.run(&create)
    }

    fn run(&mut self, statement: &str) -> Result<(), TransferError> {
        match &mut self.inner {
            Inner::Sqlite(loader) => loader.run(statement),
            Inner::Mysql(loader) => loader.run(statement),
        }
    }

    fn begin(&mut self) -> Result<(), TransferError> {
        self.added = 0;
        match &mut self.inner {
            Inner::Sqlite(loader) => loader.run("BEGIN IMMEDIATE"),
            Inner::Mysql(loader) => loader.run("START TRANSACTION"),
        }
    }

    fn commit(&mut self) -> Result<(), TransferError> {
        self.run("COMMIT")
    }
}
