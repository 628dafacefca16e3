//! Unsuitable settings of a database server.

/// The consequence of a fault at start-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Something would not work: do not start.
    Fatal,
    /// Acknowledged changes may be lost: do not start in production.
    Unsafe,
    /// Only a warning.
    Minor,
}

/// An unsuitable setting of the database server. The message says what is required.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerFault {
    /// The server's version is not supported.
    #[error("the server is {found}; MariaDB 10.5, MySQL 8.0 or later is required")]
    TooOld {
        /// Its version.
        found: String,
    },
    /// The largest statements exceed the packet size.
    #[error("max_allowed_packet is {found}; it must be at least {needed}")]
    PacketTooSmall {
        /// Its value, in bytes.
        found: u64,
        /// The minimum, in bytes.
        needed: u64,
    },
    /// The binary log format is incompatible with the isolation level.
    #[error("binlog_format is STATEMENT; it must be MIXED or ROW")]
    StatementBinlog,
    /// A session setting differs from what was set: something between the service and the server changes it.
    #[error(
        "a session has {variable} = {found:?} although the service has set {wanted:?}; is a proxy in between?"
    )]
    SessionNotAsSet {
        /// The setting.
        variable: String,
        /// Its value.
        found: String,
        /// The value that was set.
        wanted: &'static str,
    },
    /// Commits are acknowledged before they are on disk.
    #[error("{variable} is {found}; a crash may lose acknowledged changes; it must be {needed}")]
    NotDurable {
        /// The setting.
        variable: &'static str,
        /// Its value.
        found: String,
        /// The required value.
        needed: &'static str,
    },
    /// The database's default character set cannot represent all text. Our own tables declare theirs.
    #[error("the database's default character set is {found}; tables of other programs should use utf8mb4")]
    CharacterSet {
        /// Its value.
        found: String,
    },
    /// The server is read-only, unless the account has the privilege to override it.
    #[error("read_only is {found}; unprivileged accounts cannot write")]
    ReadOnly {
        /// Its value.
        found: String,
    },
}

impl ServerFault {
    /// The consequence at start-up.
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
