//! Bounds on concurrency and time.

use std::time::Duration;

use crate::options::StorageOptions;

/// Limits of an engine.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Maximum number of units of work running or waiting.
    pub(crate) admitted: usize,
    /// How long a unit waits for a connection.
    pub(crate) wait_timeout: Duration,
    /// Timeout of opening a connection.
    pub(crate) connect_timeout: Duration,
    /// Timeout of a whole unit.
    pub(crate) unit_timeout: Duration,
    /// How long to wait for the response to a commit before it counts as lost.
    pub(crate) commit_timeout: Duration,
    /// The `Retry-After` for rejected callers.
    pub(crate) retry_after: Duration,
}

impl Limits {
    /// The limits of an engine with this many connections.
    pub(crate) fn new(options: &StorageOptions, connections: usize) -> Self {
        Self {
            admitted: connections
                .saturating_add(options.max_waiting)
                .min(tokio::sync::Semaphore::MAX_PERMITS),
            wait_timeout: options.wait_timeout,
            connect_timeout: options.connect_timeout,
            unit_timeout: options.unit_timeout,
            commit_timeout: options.commit_timeout,
            retry_after: Duration::from_secs(1),
        }
    }
}
