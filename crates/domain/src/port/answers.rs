//! The port that finds the first answers to requests with a key.

use async_trait::async_trait;
use chrono::TimeDelta;

use super::PortError;
use crate::idempotency::{Claim, StoredAnswer};

/// Finds the first answers to requests with a key. They are stored by the ports that create records, which
/// take a [`Receipt`](crate::idempotency::Receipt): together with the record, or neither.
#[async_trait]
pub trait AnswerRepository: Send + Sync {
    /// The first answer to a request with the claim's caller, route and key, whatever its content; none once
    /// the claim's lifetime is over. The time is the store's.
    async fn find(&self, claim: &Claim) -> Result<Option<StoredAnswer>, PortError>;

    /// Forgets the answers that are older than this; gives how many.
    async fn forget_answers(&self, age: TimeDelta) -> Result<u64, PortError>;
}
