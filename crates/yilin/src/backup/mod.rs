//! Backups: one archive with every row, every file and the secrets.
//!
//! An archive is a tar in zstd, written and read as a stream:
//!
//! 1. `yilin-backup.json`, the [`Header`]: format, version, and how the tables look,
//! 2. `tables/NAME/000000.jsonl` and so on: a JSON array a row, in chunks, because tar wants sizes first,
//! 3. `secrets/…` and `settings/…`,
//! 4. `files/CID`, or `file-list/000000.txt` where the files are in the folder beside the archive,
//! 5. `manifest.json`, the [`Manifest`]: what there must be, and a digest of it all.
//!
//! The rows are those of one moment. Files are read after that moment and are never changed or removed, so no row names a
//! file that came too late.

mod cells;
mod file_reader;
mod format;
mod keep;
mod make;
mod read;
mod restore;
mod verify;
mod write;

pub(crate) use keep::{Keep, prune};
pub(crate) use make::{Backup, BackupError, Made, Target, files_of_row};
pub(crate) use restore::{Restore, RestoreError};
pub(crate) use verify::verify;

use cells::parse_row;
use file_reader::FileReader;
use format::{Files, Header, Manifest, TableShape};
use read::{Entry, each_entry};
use verify::Verified;
use write::{ArchiveWriter, TableWriter};

/// The format that this version writes. Older ones can be read.
pub(crate) const FORMAT: u32 = 1;

/// Why an archive is not restored.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// It cannot be read, which is what damaged compressed data come to.
    #[error("备份损坏或不完整 / the backup is damaged or not whole")]
    Read(#[from] std::io::Error),
    /// Something in it is not what it was.
    #[error("备份损坏 / the backup is damaged: {what}")]
    Damaged {
        /// What.
        what: String,
    },
    /// Files beside it are not there, or not what they were.
    #[error(
        "备份旁的文件夹缺少文件或文件损坏（{number} 个）；删除损坏的文件后，下一次备份会重新复制 / {number} files are missing or damaged \
         in the folder beside the backup; delete a damaged one, and the next backup copies it again: {first}"
    )]
    FilesBeside {
        /// How many.
        number: usize,
        /// One of them.
        first: String,
    },
    /// A newer version made it.
    #[error(
        "备份由更新的版本创建（{version}），请使用新版本 / a newer version ({version}) made the backup: use that"
    )]
    Newer {
        /// Which.
        version: String,
    },
    /// It is no backup of ours.
    #[error("不是 yilin 的备份文件 / not a backup of yilin's")]
    NotOurs,
}

impl ArchiveError {
    pub(crate) fn damaged(what: impl Into<String>) -> Self {
        /// Of a text from the archive, as much as tells which entry it is.
        const SHOWN: usize = 200;
        let what: String = what.into().chars().take(SHOWN).collect();
        Self::Damaged { what: what.escape_debug().to_string() }
    }

    /// An error if any of the files with these CIDs is not beside the archive as it was.
    pub(crate) fn ensure_none_lost(lost: &[String]) -> Result<(), Self> {
        match lost.first() {
            None => Ok(()),
            Some(first) => Err(Self::FilesBeside { number: lost.len(), first: first.clone() }),
        }
    }
}
