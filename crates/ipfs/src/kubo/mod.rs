//! Files in a Kubo node, by its RPC.
//!
//! * `rpc` asks the node, within time limits.
//! * `checked` watches over what it answers.
//! * `store` is the port to files: a spool on this machine's disk before the node.

mod checked;
mod rpc;
mod store;

pub use rpc::{InvalidNodeUrl, NodeError, TimeLimits};
pub use store::{HandOverError, KuboOptions, KuboStore, OpenKuboError};
