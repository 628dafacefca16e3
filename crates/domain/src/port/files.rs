//! The file ports: contents, who uploaded them, and which are pinned.

use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;

use super::PortError;
use crate::account::AccountUuid;
use crate::file::{ContentId, Pin, PinBacklog, PinStatus, Pinning, StoredFile, Upload};
use crate::time::Timestamp;

/// A file's bytes as they come. An error means that no more will come and what came is not the
/// whole file.
pub type ByteStream = BoxStream<'static, Result<Bytes, std::io::Error>>;

/// Why a file was not stored.
#[derive(Debug, thiserror::Error)]
pub enum AddFileError {
    /// It has more bytes than allowed.
    #[error("the file has more than {limit} bytes")]
    TooLarge {
        /// The most bytes a file may have.
        limit: u64,
    },
    /// The sender did not send all of it.
    #[error("the file did not arrive whole")]
    Interrupted(#[source] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Stores files by their content.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Stores the bytes, and gives the CID that `ipfs add` prints for them with its defaults. The
    /// same bytes twice are stored once. A file of more than `limit` bytes, or one that ends in an
    /// error, leaves nothing behind, least of all a truncated file under a CID.
    async fn add(&self, content: ByteStream, limit: u64) -> Result<StoredFile, AddFileError>;

    /// How many bytes the content has; `None` if it was never added here, even if the network has it.
    async fn size(&self, cid: &ContentId) -> Result<Option<u64>, PortError>;

    /// The content's bytes in this range, cut to its size; `None` if it was never added here.
    async fn read(&self, cid: &ContentId, range: Range<u64>) -> Result<Option<ByteStream>, PortError>;

    /// How many bytes are free on the disk that new files are written to.
    async fn free_space(&self) -> Result<u64, PortError>;

    /// How the IPFS node that it hands files to stands; `None` for a store that keeps them itself.
    async fn pinning(&self) -> Result<Option<Pinning>, PortError>;
}

/// Remembers who uploaded what.
#[async_trait]
pub trait UploadRepository: Send + Sync {
    /// Remembers an upload. The same account may upload the same content again.
    async fn record(&self, upload: &Upload) -> Result<(), PortError>;

    /// Whether this account has uploaded this content.
    async fn has_uploaded(&self, account: AccountUuid, cid: &ContentId) -> Result<bool, PortError>;
}

/// Remembers which files the IPFS node has and which still wait for it. Whatever is not remembered
/// here is never asked of the node.
#[async_trait]
pub trait PinRepository: Send + Sync {
    /// Remembers that a file waits, since then, and gives how it stands: one that waits already or
    /// is pinned stays as it is.
    async fn queue(&self, file: &StoredFile, at: Timestamp) -> Result<PinStatus, PortError>;

    /// Remembers that the node has a file, whether it was waiting or not.
    async fn pinned(&self, file: &StoredFile, at: Timestamp) -> Result<(), PortError>;

    /// How the file with this CID stands; `None` if it was never added.
    async fn pin(&self, cid: &ContentId) -> Result<Option<Pin>, PortError>;

    /// How much is waiting, on all instances together.
    async fn backlog(&self) -> Result<PinBacklog, PortError>;
}
