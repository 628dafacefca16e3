//! Rows of the audit log.

mod block;
mod body;
mod chain;
mod outbox;

pub(crate) use block::{BlockRow, NewBlock, PersonRow};
pub(crate) use chain::{ChainRow, RemovalRow, chain_id, id_bytes};
pub(crate) use outbox::{NewOutboxRow, OutboxRow};

use yilin_domain::time::Timestamp;

/// The audit log's stored form of a point in time: microseconds since 1970.
pub(crate) fn stored_micros(at: Timestamp) -> i64 {
    at.timestamp_micros()
}

/// The stored form of a number of entries, or of a position in a chain. No chain exceeds the range.
pub(crate) fn stored_place(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}
