//! What can be wrong with a database server's settings.

/// What a fault means for starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Something would not work: do not start.
    Fatal,
    /// What was acknowledged can be lost: do not start where it matters.
    Unsafe,
    /// Worth knowing.
    Minor,
}

/// Something about the database server that is not as it has to be, or should be. Says what is needed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerFault {
    /// The server is older than those that the statements are written for.
    #[error("the server is {found}; MariaDB 10.5 or MySQL 8.0 is the oldest that will do")]
    TooOld {
        /// Its version.
        found: String,
    },
    /// The largest statements do not fit.
    #[error("max_allowed_packet is {found}; it must be {needed} at least")]
    PacketTooSmall {
        /// Its value, in bytes.
        found: u64,
        /// What it must be, in bytes.
        needed: u64,
    },
    /// The binary log's format does not go with the isolation level.
    #[error("binlog_format is STATEMENT; it must be MIXED or ROW")]
    StatementBinlog,
    /// A session is not as it was set: something between the service and the server changes it.
    #[error(
        "a session has {variable} = {found:?} although the service has set {wanted:?}; is a proxy in between?"
    )]
    SessionNotAsSet {
        /// What was set.
        variable: String,
        /// What it is.
        found: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// A commit is acknowledged before it is on the disk.
    #[error("{variable} is {found}; a crash would lose what was acknowledged unless it is {needed}")]
    NotDurable {
        /// The setting.
        variable: &'static str,
        /// Its value.
        found: String,
        /// What it must be.
        needed: &'static str,
    },
    /// The database's default character set cannot hold every text. Our tables state theirs.
    #[error("the database's character set is {found}; what other programs create in it should be utf8mb4")]
    CharacterSet {
        /// Its value.
        found: String,
    },
    /// The server is read-only, unless the account may change it all the same.
    #[error("read_only is {found}; most accounts cannot change anything")]
    ReadOnly {
        /// Its value.
        found: String,
    },
}

impl ServerFault {
    /// What it means for starting.
    pub const fn severity(&self) -> Severity {
        match self {
            Self::TooOld { .. }
            | Self::PacketTooSmall { .. }
            | Self::StatementBinlog
            | Self::SessionNotAsSet { .. } => Severity::Fatal,
            Self::NotDurable { .. } => Severity::Unsafe,
            Self::CharacterSet { .. } | Self::ReadOnly { .. } => Severity::Minor,
        }
    }
}
