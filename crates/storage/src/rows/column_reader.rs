//! Reading the columns of a row.

use std::fmt::{Debug, Display};

use chrono::{NaiveDateTime, SubsecRound as _};
use yilin_domain::account::AccountUuid;
use yilin_domain::time::Timestamp;

use super::code::StoredCode;
use crate::error::Corrupt;

/// Reads one row's columns, and names table, column and row where one makes no sense.
pub(crate) struct ColumnReader<K> {
    table: &'static str,
    row: K,
}

impl<K: Display> ColumnReader<K> {
    /// Reads the row of this table that has this key.
    pub(crate) fn new(table: &'static str, row: K) -> Self {
        Self { table, row }
    }

    /// The column's value makes no sense.
    pub(crate) fn corrupt(&self, column: &'static str, reason: impl Display) -> Corrupt {
        Corrupt { table: self.table, column, row: self.row.to_string(), reason: reason.to_string() }
    }

    /// The column's value, if it could be parsed.
    pub(crate) fn value<T, E: Debug>(
        &self,
        column: &'static str,
        parsed: Result<T, E>,
    ) -> Result<T, Corrupt> {
        parsed.map_err(|problem| self.corrupt(column, format_args!("{problem:?}")))
    }

    /// The column's value, if it has one.
    pub(crate) fn present<T>(&self, column: &'static str, value: Option<T>) -> Result<T, Corrupt> {
        value.ok_or_else(|| self.corrupt(column, "nothing is there"))
    }

    /// The column's value, if this code has a meaning.
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

/// A point in time as it is stored: UTC, whole seconds (MySQL would round, not cut).
pub(crate) fn stored_time(at: Timestamp) -> NaiveDateTime {
    at.naive_utc().trunc_subsecs(0)
}
