//! The port that stores conversations.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::PortError;
use crate::account::AccountUuid;
use crate::chat::{NewTurn, Summary, Turn, TurnId};
use crate::list::{Page, PageRequest};

/// Keeps each account's conversation with the assistant, and the last summary of it.
#[async_trait]
pub trait ConversationRepository: Send + Sync {
    /// Keeps these turns together, in this order, as the account's newest.
    async fn append(&self, account: AccountUuid, turns: &[NewTurn]) -> Result<(), PortError>;

    /// One page of the account's turns, newest first. A page past the end is empty.
    async fn page(&self, account: AccountUuid, page: PageRequest) -> Result<Page<Turn>, PortError>;

    /// The account's next turns with an id below `before` (or the newest), newest first: at most
    /// `limit`, and fewer only at the end.
    async fn batch(
        &self,
        account: AccountUuid,
        before: Option<TurnId>,
        limit: u16,
    ) -> Result<Vec<Turn>, PortError>;

    /// Forgets the account's turns and its summary; gives how many turns there were.
    async fn clear(&self, account: AccountUuid) -> Result<u64, PortError>;

    /// The account's last summary.
    async fn summary(&self, account: AccountUuid) -> Result<Option<Summary>, PortError>;

    /// Keeps a summary as the account's last one.
    async fn save_summary(&self, account: AccountUuid, summary: &Summary) -> Result<(), PortError>;

    /// Counts one more call to the model on this day, unless the account has made `limit` of them
    /// already: then `false`. Exact over all instances, calls in parallel included.
    async fn count_call(&self, account: AccountUuid, day: NaiveDate, limit: u32) -> Result<bool, PortError>;

    /// Forgets the counts of calls on days before this one; gives how many.
    async fn forget_calls(&self, before: NaiveDate) -> Result<u64, PortError>;
}
