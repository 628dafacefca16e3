//! Units of work on the event loop of the thread that asks for them.
//!
//! A request that is handled on one thread while its unit of work runs on another costs two switches between threads. A
//! thread that serves requests can therefore run its own units, with connections of its own. They are tasks of their
//! own there, too: a request that is dropped only detaches from its unit.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use tokio::runtime::Handle;

use super::{Connect, Pool};

thread_local! {
    static HERE: Cell<bool> = const { Cell::new(false) };
}

/// Lets the runtime of this thread run the units of work that it asks for, if the database allows it. The runtime must
/// not be dropped while the service runs.
pub fn run_units_here() {
    HERE.set(true);
}

/// The pools of threads that run their own units.
pub(crate) struct Here<C: Connect> {
    connector: Arc<C>,
    /// Connections per thread.
    size: usize,
    /// Connections left for all other threads together.
    rest: usize,
    pools: Mutex<HashMap<ThreadId, Pool<C>>>,
}

impl<C: Connect> Here<C> {
    /// Shares this many connections among the threads that serve requests, one for each core; `None` if they are too few.
    pub(crate) fn new(connector: Arc<C>, connections: usize) -> Option<Self> {
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let rest = (connections / 4).max(2);
        let size = connections.checked_sub(rest)? / threads;
        (size >= 2).then(|| Self { connector, size, rest, pools: Mutex::default() })
    }

    /// The runtime of this thread and its pool, if it runs its own units. `others` is the pool of all other threads.
    pub(super) fn current(&self, others: &Pool<C>) -> Option<(Handle, Pool<C>)> {
        if !HERE.get() {
            return None;
        }
        let handle = Handle::try_current().ok()?;
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get(&thread::current().id()) {
            return Some((handle, pool.clone()));
        }
        let pool = Pool::new(self.connector.clone(), self.size).ok()?;
        others.resize(self.rest);
        pools.insert(thread::current().id(), pool.clone());
        Some((handle, pool))
    }
}
