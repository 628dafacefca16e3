//! Errors of ports.

use std::time::Duration;

/// Any error, for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A component that can fail on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The database.
    Database,
    /// The file store.
    FileStore,
    /// The language model.
    LanguageModel,
    /// Password hashing.
    PasswordHasher,
    /// Reading and writing of spreadsheets.
    Spreadsheets,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Database => "the database",
            Self::FileStore => "the file store",
            Self::LanguageModel => "the language model",
            Self::PasswordHasher => "the password hasher",
            Self::Spreadsheets => "the spreadsheet reader and writer",
        })
    }
}

/// Why a port call failed. It had no effect.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The component is down or timed out; a later retry may succeed.
    #[error("{part} is unavailable")]
    Unavailable {
        /// The component.
        part: Part,
        /// The underlying error.
        #[source]
        source: BoxError,
    },
    /// Too many calls are waiting for the component.
    #[error("too many calls are waiting for {part}")]
    Overloaded {
        /// The component.
        part: Part,
        /// When a retry makes sense.
        retry_after: Duration,
    },
    /// A stored value is invalid.
    #[error("{table}.{column} of row {row} is not a valid value: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
        /// Why it is invalid.
        reason: String,
    },
    /// The component failed, and a retry will not succeed.
    #[error("{part} failed")]
    Failed {
        /// The component.
        part: Part,
        /// The underlying error.
        #[source]
        source: BoxError,
    },
}
