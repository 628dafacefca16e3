//! Numbers of rows, as the ports give them.

/// A number of rows that the database counted.
pub(crate) fn counted(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

/// How many rows a statement changed.
pub(crate) fn rows_changed(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}
