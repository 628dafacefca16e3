//! File stores: the port to files.
//!
//! * [`EmbeddedStore`] keeps files in a folder, under the CID that `ipfs add` prints for them.
//! * `unixfs` computes that CID while the bytes stream through.

mod embedded;
mod unixfs;

pub use embedded::{EmbeddedStore, OpenStoreError};
pub use unixfs::CidHasher;
