//! Connections to MySQL or MariaDB.

use diesel::QueryResult;
use diesel_async::{AsyncConnection as _, RunQueryDsl as _, SimpleAsyncConnection as _};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use yilin_domain::port::BoxError;

use super::classify::classify;
use super::connection::Connection;
use super::repositories::version;
use super::{MARIADB, product};
use crate::engine::{Connect, Marker, Trouble};
use crate::error::is_unique_violation;

/// Creates connections to MySQL.
pub(crate) struct Connector {
    url: String,
}

/// Session settings that the code relies on, whatever the server's defaults: autocommitted statements that
/// see what others have committed (units of work guard themselves by compare-and-swap), strict mode, UTC, a
/// lock wait shorter than the unit of work, connections that stay open as long as the pool keeps them, and no limit
/// on what a statement may read.
pub(crate) const SETUP: &str = "SET SESSION autocommit = 1, completion_type = 'NO_CHAIN', sql_mode = 'STRICT_ALL_TABLES,\
NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', \
innodb_lock_wait_timeout = 3, wait_timeout = 3600, foreign_key_checks = 1, unique_checks = 1, \
sql_safe_updates = 0, sql_select_limit = 18446744073709551615, sql_big_selects = 1, sql_auto_is_null = 0; \
SET NAMES utf8mb4 COLLATE utf8mb4_bin; \
SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
SET SESSION TRANSACTION READ WRITE";

/// Settings that only some servers have. Errors are classified by their text, so it must be in English;
/// servers without the variable use English. `wsrep_sync_wait` makes a read on one cluster node see what
/// another has acknowledged: without it, 28 of 3,403 reads did not. Units of work have their own time limit, and copies
/// of a database take as long as they take: no limits on statements (MariaDB's, then MySQL's) and transactions.
pub(crate) const OPTIONAL: [&str; 5] = [
    "SET SESSION lc_messages = 'en_US'",
    "SET SESSION wsrep_sync_wait = 1",
    "SET SESSION max_statement_time = 0",
    "SET SESSION max_execution_time = 0",
    "SET SESSION idle_transaction_timeout = 0, idle_readonly_transaction_timeout = 0, idle_write_transaction_timeout = 0",
];

impl Connector {
    pub(super) fn new(url: String) -> Self {
        Self { url }
    }

    pub(super) async fn establish(&self) -> Result<Connection, BoxError> {
        let mut conn = Connection::establish(&self.url).await?;
        conn.batch_execute(SETUP).await?;
        for statement in OPTIONAL {
            match conn.batch_execute(statement).await {
                Err(error) if classify(&error) == Trouble::Lost => return Err(error.into()),
                Err(error) => tracing::debug!(%error, statement, "the server does not support this setting"),
                Ok(()) => {}
            }
        }
        let version = version(&mut conn).await?;
        Ok(conn.with_returning(product(&version) == MARIADB))
    }
}

impl Connect for Connector {
    type Conn = Connection;
    const MARKS_COMMITS: bool = true;

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
        conn.begin().boxed()
    }

    /// The marker costs no round trip of its own.
    fn commit<'a>(conn: &'a mut Self::Conn, marker: &Marker) -> BoxFuture<'a, QueryResult<()>> {
        let insert = format!("INSERT INTO commit_marker (id) VALUES ({})", marker.literal());
        async move { conn.commit(&insert).await }.boxed()
    }

    /// Blocks while the transaction with the marker is still open, because it holds the row lock.
    fn settle<'a>(conn: &'a mut Self::Conn, marker: &Marker) -> BoxFuture<'a, QueryResult<bool>> {
        let insert = format!("INSERT INTO commit_marker (id) VALUES ({})", marker.literal());
        async move {
            match conn.batch_execute(&insert).await {
                Ok(()) => Ok(false),
                Err(error) if is_unique_violation(&error) => Ok(true),
                Err(error) => Err(error),
            }
        }
        .boxed()
    }

    fn rollback(conn: &mut Self::Conn) -> BoxFuture<'_, QueryResult<()>> {
        conn.rollback().boxed()
    }

    fn classify(error: &diesel::result::Error) -> Trouble {
        classify(error)
    }
}

#[cfg(test)]
mod tests {
    use mysql_async::prelude::Queryable as _;
    use yilin_testkit::mariadb::Server;

    use super::*;
    use crate::backend::mysql::server::Variables;

    /// Settings with a value that a server may have for everybody, and ours.
    const SETTINGS: [(&str, &str, &str); 20] = [
        ("autocommit", "0", "ON"),
        ("collation_connection", "latin1_bin", "utf8mb4_bin"),
        ("completion_type", "'CHAIN'", "NO_CHAIN"),
        ("foreign_key_checks", "0", "ON"),
        ("idle_readonly_transaction_timeout", "1", "0"),
        ("idle_transaction_timeout", "1", "0"),
        ("idle_write_transaction_timeout", "1", "0"),
        ("innodb_lock_wait_timeout", "100", "3"),
        ("lc_messages", "'de_DE'", "en_US"),
        ("max_statement_time", "1", "0.000000"),
        (
            "sql_mode",
            "'ANSI_QUOTES'",
            "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
        ),
        ("sql_auto_is_null", "1", "OFF"),
        ("sql_big_selects", "0", "ON"),
        ("sql_safe_updates", "1", "OFF"),
        ("sql_select_limit", "1", "18446744073709551615"),
        ("time_zone", "'+08:00'", "+00:00"),
        ("tx_isolation", "'SERIALIZABLE'", "READ-COMMITTED"),
        ("tx_read_only", "1", "OFF"),
        ("unique_checks", "0", "ON"),
        ("wait_timeout", "20", "3600"),
    ];

    #[tokio::test(flavor = "multi_thread")]
    async fn mariadb_connections_have_our_settings_whatever_the_servers() {
        let server = Server::start().await;
        let url = server.database().await;
        let mut administrator = server.connect().await;
        for (name, of_server, _) in SETTINGS {
            administrator.query_drop(format!("SET GLOBAL {name} = {of_server}")).await.unwrap();
        }
        let mut conn = Connector::new(url).establish().await.unwrap();
        let names = SETTINGS.map(|(name, ..)| name);
        let found = Variables::load(&mut conn, "SESSION VARIABLES", &names).await.unwrap();
        for (name, _, ours) in SETTINGS {
            assert_eq!(found.get(name), Some(ours), "{name}");
        }
    }
}
