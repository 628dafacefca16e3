//! Records in a list: visits, drug orders.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::account::AccountUuid;

use super::{Person, Tag, When, markup};

/// A table of records, each of which belongs to a patient.
#[derive(Template)]
#[template(path = "parts/record_table.html")]
pub(crate) struct RecordTable {
    /// The headers of the columns; that of the patients is the first.
    columns: Vec<Cow<'static, str>>,
    rows: Vec<RecordRow>,
}
markup!(RecordTable);

/// A record.
pub(crate) struct RecordRow {
    /// The kind of record, as the rows are named.
    pub(crate) kind: &'static str,
    /// The kind of record, as events name it.
    pub(crate) subject: &'static str,
    pub(crate) id: i64,
    pub(crate) path: String,
    pub(crate) patient: Person,
    /// The cells after the patient.
    pub(crate) cells: Vec<Cell>,
}

/// A cell.
pub(crate) enum Cell {
    Text(Cow<'static, str>),
    When(When),
    Person(Person),
    /// What is missing, in words.
    Nobody(Cow<'static, str>),
    Tags(Vec<Tag>),
    /// The next step of the hospital and its page, if there is one.
    Step(Option<(String, Cow<'static, str>)>),
}

impl RecordTable {
    pub(crate) fn new(columns: Vec<Cow<'static, str>>, rows: Vec<RecordRow>) -> Self {
        Self { columns, rows }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The patients whose data it shows.
    pub(crate) fn patients(&self) -> impl Iterator<Item = AccountUuid> {
        self.rows.iter().map(|row| row.patient.uuid)
    }
}
