//! Runs units of work.
//!
//! Each unit is spawned on the storage's own runtime, or as a task of its own on a thread that runs its own units
//! ([`run_units_here`]), and awaited: if the caller's future is dropped, the unit still finishes. (Dropping a query's
//! future leaves its unread response in the connection for the next user.) Units can be rerun, because a deadlock rolls
//! back a unit as a whole.

mod here;
mod leaving;
mod limits;
mod marker;
mod pool;
mod refused;
mod retry;
mod runtime;
mod work;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{FutureExt as _, TryFutureExt as _};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use yilin_domain::audit::EntryDraft;
use yilin_domain::port::{Part, PortError, Random};
use yilin_domain::transition::Stale;

pub(crate) use here::Here;
pub use here::run_units_here;
pub(crate) use leaving::Leaving;
pub(crate) use limits::Limits;
pub(crate) use marker::Marker;
use pool::Lease;
pub(crate) use pool::{Connect, Pool, Trouble};
use refused::RefusedChange;
use retry::Backoff;
pub(crate) use runtime::OwnRuntime;
pub(crate) use work::Work;
use work::{ErasedValue, ErasedWork, erased, restored};

use crate::error::{QueryError, failed, unavailable};

/// Runs the units of work of one database.
pub(crate) struct Engine<C: Connect> {
    // Dropped before the runtime, which the connections need while they are closed.
    readers: Pool<C>,
    writers: Pool<C>,
    here: Option<Here<C>>,
    admission: Arc<Semaphore>,
    limits: Limits,
    refused_change: RefusedChange,
    random: Arc<dyn Random>,
    runtime: Arc<OwnRuntime>,
}

impl<C: Connect> Engine<C> {
    /// An engine with one pool for reads and writes, or one for each.
    pub(crate) fn new(
        readers: Pool<C>,
        writers: Pool<C>,
        limits: Limits,
        random: Arc<dyn Random>,
        runtime: Arc<OwnRuntime>,
    ) -> Self {
        let admission = Arc::new(Semaphore::new(limits.admitted));
        let refused_change = RefusedChange::default();
        Self { readers, writers, here: None, admission, limits, refused_change, random, runtime }
    }

    /// The same, where threads may run their own units.
    pub(crate) fn with_units_here(self, here: Option<Here<C>>) -> Self {
        Self { here, ..self }
    }

    /// Runs a read-only unit.
    pub(crate) async fn read<A, T>(&self, args: A, work: Work<C::Conn, A, T>) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.read_as(UnitKind::Read, self.limits, args, work).await
    }

    /// Like [`Self::read`], for a unit that reads many rows. It runs on the storage's threads even if the caller's runs its
    /// own units: that can write earlier rows and serve others meanwhile.
    pub(crate) async fn read_many<A, T>(&self, args: A, work: Work<C::Conn, A, T>) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.read_as(UnitKind::ReadMany, self.limits, args, work).await
    }

    /// Runs a unit that writes, in a transaction.
    pub(crate) async fn write<A, T>(&self, args: A, work: Work<C::Conn, A, T>) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        self.leaving(None).write(args, work).await
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
        self.leaving(None).save(args, work).await
    }

    /// Like [`Self::read`], for a unit that may take longer than those that clients wait for.
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
        self.read_as(UnitKind::Read, self.lasting(timeout), args, work).await
    }

    /// Like [`Self::write`], for a unit that may take longer than those that clients wait for.
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
        self.leaving(None).write_lasting(timeout, args, work).await
    }

    /// Runs changes that insert this entry into the audit log's outbox.
    pub(crate) fn leaving(&self, entry: Option<EntryDraft>) -> Leaving<'_, C> {
        Leaving::new(self, entry)
    }

    fn lasting(&self, timeout: Duration) -> Limits {
        Limits { unit_timeout: timeout, ..self.limits }
    }

    /// Checks that the database answers.
    pub(crate) async fn ping(&self) -> Result<(), PortError> {
        self.read((), |conn, ()| C::ping(conn).map_err(QueryError::from).boxed()).await
    }

    /// The last change rejected because the database is full or read-only.
    pub(crate) fn refused_change(&self) -> &RefusedChange {
        &self.refused_change
    }

    /// Runs a future on the engine's runtime without a timeout.
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

    async fn read_as<A, T>(
        &self,
        kind: UnitKind,
        limits: Limits,
        args: A,
        work: Work<C::Conn, A, T>,
    ) -> Result<T, PortError>
    where
        A: Send + Sync + 'static,
        T: Send + 'static,
    {
        let value = self.run(kind, limits, None, erased(args, work)).await?.map_err(failed)?;
        restored(value)
    }

    async fn run(
        &self,
        kind: UnitKind,
        limits: Limits,
        entry: Option<EntryDraft>,
        work: Box<dyn ErasedWork<C::Conn>>,
    ) -> Result<Result<ErasedValue, Stale>, PortError> {
        let Ok(permit) = self.admission.clone().try_acquire_owned() else {
            return Err(overloaded(&self.limits));
        };
        let pool = if kind.writes() { &self.writers } else { &self.readers };
        let here = self.here.as_ref().filter(|_| kind != UnitKind::ReadMany);
        let here = here.and_then(|here| here.current(pool));
        let (runtime, pool) = here.unwrap_or_else(|| (self.runtime.handle().clone(), pool.clone()));
        let unit = Unit { pool, kind, backoff: Backoff::new(self.random.clone()), entry, work };
        let refused_change = self.refused_change.clone();
        let running = runtime.spawn(async move {
            let running = unit.run(&limits, &refused_change);
            let ended = tokio::time::timeout(limits.unit_timeout, running).await;
            drop(permit);
            ended.unwrap_or_else(|_| Err(timed_out()))
        });
        let joined = if C::BLOCKS_ITS_THREAD {
            // A disk that does not answer must not hold the caller too.
            match tokio::time::timeout(limits.unit_timeout, running).await {
                Ok(joined) => joined,
                Err(_) => return Err(timed_out()),
            }
        } else {
            running.await
        };
        joined.map_err(failed)?
    }
}

/// The kind of a unit of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UnitKind {
    /// Read-only.
    Read,
    /// Read-only, and of many rows.
    ReadMany,
    /// Writes, in a transaction.
    Transaction,
}

impl UnitKind {
    fn writes(self) -> bool {
        match self {
            Self::Read | Self::ReadMany => false,
            Self::Transaction => true,
        }
    }
}

/// A unit of work with everything needed to run it, possibly again.
struct Unit<C: Connect> {
    pool: Pool<C>,
    kind: UnitKind,
    backoff: Backoff,
    /// The draft of its audit entry, if it makes a change for a caller.
    entry: Option<EntryDraft>,
    work: Box<dyn ErasedWork<C::Conn>>,
}

/// The outcome of one attempt at a unit of work.
enum Attempt {
    Done(ErasedValue),
    Failed {
        error: QueryError,
        /// Whether the database may have executed anything.
        begun: bool,
        /// Whether the connection is in a clean state.
        clean: bool,
    },
    /// Everything but the COMMIT was done; its response was lost, so the outcome is unknown.
    Unanswered {
        value: ErasedValue,
        error: diesel::result::Error,
        marker: Marker,
    },
}

impl<C: Connect> Unit<C> {
    async fn run(
        mut self,
        limits: &Limits,
        refused_change: &RefusedChange,
    ) -> Result<Result<ErasedValue, Stale>, PortError> {
        loop {
            let mut lease = self.pool.lease(limits).await?;
            let (error, begun, clean) = match self.attempt(&mut lease, limits).await {
                Attempt::Done(value) => {
                    self.committed();
                    lease.give_back();
                    return Ok(Ok(value));
                }
                Attempt::Unanswered { value, error, marker } => {
                    lease.discard();
                    tracing::warn!(%error, "the response to a commit was lost; checking whether it was committed");
                    if self.was_committed(&marker, limits).await {
                        self.committed();
                        return Ok(Ok(value));
                    }
                    if self.backoff.pause().await {
                        continue;
                    }
                    return conclude(error.into(), Trouble::Lost);
                }
                Attempt::Failed { error, begun, clean } => (error, begun, clean),
            };
            let trouble = match &error {
                QueryError::Database(error) => C::classify(error),
                QueryError::Retry => Trouble::Passing,
                QueryError::Corrupt(_) | QueryError::Stale(_) | QueryError::Other(_) => Trouble::Refused,
            };
            if clean && matches!(trouble, Trouble::Passing | Trouble::Refused) {
                lease.give_back();
            } else {
                // It may have an unread response, or it is dead and others may be too, or the server was made
                // read-only because another one has taken over.
                lease.discard();
            }
            if let QueryError::Database(error) = &error
                && trouble == Trouble::Unwritable
                && self.kind.writes()
            {
                refused_change.note(error);
            }
            // Nothing was done yet, or nothing can have been done: a new connection may help.
            let harmless = match trouble {
                Trouble::Lost => !begun || !self.kind.writes(),
                // Whatever its text says, it is a read error.
                Trouble::Unwritable => !self.kind.writes(),
                Trouble::Passing | Trouble::Refused => false,
            };
            let again = trouble == Trouble::Passing || harmless;
            if !(again && self.backoff.pause().await) {
                return conclude(error, trouble);
            }
        }
    }

    /// Runs the unit once, in a transaction if needed.
    async fn attempt(&self, lease: &mut Lease<C>, limits: &Limits) -> Attempt {
        let failed = |error, begun, clean| Attempt::Failed { error, begun, clean };
        let conn = match lease.conn() {
            Ok(conn) => conn,
            Err(error) => return failed(error, false, false),
        };
        if !self.kind.writes() {
            return match self.work.run(conn).await {
                Ok(value) => Attempt::Done(value),
                Err(error) => failed(error, true, true),
            };
        }
        if let Some(entry) = &self.entry {
            entry.begun();
        }
        if let Err(error) = C::begin(conn).await {
            return failed(error.into(), false, true);
        }
        let error = match self.work.run(conn).await {
            Ok(value) => match self.commit(conn, limits).await {
                Ok(()) => return Attempt::Done(value),
                Err((error, marker)) if C::MARKS_COMMITS && C::classify(&error) == Trouble::Lost => {
                    return Attempt::Unanswered { value, error, marker };
                }
                Err((error, _)) => error.into(),
            },
            Err(error) => error,
        };
        // Keeps the first error, which has the cause. A failing rollback would only report that there is no
        // transaction any more (SQLite rolls back by itself when the disk is full), or that the connection is
        // lost too.
        let clean = C::rollback(conn).await.is_ok();
        failed(error, true, clean)
    }

    async fn commit(
        &self,
        conn: &mut C::Conn,
        limits: &Limits,
    ) -> Result<(), (diesel::result::Error, Marker)> {
        let marker = Marker::draw(self.backoff.random());
        let committed = if C::MARKS_COMMITS {
            let answer = tokio::time::timeout(limits.commit_timeout, C::commit(conn, &marker)).await;
            answer.unwrap_or_else(|_| Err(no_answer()))
        } else {
            C::commit(conn, &marker).await
        };
        committed.map_err(|error| (error, marker))
    }

    /// Marks the entry as committed here, because the caller may be gone.
    fn committed(&self) {
        if let Some(entry) = &self.entry {
            entry.committed();
        }
    }

    /// Asks on new connections until there is a response; bounded by the unit's timeout.
    async fn was_committed(&self, marker: &Marker, limits: &Limits) -> bool {
        const PAUSE: Duration = Duration::from_millis(100);
        loop {
            match self.pool.lease(limits).await {
                Ok(mut lease) => match lease.conn() {
                    Ok(conn) => match C::settle(conn, marker).await {
                        Ok(was_committed) => {
                            lease.give_back();
                            return was_committed;
                        }
                        Err(error) => {
                            tracing::debug!(%error, "cannot check yet whether a commit was done");
                            lease.discard();
                        }
                    },
                    Err(_) => lease.discard(),
                },
                Err(error) => tracing::debug!(%error, "cannot check yet whether a commit was done"),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// A commit that timed out is treated as a lost connection.
fn no_answer() -> diesel::result::Error {
    let reason = Box::new("the commit timed out".to_owned());
    diesel::result::Error::DatabaseError(diesel::result::DatabaseErrorKind::ClosedConnection, reason)
}

fn conclude(error: QueryError, trouble: Trouble) -> Result<Result<ErasedValue, Stale>, PortError> {
    match error {
        QueryError::Stale(stale) => Ok(Err(stale)),
        QueryError::Corrupt(corrupt) => Err(corrupt.into()),
        QueryError::Other(source) => Err(failed(source)),
        QueryError::Retry => Err(unavailable("too many concurrent changes of the same rows")),
        QueryError::Database(source) if trouble == Trouble::Refused => Err(failed(source)),
        QueryError::Database(source) => Err(unavailable(source)),
    }
}

fn timed_out() -> PortError {
    unavailable("the unit of work timed out")
}

fn overloaded(limits: &Limits) -> PortError {
    PortError::Overloaded { part: Part::Database, retry_after: limits.retry_after }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc::Receiver;

    use diesel::QueryResult;
    use diesel::result::{DatabaseErrorKind, Error};
    use futures_util::future::BoxFuture;
    use yilin_domain::port::BoxError;

    /// A database that is full and then, like SQLite, has no transaction to roll back.
    struct Full;

    fn says(text: &str) -> Error {
        Error::DatabaseError(DatabaseErrorKind::Unknown, Box::new(text.to_owned()))
    }

    impl Connect for Full {
        type Conn = ();
        const MARKS_COMMITS: bool = false;
        const BLOCKS_ITS_THREAD: bool = true;

        fn connect(&self) -> BoxFuture<'_, Result<(), BoxError>> {
            async { Ok(()) }.boxed()
        }
        fn ping((): &mut ()) -> BoxFuture<'_, QueryResult<()>> {
            async { Ok(()) }.boxed()
        }
        fn begin((): &mut ()) -> BoxFuture<'_, QueryResult<()>> {
            async { Ok(()) }.boxed()
        }
        fn commit<'a>((): &'a mut (), _: &Marker) -> BoxFuture<'a, QueryResult<()>> {
            async { Ok(()) }.boxed()
        }
        fn settle<'a>((): &'a mut (), _: &Marker) -> BoxFuture<'a, QueryResult<bool>> {
            async { Ok(false) }.boxed()
        }
        fn rollback((): &mut ()) -> BoxFuture<'_, QueryResult<()>> {
            async { Err(says("cannot rollback - no transaction is active")) }.boxed()
        }
        fn classify(error: &Error) -> Trouble {
            if error.to_string().contains("full") { Trouble::Unwritable } else { Trouble::Refused }
        }
    }

    struct Zeros;

    impl Random for Zeros {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(0);
        }
    }

    fn engine(unit_timeout: Duration) -> (Engine<Full>, Arc<OwnRuntime>) {
        // One thread may be blocked; the other one has the timers.
        let runtime = Arc::new(OwnRuntime::start(2).unwrap());
        let pool = Pool::new(Arc::new(Full), 1).unwrap();
        let options = crate::StorageOptions { unit_timeout, ..crate::StorageOptions::new("sqlite:x") };
        let limits = Limits::new(&options, 1);
        (Engine::new(pool.clone(), pool, limits, Arc::new(Zeros), runtime.clone()), runtime)
    }

    #[test]
    fn a_thread_that_runs_its_own_units_leaves_batches_to_others() {
        let (engine, _runtime) = engine(Duration::from_secs(300));
        let engine = engine.with_units_here(Here::new(Arc::new(Full), 1000));
        let serving = move || {
            run_units_here();
            let its_own = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            let ran_on = |(): &mut (), (): &()| async { Ok(std::thread::current().id()) }.boxed();
            let [one, many] = its_own.block_on(async {
                [engine.read((), ran_on).await.unwrap(), engine.read_many((), ran_on).await.unwrap()]
            });
            let own = std::thread::current().id();
            assert_eq!(one, own);
            assert_ne!(many, own);
        };
        std::thread::spawn(serving).join().unwrap();
    }

    #[test]
    fn a_statement_that_blocks_its_thread_does_not_hold_the_caller() {
        let (engine, runtime) = engine(Duration::from_millis(50));
        let (release, released) = std::sync::mpsc::channel::<()>();
        let failed = runtime.handle().block_on(async {
            let work = |(): &mut (), released: &Mutex<Receiver<()>>| {
                let ended = released.lock().unwrap().recv_timeout(Duration::from_secs(60));
                async move { ended.map_err(|error| QueryError::Other(error.into())) }.boxed()
            };
            engine.read(Mutex::new(released), work).await
        });
        assert!(matches!(failed, Err(PortError::Unavailable { .. })), "{failed:?}");
        drop(release);
    }

    #[test]
    fn units_of_which_it_is_known_may_take_longer_than_others() {
        const MOST: Duration = Duration::from_millis(10);
        const LONG: Duration = Duration::from_secs(180);
        let (engine, runtime) = engine(MOST);
        runtime.handle().block_on(async {
            let endless = |(): &mut (), (): &()| std::future::pending().boxed();
            let ended = [engine.read::<(), ()>((), endless).await, engine.write((), endless).await];
            assert!(
                ended.iter().all(|ended| matches!(ended, Err(PortError::Unavailable { .. }))),
                "{ended:?}"
            );
            let slow = |(): &mut (), (): &()| tokio::time::sleep(10 * MOST).map(Ok).boxed();
            engine.read_lasting::<(), ()>(LONG, (), slow).await.unwrap();
            engine.write_lasting::<(), ()>(LONG, (), slow).await.unwrap();
        });
    }

    #[test]
    fn the_first_error_is_reported_not_that_of_the_rollback() {
        let (engine, runtime) = engine(Duration::from_secs(8));
        let failed = runtime.handle().block_on(async {
            let work = |(): &mut (), (): &()| async { Err(says("database or disk is full").into()) }.boxed();
            engine.write::<(), ()>((), work).await
        });
        let Err(PortError::Unavailable { source, .. }) = failed else { panic!("{failed:?}") };
        assert!(source.to_string().contains("is full"), "{source}");
        let ready = engine.refused_change().is_to_be_tried();
        assert!(matches!(ready, Err(PortError::Unavailable { .. })), "{ready:?}");
    }
}
