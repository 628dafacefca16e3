//! What goes wrong while a database is opened, and while a unit of work runs.

use yilin_domain::audit::ChainId;
use yilin_domain::port::{BoxError, Part, PortError};
use yilin_domain::transition::Stale;

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL's scheme is neither `sqlite:` nor `mysql:`.
    #[error("the database URL must start with sqlite: or mysql:")]
    UnknownScheme,
    /// The URL makes no sense. Its text is left out, because it holds a password.
    #[error("the database URL is not valid: {0}")]
    InvalidUrl(String),
    /// The database's file or folder could not be made.
    #[error("the database file cannot be created")]
    File(#[source] std::io::Error),
    /// The threads that run the units of work could not be started.
    #[error("the storage runtime cannot be started")]
    Runtime(#[source] std::io::Error),
}

/// A part of the audit log's index that does not say what the entries say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("chain {chain}, from sequence {sequence}: the index does not say what the entries say")]
pub struct AuditIndexFault {
    /// The chain whose entries it indexes.
    pub chain: ChainId,
    /// The place of the first of them.
    pub sequence: u64,
}

/// What is stored makes no sense.
#[derive(Debug)]
pub(crate) struct Corrupt {
    pub(crate) table: &'static str,
    pub(crate) column: &'static str,
    pub(crate) row: String,
    pub(crate) reason: String,
}

/// Why a unit of work did not end normally.
#[derive(Debug)]
pub(crate) enum QueryError {
    /// The database or the connection to it failed.
    Database(diesel::result::Error),
    /// What is stored makes no sense.
    Corrupt(Corrupt),
    /// A compare-and-swap found another version than the one it was based on: the transaction is
    /// rolled back. Not a failure; see [`Engine::save`](crate::engine::Engine::save).
    Stale(Stale),
    /// A concurrent transaction took a row first: the unit of work runs again from its start.
    Retry,
    /// Anything else that trying again will not solve.
    Other(BoxError),
}

/// What a unit of work gives.
pub(crate) type QueryResult<T> = Result<T, QueryError>;

/// Whether a compare-and-swap changed its row, by the number of rows that its `UPDATE` changed.
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

/// The database is down or did not answer in time.
pub(crate) fn unavailable(source: impl Into<BoxError>) -> PortError {
    PortError::Unavailable { part: Part::Database, source: source.into() }
}

/// The database failed in a way that trying again will not solve.
pub(crate) fn failed(source: impl Into<BoxError>) -> PortError {
    PortError::Failed { part: Part::Database, source: source.into() }
}

/// Whether the error is a taken unique value.
pub(crate) fn is_unique_violation(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    matches!(error, Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}
