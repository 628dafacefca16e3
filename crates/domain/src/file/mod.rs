//! Files: their identity (the CID), how records name them, and the links that let people read
//! them for a while.

mod cid;
mod link;
mod pin;
mod reference;

pub use cid::ContentId;
pub use link::{FileLinks, FileToken};
pub use pin::{NodeStatus, Pin, PinBacklog, PinStatus, Pinning};
pub use reference::{FileMention, FileReference};

use crate::account::AccountUuid;
use crate::time::Timestamp;

/// What a file store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// The content's identity.
    pub cid: ContentId,
    /// How many bytes it has.
    pub size: u64,
}

/// An upload that has been stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The content's identity.
    pub cid: ContentId,
    /// How many bytes it has.
    pub size: u64,
    /// Who sent it.
    pub by: AccountUuid,
    /// When.
    pub at: Timestamp,
}
