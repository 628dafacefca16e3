//! Pinning of files by the IPFS node.

use super::StoredFile;
use crate::time::Timestamp;

/// Whether the hospital's IPFS node has a file yet. The terms are those of the IPFS Pinning Service API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinStatus {
    /// In an instance's spool until the node accepts it.
    Queued,
    /// Stored and pinned by the node.
    Pinned,
}

/// A file that the IPFS node has or will get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The file.
    pub file: StoredFile,
    /// Its pin status.
    pub status: PinStatus,
}

/// Files queued for the IPFS node, over all instances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PinBacklog {
    /// Number of files.
    pub files: u64,
    /// Total size in bytes.
    pub bytes: u64,
    /// When the oldest of them was queued.
    pub since: Option<Timestamp>,
}

/// Status of the IPFS node.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum NodeStatus {
    /// Not checked yet.
    #[default]
    Unknown,
    /// It accepts files.
    Ready,
    /// It is unreachable or returns invalid responses.
    Unavailable,
    /// It belongs to the public network, so it gets no files.
    Public,
}

/// Pinning status of a file store backed by an IPFS node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pinning {
    /// Status of the node.
    pub node: NodeStatus,
    /// Files queued for it.
    pub backlog: PinBacklog,
}
