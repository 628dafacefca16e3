//! `yilin backup`.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use yilin_domain::audit::AuditAction;
use yilin_domain::port::Clock as _;
use yilin_domain::time::Timestamp;
use yilin_ipfs::EmbeddedStore;

use crate::audit::record_command;
use crate::backup::{Backup, BackupError, Keep, Made, Target, prune};
use crate::error::StartError;
use crate::output::tell;
use crate::parts::{FILES_FOLDER, Parts};
use crate::secret::signing_secret;
use crate::settings::Settings;
use crate::text::in_background;

/// Where a backup goes.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct BackupArguments {
    /// 新文件、文件夹（文件增量复制）或 -（标准输出） / a file, a folder (incremental), or - for a pipe
    #[arg(value_name = "FILE|FOLDER|-", default_value = ".")]
    target: PathBuf,
    /// 文件夹中保留的备份：日,周,月 / with a folder, how many are kept: days, weeks, months
    #[arg(long, value_name = "7,5,12")]
    keep: Option<Keep>,
}

/// Writes every row, every file and the secrets into an archive, while the service runs.
pub(crate) async fn backup(settings: &Settings, arguments: &BackupArguments) -> Result<(), StartError> {
    let opened = Parts::open(settings).await?;
    let made_at = opened.clock.now();
    let target = target(arguments, made_at)?;
    record_command(settings, &opened, "backup", AuditAction::Read, ("database", String::new())).await?;
    // One that was set is in the settings, which the archive has, too.
    let signing_secret = match settings.jwt_secret {
        Some(_) => None,
        None => Some(signing_secret(settings, &opened.storage, &*opened.random).await?),
    };
    let backup = Backup {
        url: settings.database.url(),
        files: opened.files(),
        runtime: opened.storage.runtime().clone(),
        signing_secret,
        settings: settings.files.clone(),
        made_at,
    };
    let pruned = arguments.keep.map(|keep| (keep, arguments.target.clone()));
    let made = in_background(move || {
        let made = backup.write(&target)?;
        if let Some((keep, folder)) = pruned {
            prune(&folder, keep).map_err(|source| BackupError::Write { path: folder, source })?;
        }
        Ok::<_, BackupError>(made)
    });
    tell(&made.await??)
}

fn target(arguments: &BackupArguments, made_at: Timestamp) -> Result<Target, BackupError> {
    let path = &arguments.target;
    if path.is_dir() {
        let folder = path.join(FILES_FOLDER);
        let files = if path == Path::new(".") { None } else { Some(EmbeddedStore::open(folder)?) };
        let archive = path.join(Keep::name_of(made_at.naive_utc()));
        return match files {
            Some(files) => Ok(Target::Folder { archive, files }),
            None => Ok(Target::File(archive)),
        };
    }
    if arguments.keep.is_some() {
        return Err(BackupError::KeepWithoutFolder);
    }
    if path == Path::new("-") {
        let is_terminal = std::io::stdout().is_terminal();
        return if is_terminal { Err(BackupError::Terminal) } else { Ok(Target::Output) };
    }
    if path.exists() {
        Err(BackupError::Taken { path: path.clone() })
    } else {
        Ok(Target::File(path.clone()))
    }
}

fn tell(made: &Made) -> Result<(), StartError> {
    for (what, cids) in
        [("缺失 / missing", &made.manifest.missing), ("损坏 / damaged", &made.manifest.damaged)]
    {
        for cid in cids {
            tell!("{what}: {cid}");
        }
    }
    let rows: u64 = made.manifest.rows.iter().map(|(_, rows)| rows).sum();
    let (files, bytes) = (made.manifest.files, indicatif::HumanBytes(made.manifest.bytes));
    // Standard output may be the backup itself.
    tell!("已备份 / backed up: {rows} 行 rows, {files} 个文件 files ({bytes}) -> {}", made.place);
    let (missing, damaged) = (made.manifest.missing.len(), made.manifest.damaged.len());
    if missing + damaged == 0 { Ok(()) } else { Err(BackupError::Incomplete { missing, damaged }.into()) }
}
