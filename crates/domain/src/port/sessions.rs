//! The ports that store sessions and count log-in attempts.

use async_trait::async_trait;

use super::PortError;
use crate::audit::EntryDraft;
use crate::session::{
    Attempt, AttemptKey, AttemptLimits, AttemptVerdict, EndedSession, Session, SessionSelection,
};
use crate::time::Timestamp;
use crate::transition::Stale;

/// Stores sessions. A session is valid from its start until it expires or is ended.
#[async_trait]
pub trait SessionRepository: Send + Sync {
    /// Stores a session. [`Stale`], and nothing is stored, if the account's password version differs (the
    /// password was changed while it was being checked) or the account is disabled.
    async fn start(
        &self,
        session: &Session,
        password_version: i32,
        entry: Option<EntryDraft>,
    ) -> Result<Result<(), Stale>, PortError>;

    /// Ends a session before it expires. The token alone is sufficient: a session that was never stored (e.g.
    /// after restoring a backup) is stored as ended. Ending it twice is not an error.
    async fn end(&self, session: &Session, at: Timestamp, entry: Option<EntryDraft>)
    -> Result<(), PortError>;

    /// The sessions that were ended at or after `since` and have not expired at `now`. A session may only
    /// become visible some time after its `at`: query with some overlap.
    async fn ended_since(&self, since: Timestamp, now: Timestamp) -> Result<Vec<EndedSession>, PortError>;

    /// The newest of the selected sessions that are active at `now`, newest first.
    async fn running(
        &self,
        selection: SessionSelection,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<Session>, PortError>;

    /// Ends the selected sessions that are active at `now`; returns how many.
    async fn end_running(
        &self,
        selection: SessionSelection,
        now: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<u64, PortError>;

    /// Deletes the sessions that expired before this time; returns how many.
    async fn forget_expired(&self, before: Timestamp) -> Result<u64, PortError>;
}

/// Counts log-in attempts, exactly: over all instances and concurrent attempts.
#[async_trait]
pub trait LoginAttemptRepository: Send + Sync {
    /// Counts an attempt under its identifier and its address if neither has reached its limit; otherwise
    /// counts neither. An identifier that has logged in from the address within [`AttemptLimits::known_for`]
    /// is exempt from the address limit, and is only counted under the address if there is room.
    async fn begin(
        &self,
        key: &AttemptKey,
        now: Timestamp,
        limits: AttemptLimits,
    ) -> Result<AttemptVerdict, PortError>;

    /// Marks an attempt as successful: resets its identifier's count, remembers the identifier as known at the
    /// address, and removes the attempt from the address's failures if it was counted there.
    async fn succeeded(&self, key: &AttemptKey, attempt: Attempt) -> Result<(), PortError>;

    /// Deletes counts without an attempt since this time; returns how many.
    async fn forget_idle(&self, since: Timestamp) -> Result<u64, PortError>;

    /// Deletes known identifiers that have not logged in from their address since this time; returns how
    /// many.
    async fn forget_known(&self, since: Timestamp) -> Result<u64, PortError>;
}
