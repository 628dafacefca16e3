//! How a port fails.

use std::time::Duration;

/// Any error, kept for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A part of the service that can fail by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// The database.
    Database,
    /// The file store.
    FileStore,
    /// The language model.
    LanguageModel,
    /// The hashing of passwords.
    PasswordHasher,
    /// The reading and writing of spreadsheets.
    Spreadsheets,
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Database => "the database",
            Self::FileStore => "the file store",
            Self::LanguageModel => "the language model",
            Self::PasswordHasher => "the password hasher",
            Self::Spreadsheets => "the reader and writer of spreadsheets",
        })
    }
}

/// Why a port could not do its work. Nothing of it was done.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The part is down or did not answer in time; trying again later may help.
    #[error("{part} is unavailable")]
    Unavailable {
        /// Which part.
        part: Part,
        /// What happened.
        #[source]
        source: BoxError,
    },
    /// Too much is waiting for the part already.
    #[error("too much is waiting for {part}")]
    Overloaded {
        /// Which part.
        part: Part,
        /// When trying again is sensible.
        retry_after: Duration,
    },
    /// What is stored makes no sense.
    #[error("{table}.{column} of row {row} is not a valid value: {reason}")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The part failed in a way that trying again will not solve.
    #[error("{part} failed")]
    Failed {
        /// Which part.
        part: Part,
        /// What happened.
        #[source]
        source: BoxError,
    },
}
