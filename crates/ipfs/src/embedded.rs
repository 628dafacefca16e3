//! Files in a local folder, named by CID.

use std::fs::{self, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
#[cfg(target_os = "linux")]
use rustix::fs::{Advice, fadvise};
use tempfile::NamedTempFile;
use tokio::io::AsyncReadExt as _;
use tokio::task::JoinHandle;
use yilin_domain::file::{ContentId, Pinning, StoredFile};
use yilin_domain::port::{AddFileError, ByteStream, FileStore, Part, PortError};

use crate::CidHasher;

/// Number of bytes of a file that are written at a time, while as many arrive.
const BATCH_BYTES: usize = 64 * 1024;

/// Number of bytes after which the disk begins to receive them, while more arrive: at the end of a large file its slowness would
/// be waited for again.
const STARTED_BYTES: u64 = 8 * 1024 * 1024;

/// Read size in bytes.
const READ_BYTES: usize = 64 * 1024;

/// Leftovers that cannot be locked are removed when nothing was written to them for longer than an upload can
/// pause.
const LEFTOVER_AGE: Duration = Duration::from_secs(60 * 60);

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
    /// Opens a store in this folder, creating it if necessary, and removes leftovers of uploads that were interrupted by the
    /// end of their process. Those of other instances are in progress: they are locked.
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
            match remove_leftover(&entry?.path()) {
                // It was completed, or removed by another instance.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                outcome => outcome?,
            }
        }
        Ok(())
    }

    /// A store that is only read: nothing in its folder is created or removed.
    pub fn read_only(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Whether it has this file, with this size and the content that its CID names. Reads it as a whole.
    pub fn has_whole(&self, cid: &ContentId, size: u64) -> io::Result<bool> {
        let mut file = match fs::File::open(self.path(cid)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened?,
        };
        if file.metadata()?.len() != size {
            return Ok(false);
        }
        let (mut hasher, mut buffer) = (CidHasher::new(), vec![0; READ_BYTES]);
        loop {
            let read = file.read(&mut buffer)?;
            match buffer.get(..read).filter(|bytes| !bytes.is_empty()) {
                Some(bytes) => hasher.update(bytes),
                None => return Ok(hasher.finish().is_ok_and(|found| found == *cid)),
            }
        }
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
        // In place of a file with the same name, which should have the same content, but may be damaged. Whoever reads that one
        // can finish.
        file.persist(&path)?;
        sync_folder(shard)?;
        sync_folder(&self.folder)
    }
}

/// Removes an incomplete file if no process is writing it. It stays locked meanwhile: see [`Incoming::create`].
fn remove_leftover(path: &Path) -> io::Result<()> {
    // A lock over a network needs a file that is open for writing.
    let opened = fs::File::options().write(true).open(path).map_err(TryLockError::Error);
    let locked = opened.and_then(|file| file.try_lock().map(|()| file));
    let is_leftover = match &locked {
        Ok(_) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(_)) => {
            matches!(fs::metadata(path)?.modified()?.elapsed(), Ok(age) if age > LEFTOVER_AGE)
        }
    };
    if is_leftover { fs::remove_file(path) } else { Ok(()) }
}

/// Runs blocking disk work on a blocking thread.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[async_trait]
impl FileStore for EmbeddedStore {
    /// A blocking thread is occupied only while a batch is written: there are few, and clients may be slow.
    async fn add(&self, mut content: ByteStream, limit: u64) -> Result<StoredFile, AddFileError> {
        let store = self.clone();
        let mut writing = tokio::task::spawn_blocking(move || Incoming::create(&store));
        let mut size: u64 = 0;
        let mut is_complete = false;
        while !is_complete {
            let (mut batch, mut length) = (Vec::new(), 0);
            while length < BATCH_BYTES {
                let Some(piece) = content.next().await else {
                    is_complete = true;
                    break;
                };
                let bytes = piece.map_err(AddFileError::Interrupted)?;
                size = size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                if size > limit {
                    return Err(AddFileError::TooLarge { limit });
                }
                length += bytes.len();
                batch.push(bytes);
            }
            // The next batch arrives while this one is written.
            let mut file = written(writing).await?;
            writing = tokio::task::spawn_blocking(move || {
                file.append(&batch)?;
                Ok(file)
            });
        }
        let (file, store) = (written(writing).await?, self.clone());
        let cid = blocking(move || file.keep_in(&store)).await.map_err(failed)?;
        Ok(StoredFile { cid, size })
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

/// A file that arrives; removed unless it is kept.
struct Incoming {
    file: NamedTempFile,
    hasher: CidHasher,
    /// Number of bytes written so far.
    length: u64,
    /// Number of those that the disk receives or has received.
    started: u64,
}

impl Incoming {
    /// The file is locked as long as it is open, so that an instance that starts can tell it from a leftover. One that starts
    /// just now may have locked it first, and have removed it.
    fn create(store: &EmbeddedStore) -> io::Result<Self> {
        loop {
            let file = NamedTempFile::new_in(store.incoming())?;
            // Where files cannot be locked, only their age tells leftovers.
            let is_locked = file.as_file().lock().is_ok();
            if !is_locked || file.path().try_exists()? {
                return Ok(Self { file, hasher: CidHasher::new(), length: 0, started: 0 });
            }
        }
    }

    fn append(&mut self, batch: &[Bytes]) -> io::Result<()> {
        for bytes in batch {
            self.file.write_all(bytes)?;
            self.hasher.update(bytes);
            self.length += u64::try_from(bytes.len()).map_err(io::Error::other)?;
        }
        self.start_writing();
        Ok(())
    }

    /// Has the kernel write to the disk what it holds of the file, without waiting for it. By itself it begins when a tenth of
    /// the memory is to be written, or after half a minute.
    fn start_writing(&mut self) {
        let waiting = self.length - self.started;
        if waiting < STARTED_BYTES {
            return;
        }
        // What is not needed again soon is written at once. Only a hint: the sync at the end reports what cannot be written.
        #[cfg(target_os = "linux")]
        fadvise(self.file.as_file(), self.started, NonZeroU64::new(waiting), Advice::DontNeed)
            .unwrap_or_default();
        self.started = self.length;
    }

    fn keep_in(self, store: &EmbeddedStore) -> io::Result<ContentId> {
        let cid = self
            .hasher
            .finish()
            .map_err(|problem| io::Error::other(format!("cannot compute the CID: {problem:?}")))?;
        store.keep(self.file, &cid)?;
        Ok(cid)
    }
}

async fn written(writing: JoinHandle<io::Result<Incoming>>) -> Result<Incoming, PortError> {
    writing.await.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(failed)
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
