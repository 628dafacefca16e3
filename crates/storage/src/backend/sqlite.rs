//! SQLite, embedded.

#[path = "sqlite/connector.rs"]
mod connector;
#[path = "sqlite/migrate.rs"]
mod migrate;
/// Inserts all rows, one by one: the async connection knows no other way, and inside a transaction
/// there is no need for one.
macro_rules! insert_all {
    ($conn:expr, $table:expr, $rows:expr) => {
        async {
            for row in $rows {
                diesel::insert_into($table).values(row).execute($conn).await?;
            }
            diesel::QueryResult::Ok(())
        }
        .await
    };
}

#[path = "../repositories/mod.rs"]
mod repositories;

use std::path::PathBuf;
use std::sync::Arc;

use diesel::SqliteConnection;
use diesel_async::RunQueryDsl as _;
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use yilin_domain::port::{PortError, Random};
use yilin_domain::time::HospitalZone;

pub(crate) use connector::Connector;

use crate::engine::{Engine, Limits, OwnRuntime, Pool};
use crate::error::OpenError;
use crate::options::StorageOptions;
use crate::server_fault::ServerFault;

/// The connection that the queries are compiled for.
type Conn = SyncConnectionWrapper<SqliteConnection>;
/// Its SQL dialect.
type Db = diesel::sqlite::Sqlite;

diesel::define_sql_function! {
    /// The id that this connection's last insert made.
    fn last_insert_rowid() -> diesel::sql_types::BigInt;
}

use last_insert_rowid as inserted_id;

async fn last_id(conn: &mut Conn) -> diesel::QueryResult<i64> {
    diesel::select(last_insert_rowid()).get_result(conn).await
}

/// The conflict that an upsert of a log-in attempt's row handles.
fn taken_key() -> crate::schema::login_attempt::key_digest {
    crate::schema::login_attempt::key_digest
}

/// The time by this machine's clock, in UTC.
const NOW: &str = "strftime('%Y-%m-%d %H:%M:%f', 'now')";

/// A SQLite database.
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
        path: PathBuf,
        options: &StorageOptions,
        random: Arc<dyn Random>,
        zone: HospitalZone,
    ) -> Result<Self, OpenError> {
        let connector = Arc::new(Connector::new(path)?);
        // One connection writes: several would only wait for each other inside SQLite.
        let (readers, writers) =
            (Pool::new(connector.clone(), options.readers)?, Pool::new(connector.clone(), 1)?);
        let limits = Limits::new(options, options.readers.saturating_add(1));
        let runtime = Arc::new(OwnRuntime::start(options.threads)?);
        let engine = Arc::new(Engine::new(readers, writers, limits, random.clone(), runtime));
        Ok(Self { log: engine.clone(), engine, connector, random, zone })
    }

    #[expect(clippy::unused_async, reason = "the other backend asks its server")]
    async fn may_be_read_only(&self) -> Result<bool, PortError> {
        Ok(false)
    }

    #[expect(clippy::unused_async, reason = "the other backend asks its server")]
    async fn server_faults(&self) -> Result<Vec<ServerFault>, PortError> {
        Ok(Vec::new())
    }

    #[expect(clippy::unused_async, reason = "the other backend has some")]
    async fn forget_markers(&self) -> Result<u64, PortError> {
        Ok(0)
    }

    async fn run_migrations(&self) -> Result<(), PortError> {
        let connector = self.connector.clone();
        self.engine.detached(async move { migrate::run(&connector).await }).await
    }
}
