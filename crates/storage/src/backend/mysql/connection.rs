//! The connection, which sends the last inserts of a transaction in one message with its COMMIT.

use diesel::QueryResult;
use diesel::connection::{CacheSize, Instrumentation};
use diesel::mysql::Mysql;
use diesel::query_builder::{AsQuery, QueryFragment, QueryId};
use diesel_async::{AsyncConnection, AsyncConnectionCore, AsyncMysqlConnection, SimpleAsyncConnection};

use super::literal::statement_text;

/// A connection with the inserts that wait for the COMMIT of its transaction.
pub(crate) struct Connection {
    inner: AsyncMysqlConnection,
    is_in_transaction: bool,
    /// Statements, each terminated.
    deferred: String,
    /// Whether the server has `INSERT … RETURNING`.
    has_returning: bool,
}

impl Connection {
    /// Deferred statements beyond this length in bytes are sent at once, far below the smallest `max_allowed_packet`
    /// that start-up accepts.
    const MAX_DEFERRED: usize = 256 * 1024;

    pub(super) fn new(inner: AsyncMysqlConnection) -> Self {
        Self { inner, is_in_transaction: false, deferred: String::new(), has_returning: false }
    }

    /// The same, which from now on uses `INSERT … RETURNING` or does without.
    pub(super) fn with_returning(self, has_returning: bool) -> Self {
        Self { has_returning, ..self }
    }

    pub(super) fn has_returning(&self) -> bool {
        self.has_returning
    }

    /// Executes an insert on which nothing else in the transaction depends. It is sent in one message with the COMMIT,
    /// which saves a round trip for each; if it fails, the transaction is not committed.
    pub(in super::super) async fn at_commit<S>(&mut self, insert: S) -> QueryResult<()>
    where
        S: QueryFragment<Mysql> + Send,
    {
        self.deferred.push_str(&statement_text(&insert)?);
        self.deferred.push_str("; ");
        if self.is_in_transaction && self.deferred.len() <= Self::MAX_DEFERRED {
            return Ok(());
        }
        let due = std::mem::take(&mut self.deferred);
        self.inner.batch_execute(&due).await
    }

    pub(super) async fn begin(&mut self) -> QueryResult<()> {
        self.deferred.clear();
        self.is_in_transaction = true;
        self.inner.batch_execute("START TRANSACTION").await
    }

    /// Commits in one message with what was deferred and this last statement. If one fails, those after it are not
    /// executed.
    pub(super) async fn commit(&mut self, last: &str) -> QueryResult<()> {
        self.is_in_transaction = false;
        let mut message = std::mem::take(&mut self.deferred);
        message.push_str(last);
        message.push_str("; COMMIT");
        self.inner.batch_execute(&message).await
    }

    pub(super) async fn rollback(&mut self) -> QueryResult<()> {
        self.is_in_transaction = false;
        self.deferred.clear();
        self.inner.batch_execute("ROLLBACK").await
    }
}

impl SimpleAsyncConnection for Connection {
    async fn batch_execute(&mut self, query: &str) -> QueryResult<()> {
        self.inner.batch_execute(query).await
    }
}

impl AsyncConnectionCore for Connection {
    type ExecuteFuture<'conn, 'query> =
        <AsyncMysqlConnection as AsyncConnectionCore>::ExecuteFuture<'conn, 'query>;
    type LoadFuture<'conn, 'query> = <AsyncMysqlConnection as AsyncConnectionCore>::LoadFuture<'conn, 'query>;
    type Stream<'conn, 'query> = <AsyncMysqlConnection as AsyncConnectionCore>::Stream<'conn, 'query>;
    type Row<'conn, 'query> = <AsyncMysqlConnection as AsyncConnectionCore>::Row<'conn, 'query>;
    type Backend = Mysql;

    fn load<'conn, 'query, T>(&'conn mut self, source: T) -> Self::LoadFuture<'conn, 'query>
    where
        T: AsQuery + 'query,
        T::Query: QueryFragment<Mysql> + QueryId + 'query,
    {
        self.inner.load(source)
    }

    fn execute_returning_count<'conn, 'query, T>(
        &'conn mut self,
        source: T,
    ) -> Self::ExecuteFuture<'conn, 'query>
    where
        T: QueryFragment<Mysql> + QueryId + 'query,
    {
        self.inner.execute_returning_count(source)
    }
}

impl AsyncConnection for Connection {
    type TransactionManager = <AsyncMysqlConnection as AsyncConnection>::TransactionManager;

    async fn establish(database_url: &str) -> diesel::ConnectionResult<Self> {
        AsyncMysqlConnection::establish(database_url).await.map(Self::new)
    }

    fn transaction_state(
        &mut self,
    ) -> &mut <Self::TransactionManager as diesel_async::TransactionManager<Self>>::TransactionStateData {
        self.inner.transaction_state()
    }

    fn instrumentation(&mut self) -> &mut dyn Instrumentation {
        self.inner.instrumentation()
    }

    fn set_instrumentation(&mut self, instrumentation: impl Instrumentation) {
        self.inner.set_instrumentation(instrumentation);
    }

    fn set_prepared_statement_cache_size(&mut self, size: CacheSize) {
        self.inner.set_prepared_statement_cache_size(size);
    }
}
