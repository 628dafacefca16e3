//! Files in a local folder, named by CID.

use std::fs;
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tempfile::NamedTempFile;
use tokio::io::AsyncReadExt as _;
use tokio::sync::mpsc;
use yilin_domain::file::{ContentId, Pinning, StoredFile};
use yilin_domain::port::{AddFileError, ByteStream, FileStore, Part, PortError};

use crate::CidHasher;

/// Maximum number of chunks of a file queued for the disk.
const WAITING_PIECES: usize = 8;

/// Read size in bytes.
const READ_BYTES: usize = 64 * 1024;

/// Leftovers of crashes are removed when they are older than any upload can take.
const LEFTOVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// Error of opening a store.
#[derive(Debug, thiserror::Error)]
#[error("the file store's folder {folder} cannot be used")]
pub struct OpenStoreError {
    /// The folder.
    folder: PathBuf,
    /// The underlying error.
    source: io::Error,
}

/// Stores files in a folder, each under its CID. Instances may share the folder.
#[derive(Debug, Clone)]
pub struct EmbeddedStore {
    folder: PathBuf,
}

impl EmbeddedStore {
    /// Opens a store in this folder, creating it if necessary, and removes leftovers of uploads that a crash
    /// interrupted.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, OpenStoreError> {
        let store = Self { folder: folder.into() };
        match store.prepare() {
            Ok(()) => Ok(store),
            Err(source) => Err(OpenStoreError { folder: store.folder, source }),
        }
    }

    fn prepare(&self) -> io::Result<()> {
        fs::create_dir_all(self.incoming())?;
        for entry in fs::read_dir(self.incoming())? {
            let entry = entry?;
            let age = entry.metadata().and_then(|metadata| metadata.modified()).map(|at| at.elapsed());
            if matches!(age, Ok(Ok(age)) if age > LEFTOVER_AGE) {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// The CIDs of at most `at_most` of its files, in no particular order.
    pub async fn list(&self, at_most: usize) -> io::Result<Vec<ContentId>> {
        let folder = self.folder.clone();
        blocking(move || {
            let mut cids = Vec::new();
            for shard in fs::read_dir(&folder)? {
                let shard = shard?;
                if cids.len() < at_most && shard.file_type()?.is_dir() {
                    for file in fs::read_dir(shard.path())? {
                        // Other names are not ours, or belong to incomplete uploads.
                        cids.extend(file?.file_name().to_str().and_then(|name| ContentId::parse(name).ok()));
                    }
                }
            }
            cids.truncate(at_most);
            Ok(cids)
        })
        .await
    }

    /// Opens a file for reading from its start.
    pub(crate) async fn open_file(&self, cid: &ContentId) -> io::Result<tokio::fs::File> {
        tokio::fs::File::open(self.path(cid)).await
    }

    /// Removes a file if it exists. Open readers can finish.
    pub(crate) async fn remove(&self, cid: &ContentId) -> io::Result<()> {
        match tokio::fs::remove_file(self.path(cid)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The folder of incomplete uploads.
    fn incoming(&self) -> PathBuf {
        self.folder.join("incoming")
    }

    /// The path of a file: sharded over many folders by the end of its CID, because all CIDs start alike.
    fn path(&self, cid: &ContentId) -> PathBuf {
        let cid = cid.as_str();
        let shard = cid.get(cid.len().saturating_sub(2)..).unwrap_or_default();
        self.folder.join(shard).join(cid)
    }

    /// Moves a complete file into place. It is synced before it is named, so that any named file is complete,
    /// also after a power failure.
    fn keep(&self, file: NamedTempFile, cid: &ContentId) -> io::Result<()> {
        file.as_file().sync_all()?;
        let path = self.path(cid);
        let shard = path.parent().unwrap_or(&self.folder);
        fs::create_dir_all(shard)?;
        match file.persist_noclobber(&path) {
            Ok(_) => {}
            // The same content is already stored.
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.error),
        }
        sync_folder(shard)?;
        sync_folder(&self.folder)
    }
}

/// Runs blocking disk work on a blocking thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Messages to the writing thread.
enum Chunk {
    Bytes(Bytes),
    /// The file is complete. If the channel closes without it, the upload was aborted.
    End,
}

#[async_trait]
impl FileStore for EmbeddedStore {
    async fn add(&self, mut content: ByteStream, limit: u64) -> Result<StoredFile, AddFileError> {
        let (pieces, received) = mpsc::channel(WAITING_PIECES);
        let store = self.clone();
        let writing = tokio::task::spawn_blocking(move || store.write(received));
        let mut size: u64 = 0;
        while let Some(piece) = content.next().await {
            let bytes = piece.map_err(AddFileError::Interrupted)?;
            size = size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            if size > limit {
                return Err(AddFileError::TooLarge { limit });
            }
            if pieces.send(Chunk::Bytes(bytes)).await.is_err() {
                // The writer has failed; its error is returned below.
                break;
            }
        }
        let _gave_up = pieces.send(Chunk::End).await.is_err();
        match writing.await {
            Ok(Ok(Some(cid))) => Ok(StoredFile { cid, size }),
            Ok(Ok(None)) => Err(failed(io::Error::from(io::ErrorKind::UnexpectedEof)).into()),
            Ok(Err(error)) => Err(failed(error).into()),
            Err(error) => Err(failed(io::Error::other(error)).into()),
        }
    }

    async fn size(&self, cid: &ContentId) -> Result<Option<u64>, PortError> {
        match tokio::fs::metadata(self.path(cid)).await {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    async fn free_space(&self) -> Result<u64, PortError> {
        let folder = self.incoming();
        // Free for unprivileged users: the file system reserves some space for root.
        let free = move || {
            let disk = rustix::fs::statvfs(&folder)?;
            Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
        };
        blocking(free).await.map_err(failed)
    }

    async fn pinning(&self) -> Result<Option<Pinning>, PortError> {
        Ok(None)
    }

    async fn read(&self, cid: &ContentId, range: Range<u64>) -> Result<Option<ByteStream>, PortError> {
        let path = self.path(cid);
        let opened = blocking(move || {
            let mut file = fs::File::open(path)?;
            file.seek(SeekFrom::Start(range.start))?;
            Ok((file, range.end.saturating_sub(range.start)))
        });
        let (file, length) = match opened.await {
            Ok((file, length)) => (tokio::fs::File::from_std(file), length),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let pieces = stream::try_unfold(file.take(length), |mut file| async move {
            let mut buffer = bytes::BytesMut::with_capacity(READ_BYTES);
            let read = file.read_buf(&mut buffer).await?;
            Ok((read > 0).then(|| (buffer.freeze(), file)))
        });
        Ok(Some(pieces.boxed()))
    }
}

impl EmbeddedStore {
    /// Writes the chunks as they arrive; returns the CID once the file is in place, or `None` if the upload
    /// was aborted. Incomplete files are removed.
    fn write(&self, mut pieces: mpsc::Receiver<Chunk>) -> io::Result<Option<ContentId>> {
        let mut file = NamedTempFile::new_in(self.incoming())?;
        let mut hasher = CidHasher::new();
        while let Some(piece) = pieces.blocking_recv() {
            match piece {
                Chunk::Bytes(bytes) => {
                    file.write_all(&bytes)?;
                    hasher.update(&bytes);
                }
                Chunk::End => {
                    let cid = hasher.finish().map_err(|problem| {
                        io::Error::other(format!("cannot compute the CID: {problem:?}"))
                    })?;
                    self.keep(file, &cid)?;
                    return Ok(Some(cid));
                }
            }
        }
        Ok(None)
    }
}

fn failed(error: io::Error) -> PortError {
    use io::ErrorKind::{PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull};
    let part = Part::FileStore;
    // Temporary until an operator frees space or repairs the folder; the caller may retry then.
    if matches!(error.kind(), StorageFull | QuotaExceeded | ReadOnlyFilesystem | PermissionDenied) {
        PortError::Unavailable { part, source: error.into() }
    } else {
        PortError::Failed { part, source: error.into() }
    }
}
