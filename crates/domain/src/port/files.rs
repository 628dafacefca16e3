//! The file ports: contents, uploads and pins.

use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;

use super::PortError;
use crate::account::AccountUuid;
use crate::audit::EntryDraft;
use crate::file::{ContentId, Pin, PinBacklog, PinStatus, Pinning, StoredFile, Upload};
use crate::time::Timestamp;

/// A file's bytes as they arrive. An error ends the stream: what has arrived is not the whole file.
pub type ByteStream = BoxStream<'static, Result<Bytes, std::io::Error>>;

/// Why a file was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AddFileError {
    /// It exceeds the size limit.
    #[error("the file has more than {limit} bytes")]
    TooLarge {
        /// The maximum size in bytes.
        limit: u64,
    },
    /// The upload was incomplete.
    #[error("the upload was incomplete")]
    Interrupted(#[source] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Stores files by their content.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Stores the bytes and returns the CID that `ipfs add` prints for them with its defaults. Identical
    /// content is stored once. A file of more than `limit` bytes, or one that ends in an error, leaves
    /// nothing behind, in particular no truncated file under a CID.
    async fn add(&self, content: ByteStream, limit: u64) -> Result<StoredFile, AddFileError>;

    /// The content's size in bytes; `None` if it was never added here, even if the network has it.
    async fn size(&self, cid: &ContentId) -> Result<Option<u64>, PortError>;

    /// The content's bytes in this range, clamped to its size; `None` if it was never added here.
    async fn read(&self, cid: &ContentId, range: Range<u64>) -> Result<Option<ByteStream>, PortError>;

    /// Free bytes on the disk that new files are written to.
    async fn free_space(&self) -> Result<u64, PortError>;

    /// Pinning status of the IPFS node behind the store; `None` for a store without one.
    async fn pinning(&self) -> Result<Option<Pinning>, PortError>;
}

/// Stores who uploaded which content.
#[async_trait]
pub trait UploadRepository: Send + Sync {
    /// Stores an upload. An account may upload the same content again.
    async fn record(&self, upload: &Upload, entry: Option<EntryDraft>) -> Result<(), PortError>;

    /// Whether this account has uploaded this content.
    async fn has_uploaded(&self, account: AccountUuid, cid: &ContentId) -> Result<bool, PortError>;
}

/// Stores which files the IPFS node has and which are queued for it. The node is never asked for a file not
/// recorded here.
#[async_trait]
pub trait PinRepository: Send + Sync {
    /// Records a file as queued since `at` and returns its status; a file already queued or pinned is
    /// unchanged.
    async fn queue(&self, file: &StoredFile, at: Timestamp) -> Result<PinStatus, PortError>;

    /// Records a file as pinned, whether it was queued or not.
    async fn pinned(&self, file: &StoredFile, at: Timestamp) -> Result<(), PortError>;

    /// The pin of the file with this CID; `None` if it was never added.
    async fn pin(&self, cid: &ContentId) -> Result<Option<Pin>, PortError>;

    /// The queue of all instances together.
    async fn backlog(&self) -> Result<PinBacklog, PortError>;
}
