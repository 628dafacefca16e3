//! The port that stores conversations.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::PortError;
use crate::account::AccountUuid;
use crate::audit::EntryDraft;
use crate::chat::{NewTurn, Summary, Turn, TurnId};
use crate::list::{Page, PageRequest};

/// The calls to the model on a day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallsOfDay {
    /// Number of calls.
    pub calls: u64,
    /// Number of accounts that made them.
    pub accounts: u64,
    /// The accounts with most calls and their numbers, most first.
    pub busiest: Vec<(AccountUuid, u32)>,
}

/// Stores each account's conversation with the assistant and the last summary of it.
#[async_trait]
pub trait ConversationRepository: Send + Sync {
    /// Appends these turns to the account's conversation, together and in this order.
    async fn append(
        &self,
        account: AccountUuid,
        turns: &[NewTurn],
        entry: Option<EntryDraft>,
    ) -> Result<(), PortError>;

    /// One page of the account's turns, newest first. A page past the end is empty.
    async fn page(&self, account: AccountUuid, page: PageRequest) -> Result<Page<Turn>, PortError>;

    /// At most `limit` turns of the account with an id below `before` (or the newest), newest first; fewer
    /// only at the end.
    async fn batch(
        &self,
        account: AccountUuid,
        before: Option<TurnId>,
        limit: u16,
    ) -> Result<Vec<Turn>, PortError>;

    /// Deletes the account's turns and summary; returns the number of turns.
    async fn clear(&self, account: AccountUuid, entry: Option<EntryDraft>) -> Result<u64, PortError>;

    /// The account's last summary.
    async fn summary(&self, account: AccountUuid) -> Result<Option<Summary>, PortError>;

    /// Stores a summary as the account's last one.
    async fn save_summary(&self, account: AccountUuid, summary: &Summary) -> Result<(), PortError>;

    /// Counts one more call to the model on this day; `false` if the account has already made `limit` calls.
    /// Exact over all instances and concurrent calls.
    async fn count_call(&self, account: AccountUuid, day: NaiveDate, limit: u32) -> Result<bool, PortError>;

    /// The calls on this day, with at most `limit` of the busiest accounts.
    async fn calls_on(&self, day: NaiveDate, limit: u16) -> Result<CallsOfDay, PortError>;

    /// Deletes the call counts of days before this one; returns how many.
    async fn forget_calls(&self, before: NaiveDate) -> Result<u64, PortError>;
}
