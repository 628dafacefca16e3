//! Migrations, one instance at a time.

use std::time::Duration;

use diesel::OptionalExtension as _;
use diesel::migration::MigrationSource;
use diesel::sql_types::{Integer, Nullable};
use diesel_async::{AsyncMigrationHarness, RunQueryDsl as _, SimpleAsyncConnection as _};
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use yilin_domain::port::{BoxError, PortError};

use super::classify::classify;
use super::connection::Connection;
use super::{Connector, Db, server};
use crate::engine::Trouble;
use crate::error::{failed, is_unique_violation, unavailable};
use crate::schema_state::run_pending;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/mysql");

/// How long to wait for another instance's migrations.
const PATIENCE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(200);

/// Locks are server-wide, so the name includes the database.
const LOCK_NAME: &str = "SHA1(CONCAT('yilin migrations of ', DATABASE()))";

#[derive(diesel::QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Integer>)]
    answer: Option<i32>,
}

enum Lock {
    /// A named lock of the server, released with the connection.
    Named,
    /// A lock row. In a Galera cluster, named locks exist on each node by itself, or not at all.
    Row,
}

/// The versions of the migrations that this version has, oldest first.
pub(super) fn known_migrations() -> Result<Vec<String>, BoxError> {
    let migrations = MigrationSource::<Db>::migrations(&MIGRATIONS)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

pub(super) async fn run(connector: &Connector, versions: &[String]) -> Result<(), PortError> {
    let mut conn = connector.establish().await.map_err(unavailable)?;
    let is_in_cluster = server::is_cluster_node(&mut conn).await.map_err(unavailable)?;
    let lock = if is_in_cluster { take_row(&mut conn).await? } else { take(&mut conn).await? };
    // The harness blocks its thread; the runtime has others.
    let mut harness = AsyncMigrationHarness::new(conn);
    let outcome = run_pending(&mut harness, MIGRATIONS, versions);
    let mut conn = harness.into_inner();
    release(&mut conn, &lock).await;
    let applied = outcome.map_err(failed)?;
    tracing::info!(applied, "the database's tables are up to date");
    Ok(())
}

async fn take(conn: &mut Connection) -> Result<Lock, PortError> {
    let statement = format!("SELECT CAST(GET_LOCK({LOCK_NAME}, {}) AS SIGNED) AS answer", PATIENCE.as_secs());
    match diesel::sql_query(statement).get_result::<Answer>(conn).await {
        Ok(Answer { answer: Some(1) }) => Ok(Lock::Named),
        Ok(_) => Err(unavailable("another instance has been migrating for too long")),
        Err(error) => {
            tracing::info!(%error, "the server has no named locks; using a lock row");
            take_row(conn).await
        }
    }
}

/// Takes the lock row. One left behind by a crash expires after ten minutes.
async fn take_row(conn: &mut Connection) -> Result<Lock, PortError> {
    conn.batch_execute(
        "CREATE TABLE IF NOT EXISTS migration_lock (id TINYINT NOT NULL PRIMARY KEY, taken_at DATETIME NOT NULL) \
         ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
    )
    .await
    .map_err(failed)?;
    let attempts = PATIENCE.as_millis() / PAUSE.as_millis();
    for _ in 0..attempts {
        let left_behind = "DELETE FROM migration_lock WHERE taken_at < UTC_TIMESTAMP() - INTERVAL 10 MINUTE";
        let insert = "INSERT INTO migration_lock (id, taken_at) VALUES (1, UTC_TIMESTAMP())";
        let taken = match diesel::sql_query(left_behind).execute(conn).await {
            Ok(_) => diesel::sql_query(insert).execute(conn).await,
            failed => failed,
        };
        match taken {
            Ok(_) => return Ok(Lock::Row),
            // Held by another instance, or lost a race against another node of the cluster.
            Err(error) if is_unique_violation(&error) || classify(&error) == Trouble::Passing => {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(failed(error)),
        }
    }
    Err(unavailable("another instance has been migrating for too long"))
}

async fn release(conn: &mut Connection, lock: &Lock) {
    let outcome = match lock {
        Lock::Named => {
            let statement = format!("SELECT CAST(RELEASE_LOCK({LOCK_NAME}) AS SIGNED) AS answer");
            diesel::sql_query(statement).get_result::<Answer>(conn).await.optional().map(drop)
        }
        Lock::Row => diesel::sql_query("DELETE FROM migration_lock").execute(conn).await.map(drop),
    };
    if let Err(error) = outcome {
        tracing::warn!(%error, "the migration lock could not be released; it will expire");
    }
}
