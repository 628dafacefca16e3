//! `yilin restore`.

use std::path::{Path, PathBuf};

use yilin_storage::SchemaState;

use crate::backup::{ArchiveError, Restore, RestoreError, verify};
use crate::error::StartError;
use crate::instance_lock::InstanceLock;
use crate::output::{say, tell};
use crate::parts::{FILES_FOLDER, connect, create_data_dir, database_error, embedded_store, examine_server};
use crate::progress::Progress;
use crate::secret::secret_file;
use crate::settings::{Database, Settings};
use crate::text::in_background;

/// What is restored.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RestoreArguments {
    /// 备份文件 / the backup
    file: PathBuf,
    /// 只校验备份，不恢复 / only verify the backup
    #[arg(long)]
    verify: bool,
}

/// Restores a backup into a database that is empty or not there, after having read it as a whole.
pub(crate) async fn restore(settings: &Settings, arguments: &RestoreArguments) -> Result<(), StartError> {
    let archive = std::path::absolute(&arguments.file).unwrap_or_else(|_| arguments.file.clone());
    let verified = in_background({
        let archive = archive.clone();
        // Before a restore they are read once, when they are copied.
        let beside = arguments.verify.then(|| beside(&archive));
        move || {
            let progress = Progress::new("校验备份 verifying the backup");
            let (entries, total) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
            let verified = verify(&archive, beside.as_deref(), |bytes| {
                entries.set(entries.get() + 1);
                total.set(total.get() + bytes);
                progress.tell(entries.get(), total.get());
            });
            progress.end();
            verified
        }
    });
    let verified = verified.await?.map_err(RestoreError::from)?;
    let made_at = &verified.header.made_at;
    say!("备份完整 / the backup is whole: {made_at}, yilin {}", verified.header.version);
    if arguments.verify {
        return Ok(());
    }
    tell!("数据库 / database: {}", settings.describe_database());
    create_data_dir(settings)?;
    let _lock = match &settings.database {
        Database::Sqlite(path) => Some(InstanceLock::take(path)?),
        Database::Mysql(_) => None,
    };
    let failed = |source| database_error(settings, source);
    let storage = connect(settings)?;
    examine_server(settings, &storage).await?;
    match storage.schema_state().await.map_err(failed)? {
        SchemaState::Newer { unknown } => return Err(StartError::NewerTables { unknown }),
        SchemaState::Unfinished => return Err(StartError::UnfinishedMove),
        SchemaState::Empty | SchemaState::Older { .. } | SchemaState::Current => {}
    }
    // As old as the rows are; the rest of the migrations then takes them along.
    storage.migrate_to(&verified.header.migrations).await.map_err(failed)?;
    let restore = Restore {
        archive: archive.clone(),
        beside: beside(&archive),
        url: settings.database.url(),
        files: embedded_store(settings)?,
        secret_file: match &settings.database {
            Database::Sqlite(_) => Some(secret_file(settings)),
            Database::Mysql(_) => None,
        },
        runtime: storage.runtime().clone(),
        verified,
    };
    let restored = in_background(move || restore.run()).await??;
    storage.migrate().await.map_err(failed)?;
    say!(
        "已恢复 / restored: {} 行 rows, {} 个文件 files, {} 个文件已在原处 were there",
        restored.rows,
        restored.added,
        restored.there
    );
    ArchiveError::ensure_none_lost(&restored.lost).map_err(RestoreError::Incomplete)?;
    if settings.ipfs_api.is_some() {
        say!(
            "请运行 yilin files push 将文件添加到 Kubo 节点 / run `yilin files push` to add the files to the Kubo node"
        );
    }
    Ok(())
}

/// The folder of files beside an archive.
fn beside(archive: &Path) -> PathBuf {
    archive.parent().unwrap_or(Path::new("/")).join(FILES_FOLDER)
}
