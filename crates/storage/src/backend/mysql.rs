//! MySQL and MariaDB, alone or in a Galera cluster.

#[path = "mysql/classify.rs"]
mod classify;
#[path = "mysql/connector.rs"]
mod connector;
#[path = "mysql/migrate.rs"]
mod migrate;
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
use yilin_domain::port::{PortError, Random};
use yilin_domain::time::HospitalZone;

pub(crate) use connector::Connector;

use crate::engine::{Engine, Limits, OwnRuntime, Pool};
use crate::error::OpenError;
use crate::options::StorageOptions;

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

    async fn run_migrations(&self) -> Result<(), PortError> {
        let connector = self.connector.clone();
        self.engine.detached(async move { migrate::run(&connector).await }).await
    }
}
