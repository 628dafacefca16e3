//! MySQL and MariaDB, alone or in a Galera cluster.

#[path = "mysql/classify.rs"]
mod classify;
#[path = "mysql/connector.rs"]
mod connector;
#[path = "mysql/migrate.rs"]
mod migrate;
#[path = "mysql/server.rs"]
mod server;
/// Inserts all rows, in one statement.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {
        diesel::insert_into($table).values($rows).execute($conn).await.map(drop)
    };
}

#[path = "../repositories/mod.rs"]
mod repositories;

use std::sync::Arc;

use diesel_async::AsyncMysqlConnection;
use diesel_async::RunQueryDsl as _;
use futures_util::{FutureExt as _, TryFutureExt as _};
use yilin_domain::port::{PortError, Random};
use yilin_domain::time::HospitalZone;

pub(crate) use connector::Connector;

use crate::engine::{Engine, Limits, OwnRuntime, Pool};
use crate::error::{OpenError, QueryError, unavailable};
use crate::options::StorageOptions;
use crate::server_fault::ServerFault;

/// The connection that the queries are compiled for.
type Conn = AsyncMysqlConnection;
/// Its SQL dialect.
type Db = diesel::mysql::Mysql;

diesel::define_sql_function! {
    /// The id that this connection's last insert made: the first one, of several rows.
    fn last_insert_id() -> diesel::sql_types::BigInt;
}

use last_insert_id as inserted_id;

async fn last_id(conn: &mut Conn) -> diesel::QueryResult<i64> {
    diesel::select(last_insert_id()).get_result(conn).await
}

/// The conflict that an upsert of a log-in attempt's row handles.
fn taken_key() -> diesel::dsl::DuplicatedKeys {
    diesel::dsl::DuplicatedKeys
}

/// The time by the server's clock, in UTC.
const NOW: &str = "UTC_TIMESTAMP(6)";

/// How many connections there are besides for appending to the audit log. On the others, entries would wait
/// behind requests that wait for them.
const LOG_CONNECTIONS: usize = 1;

/// A MySQL database.
pub(crate) struct Database {
    engine: Arc<Engine<Connector>>,
    /// Writes the audit log.
    log: Arc<Engine<Connector>>,
    connector: Arc<Connector>,
    random: Arc<dyn Random>,
    zone: HospitalZone,
}

impl Database {
    pub(crate) fn open(
        url: String,
        options: &StorageOptions,
        random: Arc<dyn Random>,
        zone: HospitalZone,
    ) -> Result<Self, OpenError> {
        let connector = Arc::new(Connector::new(url));
        let runtime = Arc::new(OwnRuntime::start(options.threads)?);
        let engine = |connections| {
            let pool = Pool::new(connector.clone(), connections)?;
            let limits = Limits::new(options, connections);
            let engine = Engine::new(pool.clone(), pool, limits, random.clone(), runtime.clone());
            Ok::<_, OpenError>(Arc::new(engine))
        };
        let (engine, log) = (engine(options.connections)?, engine(LOG_CONNECTIONS)?);
        Ok(Self { engine, log, connector, random, zone })
    }

    /// Whether the server is usable; says if it may be read-only.
    async fn may_be_read_only(&self) -> Result<bool, PortError> {
        let asked = self.engine.read((), |conn, ()| server::state(conn).map_err(QueryError::from).boxed());
        match asked.await? {
            server::State::Usable => Ok(false),
            server::State::ReadOnly => Ok(true),
            server::State::OutsideCluster { status } => {
                Err(unavailable(format!("the node is outside its cluster, or not ready: {status:?}")))
            }
        }
    }

    async fn server_faults(&self) -> Result<Vec<ServerFault>, PortError> {
        self.engine.read((), |conn, ()| server::examine(conn).map_err(QueryError::from).boxed()).await
    }

    /// Those that are older than any unit of work can last.
    async fn forget_markers(&self) -> Result<u64, PortError> {
        /// How many are forgotten by one transaction.
        const AT_ONCE: usize = 5000;
        let mut forgotten = 0;
        loop {
            let deleted = self.engine.write((), |conn, ()| {
                let old = format!(
                    "DELETE FROM commit_marker WHERE made_at < UTC_TIMESTAMP() - INTERVAL 2 MINUTE LIMIT {AT_ONCE}"
                );
                async move { Ok(diesel::sql_query(old).execute(conn).await?) }.boxed()
            });
            let deleted = deleted.await?;
            forgotten += u64::try_from(deleted).unwrap_or(u64::MAX);
            if deleted < AT_ONCE {
                return Ok(forgotten);
            }
        }
    }

    async fn run_migrations(&self) -> Result<(), PortError> {
        let connector = self.connector.clone();
        self.engine.detached(async move { migrate::run(&connector).await }).await
    }
}
