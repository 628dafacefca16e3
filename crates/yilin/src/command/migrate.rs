//! `yilin migrate`.

use yilin_storage::SchemaState;

use super::move_database;
use crate::cli::MigrateArguments;
use crate::error::StartError;
use crate::output::say;
use crate::parts::{database_error, open_storage};
use crate::settings::Settings;

/// Brings the database's tables up to date, only tells whether they are, or moves everything to
/// another database.
pub(crate) async fn migrate(settings: &Settings, arguments: MigrateArguments) -> Result<(), StartError> {
    if let Some(from) = arguments.from {
        return move_database(settings, from, arguments.to.unwrap_or_else(|| settings.database.clone()))
            .await;
    }
    let storage = open_storage(settings).await?;
    let failed = |source| database_error(settings, source);
    match storage.schema_state().await.map_err(failed)? {
        SchemaState::Current => say!("表已是最新 / the tables are up to date"),
        SchemaState::Unfinished => return Err(StartError::UnfinishedMove),
        SchemaState::Newer { unknown } => return Err(StartError::NewerTables { unknown }),
        SchemaState::Empty | SchemaState::Older { .. } if arguments.check => {
            return Err(StartError::OlderTables);
        }
        SchemaState::Empty | SchemaState::Older { .. } => {
            storage.migrate().await.map_err(failed)?;
            say!("表已升级 / the tables have been brought up to date");
        }
    }
    Ok(())
}
