//! Files in a Kubo node, by its RPC.
//!
//! * `bounded` is the Kubo client with limits on what it reads.
//! * `rpc` asks the node, within time limits.
//! * `checked` watches over what it answers.
//! * `store` is the port to files: a spool on this machine's disk before the node.

mod bounded;
mod checked;
mod rpc;
mod store;

pub use rpc::{InvalidNodeUrl, NodeError, TimeLimits};
pub use store::{HandOverError, KuboOptions, KuboStore, OpenKuboError};
