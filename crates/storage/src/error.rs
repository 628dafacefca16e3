//! Errors of opening a database and of units of work.

use yilin_domain::port::{BoxError, Part, PortError};
use yilin_domain::transition::Stale;

/// Error of opening a database.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL's scheme is neither `sqlite:` nor `mysql:`.
    #[error("the database URL must start with sqlite: or mysql:")]
    UnknownScheme,
    /// The URL is invalid. It is not included, because it contains a password.
    #[error("the database URL is not valid: {0}")]
    InvalidUrl(String),
    /// The database's file or folder could not be created.
    #[error("the database file cannot be created")]
    File(#[source] std::io::Error),
    /// The runtime for the units of work could not be started.
    #[error("the storage runtime cannot be started")]
    Runtime(#[source] std::io::Error),
}

/// A stored value is invalid.
#[derive(Debug)]
pub(crate) struct Corrupt {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: String,
    pub(crate) reason: String,
}

/// Why a unit of work failed.
#[derive(Debug)]
pub(crate) enum QueryError {
    /// The database or the connection to it failed.
    Database(diesel::result::Error),
    /// A stored value is invalid.
    Corrupt(Corrupt),
    /// A compare-and-swap found another version than the one it was based on: the transaction is
    /// rolled back. Not a failure; see [`Engine::save`](crate::engine::Engine::save).
    Stale(Stale),
    /// A concurrent transaction took a row first: the unit of work is retried from its start.
    Retry,
    /// Any other error that a retry will not solve.
    Other(BoxError),
}

/// The result of a unit of work.
pub(crate) type QueryResult<T> = Result<T, QueryError>;

/// Whether a compare-and-swap succeeded, by the number of rows its `UPDATE` changed.
pub(crate) fn ensure_current(changed: usize) -> Result<(), Stale> {
    if changed == 0 { Err(Stale) } else { Ok(()) }
}

impl From<Stale> for QueryError {
    fn from(stale: Stale) -> Self {
        Self::Stale(stale)
    }
}

impl From<diesel::result::Error> for QueryError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error)
    }
}

impl From<Corrupt> for QueryError {
    fn from(corrupt: Corrupt) -> Self {
        Self::Corrupt(corrupt)
    }
}

impl From<Corrupt> for PortError {
    fn from(Corrupt { table, column, row, reason }: Corrupt) -> Self {
        Self::Corrupt { table, column, row, reason }
    }
}

/// The database is down or timed out.
pub(crate) fn unavailable(source: impl Into<BoxError>) -> PortError {
    PortError::Unavailable { part: Part::Database, source: source.into() }
}

/// The database failed, and a retry will not succeed.
pub(crate) fn failed(source: impl Into<BoxError>) -> PortError {
    PortError::Failed { part: Part::Database, source: source.into() }
}

/// Whether the error is a unique violation.
pub(crate) fn is_unique_violation(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}
