//! Whole tables: read in one consistent snapshot, and written to a database that has none of their rows.
//!
//! For backups, restores, and the move from one kind of database to the other. Tables and columns are those that the
//! database itself names, so that a table that is added is taken along. Generated columns are left out; they follow from
//! the others. Everything here blocks its thread, and must not be called on a runtime's.

mod cell;
mod loader;
mod mysql;
mod snapshot;
mod sqlite;

pub use cell::{Cell, Column, Kind, Row, Table};
pub use loader::{Loader, Steps};
pub use snapshot::Snapshot;

/// Tables that say something about the database itself, and nothing about the hospital.
const NOT_CONTENT: [&str; 5] =
    ["__diesel_schema_migrations", "commit_marker", "migration_lock", "write_probe", UNFINISHED];

/// Tables that migrations put rows into. Those rows are no records: they are deleted before a database is filled, because the
/// other database has rows of its own for them.
pub(crate) const SEEDED: [&str; 1] = ["event_cursor"];

/// The table that is there while a database is being filled in several steps.
pub(crate) const UNFINISHED: &str = "unfinished_transfer";

/// Why tables could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// SQLite failed.
    #[error("SQLite")]
    Sqlite(#[from] rusqlite::Error),
    /// The MySQL server or the connection to it failed.
    #[error("MySQL")]
    Mysql(#[from] mysql_async::Error),
    /// The URL is no database's.
    #[error(transparent)]
    Url(#[from] crate::OpenError),
    /// There is no runtime to talk to the server with.
    #[error("no runtime")]
    Runtime(#[source] std::io::Error),
    /// A column is of a type that no column of ours has.
    #[error("the column {table}.{column} has the unknown type {found}")]
    UnknownType {
        /// Its table.
        table: String,
        /// Its name.
        column: String,
        /// Its type.
        found: String,
    },
    /// A value is not of its column's type.
    #[error("a value in {table}.{column} is not of the column's type")]
    WrongValue {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The rows do not fit the database's tables.
    #[error("the table {table} has other columns here")]
    OtherColumns {
        /// The table.
        table: String,
    },
    /// Rows are there already.
    #[error("the table {table} has rows already")]
    NotEmpty {
        /// The table.
        table: String,
    },
    /// Rows speak of others that are not there.
    #[error("rows of {table} refer to others that are not there")]
    DanglingReference {
        /// Their table.
        table: String,
    },
}
