//! The audit log's rows.

mod block;
mod body;
mod chain;
mod outbox;

pub(crate) use block::{BlockRow, NewBlock, PersonRow};
pub(crate) use chain::{ChainRow, RemovalRow, chain_id, id_bytes};
pub(crate) use outbox::{NewOutboxRow, OutboxRow};

use yilin_domain::time::Timestamp;

/// A point in time as the audit log stores it: microseconds since 1970.
pub(crate) fn stored_micros(at: Timestamp) -> i64 {
    at.timestamp_micros()
}

/// A number of entries, or a place in a chain, as it is stored. No chain is as long as what does not fit.
pub(crate) fn stored_place(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
