//! The signing secret of session tokens: generated once, shared by all instances, and never shown.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use yilin_domain::port::{PortError, Random};
use yilin_storage::Storage;

use crate::settings::{Database, Settings};
use crate::text::hexadecimal;

/// Name of the secret in the database.
const NAME: &str = "jwt";
/// Its file in the data folder.
const FILE: &str = "jwt-secret";
/// Minimum size in bytes.
const MIN_BYTES: usize = 32;

/// Why there is no signing secret.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretError {
    /// The file cannot be read or created.
    #[error("无法读写密钥文件 / cannot read or write the secret {}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The underlying error.
        source: std::io::Error,
    },
    /// The stored secret is too short to be valid.
    #[error("密钥 {place} 不足 32 字节，已损坏 / the secret {place} is damaged: it has fewer than 32 bytes")]
    TooShort {
        /// Its location.
        place: String,
    },
    /// The database failed.
    #[error(transparent)]
    Database(#[from] PortError),
}

/// The configured secret, or the one generated on first use.
pub(crate) async fn signing_secret(
    settings: &Settings,
    storage: &Storage,
    random: &dyn Random,
) -> Result<Vec<u8>, SecretError> {
    if let Some(secret) = &settings.jwt_secret {
        return Ok(secret.reveal().as_bytes().to_vec());
    }
    let candidate = random.bytes::<MIN_BYTES>();
    match &settings.database {
        Database::Sqlite(_) => {
            let path = secret_file(settings);
            get_or_create(&path, &candidate, random.bytes())
                .map_err(|source| SecretError::File { path: path.clone(), source })
                .and_then(|secret| long_enough(secret, || path.display().to_string()))
        }
        Database::Mysql(_) => {
            let secret = storage.secrets().get_or_insert(NAME, candidate.to_vec()).await?;
            long_enough(secret, || format!("{NAME} (database)"))
        }
    }
}

/// The file that the secret is in where the database is SQLite.
pub(crate) fn secret_file(settings: &Settings) -> PathBuf {
    settings.data_dir.join(FILE)
}

/// Gives another database the secret of the one that it takes the place of: with another one everybody would have to log
/// in again.
pub(crate) async fn hand_over(
    settings: &Settings,
    storage: &Storage,
    secret: &[u8],
) -> Result<(), SecretError> {
    match &settings.database {
        Database::Sqlite(_) => {
            let path = secret_file(settings);
            write(&path, secret).map_err(|source| SecretError::File { path: path.clone(), source })
        }
        Database::Mysql(_) => {
            storage.secrets().get_or_insert(NAME, secret.to_vec()).await?;
            Ok(())
        }
    }
}

/// Writes the file anew. Bytes that the file cannot hold, because it is read without white space around it, become
/// hexadecimal digits, which are another secret.
pub(crate) fn write(path: &Path, secret: &[u8]) -> std::io::Result<()> {
    let text = if secret.trim_ascii() == secret { secret.to_vec() } else { hexadecimal(secret).into_bytes() };
    let temporary = path.with_extension("new.tmp");
    let mut options = OpenOptions::new();
    let mut file = options.create(true).truncate(true).write(true).mode(0o600).open(&temporary)?;
    file.write_all(&text)?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

fn long_enough(secret: Vec<u8>, place: impl FnOnce() -> String) -> Result<Vec<u8>, SecretError> {
    if secret.len() < MIN_BYTES { Err(SecretError::TooShort { place: place() }) } else { Ok(secret) }
}

/// Reads the file, or creates it with the candidate. Of several concurrent processes one creates it: each
/// writes its candidate to a temporary file and links it into place, which only succeeds for the first, and
/// never exposes a partial file.
fn get_or_create(path: &Path, candidate: &[u8], suffix: [u8; 8]) -> std::io::Result<Vec<u8>> {
    match read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        found => return found,
    }
    let temporary = path.with_extension(format!("{:016x}.tmp", u64::from_be_bytes(suffix)));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&temporary)?;
    let linked = file
        .write_all(hexadecimal(candidate).as_bytes())
        .and_then(|()| file.sync_all())
        .and_then(|()| std::fs::hard_link(&temporary, path));
    std::fs::remove_file(&temporary)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        // The file's name must survive a power failure, too.
        _ => path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())?,
    }
    read(path)
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    if file.metadata()?.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "other users of this machine can read the secret: chmod 600 it");
    }
    let mut secret = Vec::new();
    file.read_to_end(&mut secret)?;
    Ok(secret.trim_ascii().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_created_once_and_only_readable_by_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let first = get_or_create(&path, &[1; 32], [1; 8]).unwrap();
        let second = get_or_create(&path, &[2; 32], [2; 8]).unwrap();
        assert_eq!(first, "01".repeat(32).as_bytes());
        assert_eq!(first, second);
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(folder.path().read_dir().unwrap().count(), 1, "nothing else is left behind");
    }

    #[test]
    fn concurrent_processes_agree_on_one_secret() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let secrets: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..16)
                .map(|i| {
                    scope.spawn({
                        let path = &path;
                        move || get_or_create(path, &[i; 32], [i; 8]).unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|secret| *secret == secrets[0] && secret.len() == 64));
    }

    #[test]
    fn a_damaged_secret_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        std::fs::write(&path, "short\n").unwrap();
        let secret = get_or_create(&path, &[1; 32], [1; 8]).unwrap();
        assert!(matches!(long_enough(secret, String::new), Err(SecretError::TooShort { .. })));
    }
}
