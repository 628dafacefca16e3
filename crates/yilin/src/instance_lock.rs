//! One service per SQLite database.
//!
//! A service keeps ended sessions and calls in progress in memory, and owns its data folder, so a second one
//! on the same database is rejected. Commands take no lock: they are safe beside a running service.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Why the lock could not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Another service holds it.
    #[error(
        "另一个 yilin 服务正在使用此数据库（{} 已加锁）；SQLite 只供一个实例使用，多个实例请用 MariaDB 或 MySQL / another \
         yilin service is using this database ({} is locked): SQLite is for one instance, use MariaDB or MySQL for several",
        .path.display(), .path.display()
    )]
    Taken {
        /// The locked file.
        path: PathBuf,
    },
    /// The file cannot be created or locked.
    #[error("无法加锁 / cannot lock {} (YILIN_DATA_DIR, YILIN_DATABASE_URL)", .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// The underlying error.
        source: std::io::Error,
    },
}

/// The exclusive right to serve from a SQLite database. The operating system releases it when the process
/// ends; the file remains.
#[derive(Debug)]
pub(crate) struct InstanceLock(#[expect(dead_code, reason = "it is held, not used")] File);

impl InstanceLock {
    /// Takes the lock of this database file, or fails immediately.
    pub(crate) fn take(database: &Path) -> Result<Self, LockError> {
        let path = lock_file(database);
        let failed = |source| LockError::Failed { path: path.clone(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        // A separate file: closing any handle of the database file would release SQLite's own locks on it.
        let mut options = OpenOptions::new();
        let file =
            options.create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self(file)),
            Err(TryLockError::WouldBlock) => Err(LockError::Taken { path }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

/// Beside the database file, after resolving links.
fn lock_file(database: &Path) -> PathBuf {
    let mut path = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned()).into_os_string();
    path.push(".lock");
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_has_one_lock_under_any_path() {
        let folder = tempfile::tempdir().unwrap();
        let (database, link) = (folder.path().join("data/yilin.db"), folder.path().join("link.db"));
        let first = InstanceLock::take(&database).unwrap();
        std::fs::write(&database, "").unwrap();
        std::os::unix::fs::symlink(&database, &link).unwrap();
        for path in [&database, &link] {
            let refused = InstanceLock::take(path).unwrap_err();
            assert!(matches!(&refused, LockError::Taken { path } if path.ends_with("yilin.db.lock")));
        }
        assert!(InstanceLock::take(&folder.path().join("data/other.db")).is_ok());
        drop(first);
        assert!(InstanceLock::take(&link).is_ok(), "the remaining file is not a lock");
    }
}
