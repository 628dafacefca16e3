//! The ports that store sessions and count log-in attempts.

use async_trait::async_trait;

use super::PortError;
use crate::session::{AttemptKey, AttemptLimits, AttemptVerdict, EndedSession, Session, SessionSelection};
use crate::time::Timestamp;
use crate::transition::Stale;

/// Stores sessions. A session is valid from its start until it expires or is ended.
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Stores a session. [`Stale`], and nothing is stored, if the account's password version is no
    /// longer this one: the password was changed while it was being checked.
    async fn start(&self, session: &Session, password_version: i32) -> Result<Result<(), Stale>, PortError>;

    /// Ends a session before its time. The token alone vouches for it: a session that was never
    /// stored (after a restored backup, say) is stored as ended. Ending it twice is no error.
    async fn end(&self, session: &Session, at: Timestamp) -> Result<(), PortError>;

    /// The sessions that were ended at or after `since` and have not expired at `now`. A session
    /// may be among them a little after its `at` only: ask again with some overlap.
    async fn ended_since(&self, since: Timestamp, now: Timestamp) -> Result<Vec<EndedSession>, PortError>;

    /// The newest of the selected sessions that run at `now`, newest first.
    async fn running(
        &self,
        selection: SessionSelection,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<Session>, PortError>;

    /// Ends the selected sessions that run at `now`; gives how many.
    async fn end_running(&self, selection: SessionSelection, now: Timestamp) -> Result<u64, PortError>;

    /// Forgets the sessions that expired before this time; gives how many.
    async fn forget_expired(&self, before: Timestamp) -> Result<u64, PortError>;
}

/// Counts log-in attempts, exactly: over all instances, parallel attempts included.
#[async_trait]
pub trait LoginAttemptRepository: Send + Sync {
    /// Counts an attempt under its identifier and its address, if both have room for one more;
    /// else counts neither. An identifier that has succeeded from the address within
    /// [`AttemptLimits::known_for`] needs no room under the address, and is not counted there without.
    async fn begin(
        &self,
        key: &AttemptKey,
        now: Timestamp,
        limits: AttemptLimits,
    ) -> Result<AttemptVerdict, PortError>;

    /// The attempt that began then has succeeded: its identifier's count starts anew, is known at the
    /// address from then on, and the attempt does not count as a failure of its address.
    async fn succeeded(&self, key: &AttemptKey, began: Timestamp) -> Result<(), PortError>;

    /// Forgets what has had no attempt since this time; gives how many.
    async fn forget_idle(&self, since: Timestamp) -> Result<u64, PortError>;

    /// Forgets which identifiers are known where, if they have not succeeded there since this time; gives
    /// how many.
    async fn forget_known(&self, since: Timestamp) -> Result<u64, PortError>;
}
