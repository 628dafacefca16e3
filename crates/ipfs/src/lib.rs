//! File stores: adapters of the file port.
//!
//! * [`EmbeddedStore`] stores files in a folder, under the CID that `ipfs add` prints for them.
//! * [`KuboStore`] adds them to a Kubo node, with such a folder as its queue.
//! * `unixfs` computes the CID while the bytes stream through.

mod embedded;
mod kubo;
mod unixfs;

pub use embedded::{EmbeddedStore, OpenStoreError};
pub use kubo::{HandOverError, InvalidNodeUrl, KuboOptions, KuboStore, NodeError, OpenKuboError, TimeLimits};
pub use unixfs::CidHasher;
