//! Connection pools, and leases that return a connection only after a normal end of the work.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use deadpool::Runtime;
use deadpool::managed::{self, Metrics, Object, PoolError, RecycleError, RecycleResult, Timeouts};
use futures_util::future::BoxFuture;
use yilin_domain::port::{BoxError, PortError};

use super::{Limits, Marker, overloaded};
use crate::error::{OpenError, QueryError, unavailable};

/// Classification of an error by its effect on the connection and whether a retry makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A deadlock, a lock wait timeout, a failed cluster certification: the work was rolled back and may be
    /// retried.
    Passing,
    /// The connection is lost, or may have an unread response.
    Lost,
    /// The database currently accepts no changes: it is full or read-only.
    Unwritable,
    /// The database rejected the statement; the connection is intact.
    Refused,
}

/// Creates and uses connections of one backend.
pub(crate) trait Connect: Send + Sync + Sized + 'static {
    /// A connection.
    type Conn: Send + 'static;
    /// Whether the response to a commit can be lost, so that transactions need markers.
    const MARKS_COMMITS: bool;
    /// Whether statements block the thread that runs them, so that no timeout can end them there.
    const BLOCKS_ITS_THREAD: bool = false;

    /// Opens a connection.
    fn connect(&self) -> BoxFuture<'_, Result<Self::Conn, BoxError>>;
    /// Checks that a connection is alive.
    fn ping(conn: &mut Self::Conn) -> BoxFuture<'_, diesel::QueryResult<()>>;
    /// Begins a transaction.
    fn begin(conn: &mut Self::Conn) -> BoxFuture<'_, diesel::QueryResult<()>>;
    /// Commits a transaction, with the marker if [`Self::MARKS_COMMITS`].
    fn commit<'a>(conn: &'a mut Self::Conn, marker: &Marker) -> BoxFuture<'a, diesel::QueryResult<()>>;
    /// Whether the transaction with this marker was committed. If not, it never will be.
    fn settle<'a>(conn: &'a mut Self::Conn, marker: &Marker) -> BoxFuture<'a, diesel::QueryResult<bool>>;
    /// Rolls back a transaction, if there still is one.
    fn rollback(conn: &mut Self::Conn) -> BoxFuture<'_, diesel::QueryResult<()>>;
    /// Classifies an error.
    fn classify(error: &diesel::result::Error) -> Trouble;
}

/// A pool of connections. Cheap to clone.
pub(crate) struct Pool<C: Connect> {
    pool: managed::Pool<Manager<C>>,
}

impl<C: Connect> Clone for Pool<C> {
    fn clone(&self) -> Self {
        Self { pool: self.pool.clone() }
    }
}

impl<C: Connect> Pool<C> {
    pub(crate) fn new(connector: Arc<C>, size: usize) -> Result<Self, OpenError> {
        let manager = Manager { connector, losses: AtomicU64::new(0) };
        let pool = managed::Pool::builder(manager)
            .max_size(size.max(1))
            .runtime(Runtime::Tokio1)
            .build()
            .map_err(|error| OpenError::Runtime(std::io::Error::other(error)))?;
        Ok(Self { pool })
    }

    /// Changes the number of connections.
    pub(super) fn resize(&self, size: usize) {
        self.pool.resize(size.max(1));
    }

    /// Takes a connection, waiting if necessary.
    pub(super) async fn lease(&self, limits: &Limits) -> Result<Lease<C>, PortError> {
        let timeouts = Timeouts {
            wait: Some(limits.wait_timeout),
            create: Some(limits.connect_timeout),
            recycle: Some(limits.connect_timeout),
        };
        match self.pool.timeout_get(&timeouts).await {
            Ok(object) => Ok(Lease { object: Some(object), lost: false }),
            Err(PoolError::Timeout(managed::TimeoutType::Wait)) => Err(overloaded(limits)),
            Err(PoolError::Backend(error)) => Err(unavailable(error)),
            Err(error) => Err(unavailable(error.to_string())),
        }
    }
}

/// A leased connection. Unless the work ended normally, it is removed from the pool: it may have an unread
/// response or an open transaction.
pub(super) struct Lease<C: Connect> {
    object: Option<Object<Manager<C>>>,
    lost: bool,
}

impl<C: Connect> Lease<C> {
    pub(super) fn conn(&mut self) -> Result<&mut C::Conn, QueryError> {
        let object = self.object.as_mut().ok_or_else(|| QueryError::Other("no connection".into()))?;
        Ok(&mut object.conn)
    }

    /// Returns the connection after a normal end of the work.
    pub(super) fn give_back(mut self) {
        drop(self.object.take());
    }

    /// Drops a lost connection: older connections may be lost too, and are checked before their next use.
    pub(super) fn discard(mut self) {
        self.lost = true;
    }
}

impl<C: Connect> Drop for Lease<C> {
    fn drop(&mut self) {
        let Some(object) = self.object.take() else { return };
        if self.lost
            && let Some(pool) = Object::pool(&object)
        {
            pool.manager().losses.fetch_add(1, Ordering::Relaxed);
        }
        drop(Object::take(object));
    }
}

struct Manager<C> {
    connector: Arc<C>,
    /// Number of connections lost so far.
    losses: AtomicU64,
}

struct Pooled<T> {
    conn: T,
    /// Number of losses when this one was last known to be alive.
    losses_seen: u64,
}

/// A connection idle for this long is checked: firewalls and servers drop idle connections.
const IDLE: Duration = Duration::from_secs(30);

impl<C: Connect> managed::Manager for Manager<C> {
    type Type = Pooled<C::Conn>;
    type Error = BoxError;

    async fn create(&self) -> Result<Self::Type, BoxError> {
        let losses_seen = self.losses.load(Ordering::Relaxed);
        Ok(Pooled { conn: self.connector.connect().await?, losses_seen })
    }

    async fn recycle(&self, pooled: &mut Self::Type, metrics: &Metrics) -> RecycleResult<BoxError> {
        // A query per lease would halve the rate of point reads.
        let losses = self.losses.load(Ordering::Relaxed);
        if pooled.losses_seen != losses || metrics.last_used() > IDLE {
            C::ping(&mut pooled.conn).await.map_err(|error| RecycleError::Backend(error.into()))?;
            pooled.losses_seen = losses;
        }
        Ok(())
    }
}
