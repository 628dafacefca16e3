//! Migrations.

use std::time::Duration;

use diesel::migration::MigrationSource;
use diesel_async::AsyncMigrationHarness;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use yilin_domain::port::{BoxError, PortError};

use super::{Connector, Db};
use crate::error::{failed, unavailable};
use crate::schema_state::run_pending;

pub(super) const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Number of attempts while another process migrates the same file. Each migration is a transaction, so that it is either
/// recorded or has left nothing.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

/// The versions of the migrations that this version has, oldest first.
pub(super) fn known_migrations() -> Result<Vec<String>, BoxError> {
    let migrations = MigrationSource::<Db>::migrations(&MIGRATIONS)?;
    Ok(migrations.iter().map(|migration| migration.name().version().to_string()).collect())
}

pub(super) async fn run(connector: &Connector, versions: &[String]) -> Result<(), PortError> {
    let mut attempt = 1;
    loop {
        let conn = connector.establish().await.map_err(unavailable)?;
        // The harness blocks its thread; the runtime has others.
        match run_pending(&mut AsyncMigrationHarness::new(conn), MIGRATIONS, versions) {
            Ok(applied) => {
                tracing::info!(applied, "the database's tables are up to date");
                return Ok(());
            }
            Err(error) if attempt < ATTEMPTS && is_race(&error.to_string()) => attempt += 1,
            Err(error) => return Err(failed(error)),
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Whether another process may have run the same migration in the meantime.
fn is_race(message: &str) -> bool {
    let signs = [
        "is locked",
        "UNIQUE constraint failed: __diesel_schema_migrations",
        "duplicate column name",
        "already exists",
    ];
    signs.iter().any(|sign| message.contains(sign))
}

#[cfg(test)]
mod tests {
    use diesel::connection::SimpleConnection as _;
    use diesel::{Connection as _, SqliteConnection};

    use super::*;

    #[test]
    fn what_another_process_has_migrated_is_a_race_and_what_is_wrong_is_not() {
        let mut conn = SqliteConnection::establish(":memory:").unwrap();
        let mut refused = |sql: &str| conn.batch_execute(sql).unwrap_err().to_string();
        for sql in [
            "CREATE TABLE one (id INTEGER); CREATE TABLE one (id INTEGER)",
            "CREATE INDEX two ON one (id); CREATE INDEX two ON one (id)",
            "ALTER TABLE one ADD COLUMN note TEXT; ALTER TABLE one ADD COLUMN note TEXT",
            "CREATE TABLE __diesel_schema_migrations (version TEXT PRIMARY KEY NOT NULL); \
             INSERT INTO __diesel_schema_migrations VALUES ('1'), ('1')",
        ] {
            let message = refused(sql);
            assert!(is_race(&message), "{message}");
        }
        for sql in
            ["CREATE TABLE", "ALTER TABLE three ADD COLUMN note TEXT", "INSERT INTO one (id) VALUES (1, 2)"]
        {
            let message = refused(sql);
            assert!(!is_race(&message), "{message}");
        }
    }
}
