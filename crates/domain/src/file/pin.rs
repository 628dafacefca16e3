use super::StoredFile;
use crate::time::Timestamp;

/// Whether the IPFS node that keeps our files has a file yet. The words are those of the IPFS
/// Pinning Service API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PinStatus {
    /// It waits on an instance's disk until the node takes it.
    Queued,
    /// The node has it, and keeps it.
    Pinned,
}

/// A file that the IPFS node has, or is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The file.
    pub file: StoredFile,
    /// Whether the node has it.
    pub status: PinStatus,
}

/// The files that wait for the IPFS node, over all instances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PinBacklog {
    /// How many.
    pub files: u64,
    /// How many bytes they have together.
    pub bytes: u64,
    /// Since when the first of them has been waiting.
    pub since: Option<Timestamp>,
}

/// How the IPFS node that keeps our files is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum NodeStatus {
    /// It was not asked yet.
    #[default]
    Unknown,
    /// It takes files.
    Ready,
    /// It does not answer, or not sensibly.
    Unavailable,
    /// It is part of the public network, so it gets no files.
    Public,
}

/// How a file store that hands its files to an IPFS node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pinning {
    /// The node.
    pub node: NodeStatus,
    /// What waits for it.
    pub backlog: PinBacklog,
}
