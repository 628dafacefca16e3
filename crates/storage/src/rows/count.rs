//! Conversion of row counts.

/// A row count from the database.
pub(crate) fn counted(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

/// The number of rows changed by a statement.
pub(crate) fn rows_changed(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
