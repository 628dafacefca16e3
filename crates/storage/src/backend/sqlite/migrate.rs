//! Migrations.

use std::time::Duration;

use diesel_async::AsyncMigrationHarness;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use yilin_domain::port::PortError;

use super::Connector;
use crate::error::{failed, unavailable};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");

/// Number of attempts while another process migrates the same file. Every migration can be repeated.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

pub(super) async fn run(connector: &Connector) -> Result<(), PortError> {
    let mut attempt = 1;
    loop {
        let conn = connector.establish().await.map_err(unavailable)?;
        // The harness blocks its thread; the runtime has others.
        match AsyncMigrationHarness::new(conn)
            .run_pending_migrations(MIGRATIONS)
            .map(|versions| versions.len())
        {
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

fn is_race(message: &str) -> bool {
    message.contains("is locked") || message.contains("UNIQUE constraint failed: __diesel_schema_migrations")
}
