//! Stands in for `core2` 0.4, every release of which was withdrawn from the registry, while
//! `multiaddr` 0.17 (of the IPFS client) still asks for it. With the standard library at hand
//! `core2` was never more than another name for the library's own items; these are all that its
//! users here name.

pub use std::io;

/// Errors.
pub mod error {
    pub use std::error::Error;
}
