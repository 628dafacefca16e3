//! Connections to MySQL or MariaDB.

use diesel::QueryResult;
use diesel_async::{
    AsyncConnection as _, AsyncMysqlConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use yilin_domain::port::BoxError;

use super::classify::classify;
use crate::engine::{Connect, Trouble};

/// Makes connections to MySQL.
pub(crate) struct Connector {
    url: String,
}

/// What every session starts with: strictness whatever the server's own mode is, statements that
/// see what others have committed (units of work guard themselves by compare-and-swap), and a lock
/// wait that ends before the unit of work does.
const SETUP: &str = "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,\
ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'; \
SET NAMES utf8mb4 COLLATE utf8mb4_bin; \
SET SESSION time_zone = '+00:00'; \
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
SET SESSION innodb_lock_wait_timeout = 3";

impl Connector {
    pub(super) fn new(url: String) -> Self {
        Self { url }
    }

    pub(super) async fn establish(&self) -> Result<AsyncMysqlConnection, BoxError> {
        let mut conn = AsyncMysqlConnection::establish(&self.url).await?;
        conn.batch_execute(SETUP).await?;
        // Deadlocks are told by their text; a server that lacks this variable speaks English.
        if let Err(error) = conn.batch_execute("SET SESSION lc_messages = 'en_US'").await {
            if classify(&error) == Trouble::Lost {
                return Err(error.into());
            }
            tracing::debug!(%error, "the server does not let a session choose its language");
        }
        Ok(conn)
    }
}

impl Connect for Connector {
    type Conn = AsyncMysqlConnection;

    fn connect(&self) -> BoxFuture<'_, Result<Self::Conn, BoxError>> {
        self.establish().boxed()
    }

    fn ping(conn: &mut Self::Conn) -> BoxFuture<'_, QueryResult<()>> {
        async move {
            let one = diesel::dsl::sql::<diesel::sql_types::Integer>("1");
            diesel::select(one).get_result::<i32>(conn).await.map(drop)
        }
        .boxed()
    }

    fn begin(conn: &mut Self::Conn) -> BoxFuture<'_, QueryResult<()>> {
        conn.batch_execute("START TRANSACTION").boxed()
    }

    fn commit(conn: &mut Self::Conn) -> BoxFuture<'_, QueryResult<()>> {
        conn.batch_execute("COMMIT").boxed()
    }

    fn rollback(conn: &mut Self::Conn) -> BoxFuture<'_, QueryResult<()>> {
        conn.batch_execute("ROLLBACK").boxed()
    }

    fn classify(error: &diesel::result::Error) -> Trouble {
        classify(error)
    }
}
