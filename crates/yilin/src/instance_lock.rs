//! One service per SQLite database.
//!
//! A service keeps in memory which sessions were ended and which calls are under way, and takes its
//! data folder for its own. So a second one on the same database is refused. Commands take no lock:
//! what they do is safe beside a running service.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

/// Why the service does not get the database for itself.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Another service has it.
    #[error(
        "另一个 yilin 服务正在使用此数据库（{} 已加锁）；SQLite 只供一个实例使用，多个实例请用 MariaDB 或 MySQL / another \
         yilin service is using this database ({} is locked): SQLite is for one instance, use MariaDB or MySQL for several",
        .path.display(), .path.display()
    )]
    Taken {
        /// The file that is locked.
        path: PathBuf,
    },
    /// The file cannot be made or locked.
    #[error("无法加锁 / cannot lock {} (YILIN_DATA_DIR, YILIN_DATABASE_URL)", .path.display())]
    Failed {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

/// The right to serve from a SQLite database. The operating system takes it back when the process
/// ends, however that ends; the file stays.
#[derive(Debug)]
pub(crate) struct InstanceLock(#[expect(dead_code, reason = "it is held, not used")] File);

impl InstanceLock {
    /// Takes the lock of the database in this file, or fails at once.
    pub(crate) fn take(database: &Path) -> Result<Self, LockError> {
        let path = lock_file(database);
        let failed = |source| LockError::Failed { path: path.clone(), source };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        // A file of its own: closing any handle of the database file would end SQLite's own locks on it.
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

/// Beside the database, under whatever name that was reached.
fn lock_file(database: &Path) -> PathBuf {
    let mut path = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned()).into_os_string();
    path.push(".lock");
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_has_one_lock_whatever_it_is_called() {
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
        assert!(InstanceLock::take(&link).is_ok(), "the file that stays is no lock");
    }
}
