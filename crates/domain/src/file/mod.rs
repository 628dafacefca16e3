//! Files: their identity (the CID), references from records, and expiring links.

mod cid;
mod link;
mod link_token;
mod pin;
mod reference;

pub use cid::ContentId;
pub use link::{FileLinks, FileToken, LinkGrant, LinkedKind, LinkedRecord};
pub use pin::{NodeStatus, Pin, PinBacklog, PinStatus, Pinning};
pub use reference::{FileMention, FileReference};

use crate::account::AccountUuid;
use crate::time::Timestamp;

/// A file in a file store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// The content's identity.
    pub cid: ContentId,
    /// Size in bytes.
    pub size: u64,
}

/// A stored upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// The content's identity.
    pub cid: ContentId,
    /// Size in bytes.
    pub size: u64,
    /// The uploader.
    pub by: AccountUuid,
    /// Time of the upload.
    pub at: Timestamp,
}
