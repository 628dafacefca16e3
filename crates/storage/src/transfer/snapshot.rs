//! Reads all tables as of one moment.

use super::{Row, Table, TransferError, mysql, sqlite};
use crate::options::DatabaseUrl;

/// All tables as they are at one moment, while others go on writing.
pub struct Snapshot(Inner);

enum Inner {
    Sqlite(sqlite::Snapshot),
    Mysql(mysql::Snapshot),
}

impl Snapshot {
    /// Takes the snapshot of the database that this URL names.
    pub fn open(url: &str) -> Result<Self, TransferError> {
        Ok(Self(match DatabaseUrl::parse(url)? {
            DatabaseUrl::Sqlite(path) => Inner::Sqlite(sqlite::Snapshot::open(&path)?),
            DatabaseUrl::Mysql(url) => Inner::Mysql(mysql::Snapshot::open(&url)?),
        }))
    }

    /// The tables, by their names.
    pub fn tables(&mut self) -> Result<Vec<Table>, TransferError> {
        match &mut self.0 {
            Inner::Sqlite(snapshot) => snapshot.tables(),
            Inner::Mysql(snapshot) => snapshot.tables(),
        }
    }

    /// The versions of the migrations that made the tables.
    pub fn migrations(&mut self) -> Result<Vec<String>, TransferError> {
        match &mut self.0 {
            Inner::Sqlite(snapshot) => snapshot.migrations(),
            Inner::Mysql(snapshot) => snapshot.migrations(),
        }
    }

    /// Gives every row of a table, one after the other, in the order of the key.
    pub fn read<E: From<TransferError>>(
        &mut self,
        table: &Table,
        mut visit: impl FnMut(Row) -> Result<(), E>,
    ) -> Result<(), E> {
        match &mut self.0 {
            Inner::Sqlite(snapshot) => snapshot.read(table, &mut visit),
            Inner::Mysql(snapshot) => snapshot.read(table, &mut visit),
        }
    }
}
