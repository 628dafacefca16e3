//! Bounds on concurrency and time.

use std::time::Duration;

use crate::options::StorageOptions;

/// How much the engine does at a time, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// How many units of work may run or wait.
    pub(crate) admitted: usize,
    /// How long a unit waits for a connection.
    pub(crate) wait_timeout: Duration,
    /// How long making a connection may take.
    pub(crate) connect_timeout: Duration,
    /// How long a unit may take as a whole.
    pub(crate) unit_timeout: Duration,
    /// How long a commit may take before its answer counts as lost.
    pub(crate) commit_timeout: Duration,
    /// The `Retry-After` of a refused caller.
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
            commit_timeout: options.unit_timeout / 2,
            retry_after: Duration::from_secs(1),
        }
    }
}
