//! The port that tells about the database itself.

use std::time::Duration;

use async_trait::async_trait;

use super::PortError;

/// The database, and how it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseState {
    /// Which database it is, such as `SQLite` or `MariaDB`.
    pub product: String,
    /// Its version, as it says.
    pub version: String,
    /// How long it took to answer a trivial query, including waiting for a connection.
    pub latency: Duration,
}

/// Tells about the database.
#[async_trait]
pub trait DatabaseInspector: Send + Sync {
    /// Asks the database for its version.
    async fn inspect(&self) -> Result<DatabaseState, PortError>;
}
