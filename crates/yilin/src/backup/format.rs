//! The format of an archive: the names of its entries and its manifest.

use serde::{Deserialize, Serialize};
use yilin_storage::{Column, Kind, Table};

/// The first entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The archive's format.
    pub(crate) format: u32,
    /// The version that wrote it.
    pub(crate) version: String,
    /// When, in UTC.
    pub(crate) made_at: String,
    /// The migrations that had made the tables.
    pub(crate) migrations: Vec<String>,
    /// Where the files are.
    pub(crate) files: Files,
    /// How the tables look.
    pub(crate) tables: Vec<TableShape>,
}

/// Where the files of a backup are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Files {
    /// In the archive.
    Inside,
    /// In the folder `files` beside it.
    Beside,
}

/// How a table looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableShape {
    /// Its name.
    pub(crate) name: String,
    /// Its columns, each with its kind.
    columns: Vec<(String, KindName)>,
    /// The columns of its primary key.
    key: Vec<String>,
    /// The id of its next row.
    next_id: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KindName {
    Integer,
    Text,
    Time,
    Bytes,
}

impl From<&Table> for TableShape {
    fn from(table: &Table) -> Self {
        let column = |column: &Column| {
            let kind = match column.kind {
                Kind::Integer => KindName::Integer,
                Kind::Text => KindName::Text,
                Kind::Time => KindName::Time,
                Kind::Bytes => KindName::Bytes,
            };
            (column.name.clone(), kind)
        };
        let columns = table.columns.iter().map(column).collect();
        Self { name: table.name.clone(), columns, key: table.key.clone(), next_id: table.next_id }
    }
}

impl From<&TableShape> for Table {
    fn from(shape: &TableShape) -> Self {
        let column = |(name, kind): &(String, KindName)| {
            let kind = match kind {
                KindName::Integer => Kind::Integer,
                KindName::Text => Kind::Text,
                KindName::Time => Kind::Time,
                KindName::Bytes => Kind::Bytes,
            };
            Column { name: name.clone(), kind }
        };
        let columns = shape.columns.iter().map(column).collect();
        Self { name: shape.name.clone(), columns, key: shape.key.clone(), next_id: shape.next_id }
    }
}

/// The last entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// How many rows each table has.
    pub(crate) rows: Vec<(String, u64)>,
    /// How many files there are, and their bytes.
    pub(crate) files: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Files that the database knows and that were not there any more.
    pub(crate) missing: Vec<String>,
    /// Files that were not what their CIDs say.
    pub(crate) damaged: Vec<String>,
    /// SHA-256 over all entries before this one.
    pub(crate) digest: String,
}
