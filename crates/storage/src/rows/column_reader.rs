//! Parsing of a row's columns.

use std::fmt::{Debug, Display};

use chrono::{NaiveDateTime, SubsecRound as _};
use yilin_domain::account::AccountUuid;
use yilin_domain::time::Timestamp;

use super::code::StoredCode;
use crate::error::Corrupt;

/// Parses the columns of one row, and names table, column and row of an invalid value.
pub(crate) struct ColumnReader<K> {
    table: &'static str,
    row: K,
}

impl<K: Display> ColumnReader<K> {
    /// A reader for the row of this table with this key.
    pub(crate) fn new(table: &'static str, row: K) -> Self {
        Self { table, row }
    }

    /// The error for an invalid value of this column.
    pub(crate) fn corrupt(&self, column: &'static str, reason: impl Display) -> Corrupt {
        Corrupt { table: self.table, column, row: self.row.to_string(), reason: reason.to_string() }
    }

    /// The column's parsed value.
    pub(crate) fn value<T, E: Debug>(
        &self,
        column: &'static str,
        parsed: Result<T, E>,
    ) -> Result<T, Corrupt> {
        parsed.map_err(|problem| self.corrupt(column, format_args!("{problem:?}")))
    }

    /// The column's value, if it has one.
    pub(crate) fn present<T>(&self, column: &'static str, value: Option<T>) -> Result<T, Corrupt> {
        value.ok_or_else(|| self.corrupt(column, "the value is missing"))
    }

    /// The column's value with this code.
    pub(crate) fn code<T: StoredCode>(&self, column: &'static str, code: i16) -> Result<T, Corrupt> {
        T::of_code(code).ok_or_else(|| self.corrupt(column, format_args!("unknown code {code}")))
    }

    /// The column's uuid.
    pub(crate) fn uuid(&self, column: &'static str, text: &str) -> Result<AccountUuid, Corrupt> {
        self.value(column, AccountUuid::parse(text))
    }

    /// The column's uuid, if it has one.
    pub(crate) fn uuid_or_none(
        &self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<AccountUuid>, Corrupt> {
        text.map(|text| self.uuid(column, text)).transpose()
    }
}

/// The stored form of a point in time: UTC, whole seconds (MySQL would round instead of truncating).
pub(crate) fn stored_time(at: Timestamp) -> NaiveDateTime {
    at.naive_utc().trunc_subsecs(0)
}
