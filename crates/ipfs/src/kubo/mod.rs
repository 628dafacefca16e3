//! Files in a Kubo node, over its RPC API.
//!
//! * `bounded` is the Kubo client with limits on what it reads.
//! * `rpc` sends requests to the node, with timeouts.
//! * `checked` verifies the content it returns.
//! * `store` implements the file port: a local spool in front of the node.

mod bounded;
mod checked;
mod rpc;
mod store;

pub use rpc::{InvalidNodeUrl, NodeError, TimeLimits};
pub use store::{HandOverError, KuboOptions, KuboStore, OpenKuboError};
