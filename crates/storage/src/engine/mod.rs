//! Runs units of work.
//!
//! Each unit is spawned on a runtime of the storage's own and awaited: a caller whose future is
//! dropped leaves the unit to end by itself. (A query that is dropped half-way leaves its answer in
//! the connection, for the next user of it to read.) Units are re-runnable, because a deadlock
//! undoes one as a whole.

mod limits;
mod pool;
mod retry;
mod runtime;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt as _, TryFutureExt as _};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use yilin_domain::port::{Part, PortError, Random};
use yilin_domain::transition::Stale;

pub(crate) use limits::Limits;
use pool::Lease;
pub(crate) use pool::{Connect, Pool, Trouble};
use retry::Backoff;
pub(crate) use runtime::OwnRuntime;

use crate::error::{QueryError, failed, unavailable};

/// One unit of work. It gets what it needs by reference, because it may run more than once.
pub(crate) type Work<C, A, T> = for<'a> fn(&'a mut C, &'a A) -> BoxFuture<'a, Result<T, QueryError>>;

/// Runs the units of work of one database.
pub(crate) struct Engine<C: Connect> {
    // Before the runtime, which the connections need while they are being closed.
    readers: Pool<C>,
    writers: Pool<C>,
    admission: Arc<Semaphore>,
    limits: Limits,
    random: Arc<dyn Random>,
    runtime: Arc<OwnRuntime>,
}

impl<C: Connect> Engine<C> {
    /// An engine with one pool for both kinds of work, or two.
    pub(crate) fn new(
        readers: Pool<C>,
        writers: Pool<C>,
        limits: Limits,
        random: Arc<dyn Random>,
        runtime: Arc<OwnRuntime>,
    ) -> Self {
        let admission = Arc::new(Semaphore::new(limits.admitted));
        Self { readers, writers, admission, limits, random, runtime }
    }

    /// Runs something that only reads.
    pub(crate) async fn read<A, T>(&self, args: A, work: Work<C::Conn, A, T>) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.run(UnitKind::Read, self.limits, args, work).await?.map_err(failed)
    }

    /// Runs something that writes, in a transaction.
    pub(crate) async fn write<A, T>(&self, args: A, work: Work<C::Conn, A, T>) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.save(args, work).await?.map_err(failed)
    }

    /// Runs a single statement that writes: a transaction by itself, without the two round trips.
    pub(crate) async fn write_alone<A, T>(&self, args: A, work: Work<C::Conn, A, T>) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.run(UnitKind::Statement, self.limits, args, work).await?.map_err(failed)
    }

    /// Runs a compare-and-swap in a transaction, which [`QueryError::Stale`] rolls back.
    pub(crate) async fn save<A, T>(
        &self,
        args: A,
        work: Work<C::Conn, A, T>,
    ) -> Result<Result<T, Stale>, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.run(UnitKind::Transaction, self.limits, args, work).await
    }

    /// As [`Self::read`], for something that may take longer than the units that clients wait for.
    pub(crate) async fn read_lasting<A, T>(
        &self,
        timeout: Duration,
        args: A,
        work: Work<C::Conn, A, T>,
    ) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let limits = Limits { unit_timeout: timeout, ..self.limits };
        self.run(UnitKind::Read, limits, args, work).await?.map_err(failed)
    }

    /// As [`Self::write`], for something that may take longer than the units that clients wait for.
    pub(crate) async fn write_lasting<A, T>(
        &self,
        timeout: Duration,
        args: A,
        work: Work<C::Conn, A, T>,
    ) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let limits = Limits { unit_timeout: timeout, ..self.limits };
        self.run(UnitKind::Transaction, limits, args, work).await?.map_err(failed)
    }

    /// Whether the database answers.
    pub(crate) async fn ping(&self) -> Result<(), PortError> {
        self.read((), |conn, ()| C::ping(conn).map_err(QueryError::from).boxed()).await
    }

    /// Runs anything on the engine's runtime, as long as it takes.
    pub(crate) async fn detached<T: Send + 'static>(
        &self,
        future: impl Future<Output = Result<T, PortError>> + Send + 'static,
    ) -> Result<T, PortError> {
        self.runtime.spawn(future).await.map_err(failed)?
    }

    /// Runs a task that is not awaited on the engine's runtime.
    pub(crate) fn background(&self, future: impl Future<Output = ()> + Send + 'static) {
        drop(self.runtime.spawn(future));
    }

    /// The runtime that units of work run on.
    pub(crate) fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    async fn run<A, T>(
        &self,
        kind: UnitKind,
        limits: Limits,
        args: A,
        work: Work<C::Conn, A, T>,
    ) -> Result<Result<T, Stale>, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let Ok(permit) = self.admission.clone().try_acquire_owned() else {
            return Err(overloaded(&self.limits));
        };
        let pool = if kind == UnitKind::Read { &self.readers } else { &self.writers }.clone();
        let unit = Unit { pool, kind, backoff: Backoff::new(self.random.clone()), args, work };
        self.detached(async move {
            let ended = tokio::time::timeout(limits.unit_timeout, unit.run(&limits)).await;
            drop(permit);
            ended.unwrap_or_else(|_| Err(unavailable("the unit of work took too long")))
        })
        .await
    }
}

/// What a unit of work does to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnitKind {
    /// It only reads.
    Read,
    /// It writes by one statement, which happens as a whole or not at all.
    Statement,
    /// It writes by several.
    Transaction,
}

/// A unit of work and all that it needs to run, perhaps again.
struct Unit<C: Connect, A, T> {
    pool: Pool<C>,
    kind: UnitKind,
    backoff: Backoff,
    args: A,
    work: Work<C::Conn, A, T>,
}

impl<C: Connect, A: Send + Sync, T: Send> Unit<C, A, T> {
    async fn run(mut self, limits: &Limits) -> Result<Result<T, Stale>, PortError> {
        loop {
            let mut lease = self.pool.lease(limits).await?;
            let (error, begun) = match self.attempt(&mut lease).await {
                Ok(value) => {
                    lease.give_back();
                    return Ok(Ok(value));
                }
                Err(failure) => failure,
            };
            let trouble = match &error {
                QueryError::Database(error) => C::classify(error),
                QueryError::Retry => Trouble::Passing,
                QueryError::Corrupt(_) | QueryError::Stale(_) | QueryError::Other(_) => Trouble::Refused,
            };
            match trouble {
                Trouble::Passing | Trouble::Refused => lease.give_back(),
                // Something may be left unread in it, or it is dead and the others may be too.
                Trouble::Lost => lease.discard(),
            }
            // Nothing was done yet, or nothing can be: a new connection may do better.
            let harmless = trouble == Trouble::Lost && (!begun || self.kind == UnitKind::Read);
            let again = trouble == Trouble::Passing || harmless;
            if !(again && self.backoff.pause().await) {
                return conclude(error, trouble);
            }
        }
    }

    /// Runs the work once, in a transaction where it needs one. An error tells whether anything had
    /// begun.
    async fn attempt(&self, lease: &mut Lease<C>) -> Result<T, (QueryError, bool)> {
        let conn = lease.conn().map_err(|error| (error, false))?;
        if self.kind != UnitKind::Transaction {
            return (self.work)(conn, &self.args).await.map_err(|error| (error, true));
        }
        C::begin(conn).await.map_err(|error| (error.into(), false))?;
        let ended = match (self.work)(conn, &self.args).await {
            Ok(value) => C::commit(conn).await.map(|()| value).map_err(QueryError::from),
            Err(error) => Err(error),
        };
        let error = match ended {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        // If even this fails, the connection is lost, whatever the first error was.
        match C::rollback(conn).await {
            Ok(()) => Err((error, true)),
            Err(_) if matches!(&error, QueryError::Database(error) if C::classify(error) == Trouble::Lost) => {
                Err((error, true))
            }
            Err(rollback) => Err((rollback.into(), true)),
        }
    }
}

fn conclude<T>(error: QueryError, trouble: Trouble) -> Result<Result<T, Stale>, PortError> {
    match error {
        QueryError::Stale(stale) => Ok(Err(stale)),
        QueryError::Corrupt(corrupt) => Err(corrupt.into()),
        QueryError::Other(source) => Err(failed(source)),
        QueryError::Retry => Err(unavailable("too many others change the same rows")),
        QueryError::Database(source) if trouble == Trouble::Refused => Err(failed(source)),
        QueryError::Database(source) => Err(unavailable(source)),
    }
}

fn overloaded(limits: &Limits) -> PortError {
    PortError::Overloaded { part: Part::Database, retry_after: limits.retry_after }
}
