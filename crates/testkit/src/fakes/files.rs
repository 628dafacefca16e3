//! An in-memory file store.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use ipld_core::cid::Version;
use rust_unixfs::file::adder::{BalancedCollector, Chunker, FileAdder};
use yilin_domain::file::{ContentId, Pinning, StoredFile};
use yilin_domain::port::{AddFileError, ByteStream, FileStore, Part, PortError};

/// Stores files in memory, under their true CIDs.
#[derive(Debug, Default)]
pub struct FakeFileStore {
    files: Mutex<HashMap<ContentId, Bytes>>,
    down: Mutex<bool>,
    pinning: Mutex<Option<Pinning>>,
    /// Disk capacity in bytes; `None` if unlimited.
    capacity: Mutex<Option<u64>>,
}

impl FakeFileStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every call fail, or succeed again.
    pub fn set_down(&self, down: bool) {
        *self.down.lock().unwrap_or_else(PoisonError::into_inner) = down;
    }

    /// Sets the pinning status that it reports, as a store backed by an IPFS node would.
    pub fn set_pinning(&self, pinning: Option<Pinning>) {
        *self.pinning.lock().unwrap_or_else(PoisonError::into_inner) = pinning;
    }

    /// Limits the disk capacity to this many bytes.
    pub fn set_capacity(&self, bytes: u64) {
        *self.capacity.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
    }

    /// Number of files stored.
    pub fn len(&self) -> usize {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether no files are stored.
    pub fn is_empty(&self) -> bool {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn check(&self) -> Result<(), PortError> {
        if *self.down.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(PortError::Unavailable { part: Part::FileStore, source: "the fake is down".into() });
        }
        Ok(())
    }

    fn get(&self, cid: &ContentId) -> Option<Bytes> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner).get(cid).cloned()
    }
}

#[async_trait]
impl FileStore for FakeFileStore {
    async fn add(&self, mut content: ByteStream, limit: u64) -> Result<StoredFile, AddFileError> {
        self.check()?;
        let mut bytes = Vec::new();
        while let Some(piece) = content.next().await {
            bytes.extend(piece.map_err(AddFileError::Interrupted)?);
            if bytes.len() as u64 > limit {
                return Err(AddFileError::TooLarge { limit });
            }
        }
        let (cid, size) = (cid_of(&bytes), bytes.len() as u64);
        self.files.lock().unwrap_or_else(PoisonError::into_inner).insert(cid.clone(), bytes.into());
        Ok(StoredFile { cid, size })
    }

    async fn size(&self, cid: &ContentId) -> Result<Option<u64>, PortError> {
        self.check()?;
        Ok(self.get(cid).map(|bytes| bytes.len() as u64))
    }

    async fn free_space(&self) -> Result<u64, PortError> {
        self.check()?;
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let used = files.values().map(|file| file.len() as u64).sum();
        let capacity = *self.capacity.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(capacity.unwrap_or(1 << 50).saturating_sub(used))
    }

    async fn pinning(&self) -> Result<Option<Pinning>, PortError> {
        self.check()?;
        Ok(*self.pinning.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn read(&self, cid: &ContentId, range: Range<u64>) -> Result<Option<ByteStream>, PortError> {
        self.check()?;
        let Some(bytes) = self.get(cid) else { return Ok(None) };
        let cut = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
        let (start, end) = (cut(range.start), cut(range.end));
        let part = bytes.slice(start..end.max(start));
        Ok(Some(stream::iter((!part.is_empty()).then_some(Ok(part))).boxed()))
    }
}

/// The CID that `ipfs add` prints for these bytes with Kubo's defaults.
pub(crate) fn cid_of(bytes: &[u8]) -> ContentId {
    let mut adder = FileAdder::builder()
        .with_cid_version(Version::V0)
        .with_raw_leaves(false)
        .with_chunker(Chunker::Size(262_144))
        .with_collector(BalancedCollector::with_branching_factor(174))
        .build();
    let (mut rest, mut root) = (bytes, None);
    while !rest.is_empty() {
        let (blocks, consumed) = adder.push(rest);
        root = blocks.last().map(|(cid, _)| cid).or(root);
        rest = &rest[consumed..];
    }
    let root = adder.finish().last().map(|(cid, _)| cid).or(root).expect("every file has a root");
    ContentId::parse(&root.to_string()).expect("a CID")
}
