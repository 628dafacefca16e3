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
        let kind = Kind::Read;
        let unit = Unit { pool: self.readers.clone(), kind, backoff: self.backoff(), args, work };
        self.spawn(unit).await?.ok_or_else(never_undone)
    }

    /// Runs something that writes, in a transaction.
    pub(crate) async fn write<A, T>(&self, args: A, work: Work<C::Conn, A, T>) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.write_or_undo(args, work).await?.ok_or_else(never_undone)
    }

    /// Runs something that writes, in a transaction; `None` if it was undone by
    /// [`QueryError::Undo`].
    pub(crate) async fn write_or_undo<A, T>(
        &self,
        args: A,
        work: Work<C::Conn, A, T>,
    ) -> Result<Option<T>, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let kind = Kind::Transaction;
        let unit = Unit { pool: self.writers.clone(), kind, backoff: self.backoff(), args, work };
        self.spawn(unit).await
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
        let kind = Kind::Transaction;
        let unit = Unit { pool: self.writers.clone(), kind, backoff: self.backoff(), args, work };
        let limits = Limits { unit_timeout: timeout, ..self.limits };
        self.spawn_within(limits, unit).await?.ok_or_else(never_undone)
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

    /// The runtime that units of work run on.
    pub(crate) fn runtime(&self) -> &Handle {
        self.runtime.handle()
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(self.random.clone())
    }

    async fn spawn<A, T>(&self, unit: Unit<C, A, T>) -> Result<Option<T>, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.spawn_within(self.limits, unit).await
    }

    async fn spawn_within<A, T>(&self, limits: Limits, unit: Unit<C, A, T>) -> Result<Option<T>, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let Ok(permit) = self.admission.clone().try_acquire_owned() else {
            return Err(overloaded(&self.limits));
        };
        self.detached(async move {
            let outcome = tokio::time::timeout(limits.unit_timeout, unit.run(&limits)).await;
            drop(permit);
            outcome.unwrap_or_else(|_| Err(unavailable("the unit of work took too long")))
        })
        .await
    }
}

/// What a unit of work does to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// It only reads.
    Read,
    /// It writes.
    Transaction,
}

/// A unit of work and all that it needs to run, perhaps again.
struct Unit<C: Connect, A, T> {
    pool: Pool<C>,
    kind: Kind,
    backoff: Backoff,
    args: A,
    work: Work<C::Conn, A, T>,
}

impl<C: Connect, A: Send + Sync, T: Send> Unit<C, A, T> {
    async fn run(mut self, limits: &Limits) -> Result<Option<T>, PortError> {
        loop {
            let mut lease = self.pool.lease(limits).await?;
            let outcome = self.attempt(&mut lease).await;
            let Failure { error, begun, is_rolled_back } = match outcome {
                Ok(value) => {
                    lease.give_back();
                    return Ok(Some(value));
                }
                Err(failure) => failure,
            };
            let trouble = match &error {
                QueryError::Database(error) => C::classify(error),
                QueryError::Again => Trouble::Passing,
                QueryError::Corrupt(_) | QueryError::Undo | QueryError::Other(_) => Trouble::Refused,
            };
            match trouble {
                Trouble::Passing | Trouble::Refused if is_rolled_back => lease.give_back(),
                // Something may be left unread in it, or it is dead and the others may be too.
                _ => lease.discard(),
            }
            // Nothing was done yet, or nothing can be: a new connection may do better.
            let harmless = trouble == Trouble::Lost && (!begun || self.kind == Kind::Read);
            let again = trouble == Trouble::Passing || harmless;
            if !(again && self.backoff.pause().await) {
                return conclude(error, trouble);
            }
        }
    }

    /// Runs the work once, in a transaction where it needs one.
    async fn attempt(&self, lease: &mut Lease<C>) -> Result<T, Failure> {
        let failure = |error, begun| Failure { error, begun, is_rolled_back: true };
        let conn = lease.conn().map_err(|error| failure(error, false))?;
        if self.kind != Kind::Transaction {
            return (self.work)(conn, &self.args).await.map_err(|error| failure(error, true));
        }
        C::begin(conn).await.map_err(|error| failure(error.into(), false))?;
        let outcome = match (self.work)(conn, &self.args).await {
            Ok(value) => C::commit(conn).await.map(|()| value).map_err(QueryError::from),
            Err(error) => Err(error),
        };
        let error = match outcome {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        // If even this fails, the transaction ends with the connection; the first error says why.
        let is_rolled_back = C::rollback(conn).await.is_ok();
        Err(Failure { error, begun: true, is_rolled_back })
    }
}

/// Why an attempt failed.
struct Failure {
    error: QueryError,
    /// Whether anything was done before.
    begun: bool,
    /// Whether the connection is free of what was done.
    is_rolled_back: bool,
}

fn conclude<T>(error: QueryError, trouble: Trouble) -> Result<Option<T>, PortError> {
    match error {
        QueryError::Undo => Ok(None),
        QueryError::Corrupt(corrupt) => Err(corrupt.into()),
        QueryError::Other(source) => Err(failed(source)),
        QueryError::Again => Err(unavailable("too many others change the same rows")),
        QueryError::Database(source) if trouble == Trouble::Refused => Err(failed(source)),
        QueryError::Database(source) => Err(unavailable(source)),
    }
}

fn overloaded(limits: &Limits) -> PortError {
    PortError::Overloaded { part: Part::Database, retry_after: limits.retry_after }
}

fn never_undone() -> PortError {
    failed("a unit of work that cannot be undone was undone")
}
