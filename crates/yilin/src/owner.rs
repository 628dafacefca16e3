//! Commands of root's on the data folder of the service's user.
//!
//! SQLite makes files beside the database, and backups, imports and secrets make others. Made by root, they would be
//! out of the service's reach. So root becomes the folder's owner before anything is opened.

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Root could not become the data folder's owner.
#[derive(Debug, thiserror::Error)]
#[error("无法切换为数据文件夹的所有者 / cannot become the owner of the data folder {}", .folder.display())]
pub(crate) struct OwnerError {
    folder: PathBuf,
    source: io::Error,
}

/// Starts this program anew as the folder's owner if root runs it and the folder is another user's.
pub(crate) fn become_owner(folder: &Path) -> Result<(), OwnerError> {
    let Ok(metadata) = folder.metadata() else { return Ok(()) };
    if !rustix::process::geteuid().is_root() || metadata.uid() == 0 {
        return Ok(());
    }
    let failed = |source| OwnerError { folder: folder.to_owned(), source };
    let program = std::env::current_exe().map_err(failed)?;
    let mut again = Command::new(program);
    again.args(std::env::args_os().skip(1)).uid(metadata.uid()).gid(metadata.gid());
    // It returns only if it failed.
    Err(failed(again.exec()))
}
