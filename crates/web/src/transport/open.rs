//! The number of open connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts open connections. Cheap to clone.
#[derive(Clone)]
pub(crate) struct OpenConnections {
    most: usize,
    open: Arc<AtomicUsize>,
}

impl OpenConnections {
    /// No connections yet; `most` is the limit.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// Counts a connection until the guard is dropped.
    pub(super) fn enter(&self) -> Entered {
        self.open.fetch_add(1, Ordering::Relaxed);
        Entered(self.clone())
    }

    /// Whether more than half of the connections are in use: then a connection is closed after its response, because
    /// keeping it alive could block others from being accepted.
    pub(crate) fn are_many(&self) -> bool {
        self.open.load(Ordering::Relaxed) > self.most / 2
    }
}

/// Guard of a counted connection.
pub(super) struct Entered(OpenConnections);

impl Drop for Entered {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
