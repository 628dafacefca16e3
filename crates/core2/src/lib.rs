//! Replaces `core2` 0.4, all releases of which were yanked from the registry, while `multiaddr` 0.17 (a
//! dependency of the IPFS client) still requires it. With `std`, `core2` only re-exports the standard
//! library; these are the items its users here need.

pub use std::io;

/// Errors.
pub mod error {
    pub use std::error::Error;
}
