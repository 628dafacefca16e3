//! File stores: the port to files.
//!
//! * [`EmbeddedStore`] keeps files in a folder, under the CID that `ipfs add` prints for them.
//! * [`KuboStore`] hands them to a Kubo node, and keeps those that wait for it in such a folder.
//! * `unixfs` computes that CID while the bytes stream through.

mod embedded;
mod kubo;
mod unixfs;

pub use embedded::{EmbeddedStore, OpenStoreError};
pub use kubo::{HandOverError, InvalidNodeUrl, KuboOptions, KuboStore, NodeError, OpenKuboError, TimeLimits};
pub use unixfs::CidHasher;
