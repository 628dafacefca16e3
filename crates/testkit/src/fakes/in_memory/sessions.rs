//! Sessions, in memory.

use async_trait::async_trait;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{Changed, EntryDraft, session_digest};
use yilin_domain::port::{PortError, SessionRepository};
use yilin_domain::session::{EndedSession, Session, SessionId, SessionSelection};
use yilin_domain::time::Timestamp;
use yilin_domain::transition::Stale;

use super::InMemory;
use super::state::{State, StoredSession};

#[async_trait]
impl SessionRepository for InMemory {
    async fn start(
        &self,
        session: &Session,
        password_version: i32,
        entry: Option<EntryDraft>,
    ) -> Result<Result<(), Stale>, PortError> {
        let mut state = self.begin_save().await?;
        let is_current = state.accounts.values().any(|stored| {
            stored.account.uuid == session.account
                && stored.account.password_version == password_version
                && !stored.account.disabled
        });
        if !is_current {
            return Ok(Err(Stale));
        }
        state.sessions.insert(session.id, StoredSession { session: session.clone(), ended_at: None });
        let account = session.account;
        state.leave(entry.as_ref(), Changed::one("account", account, Some(account)));
        Ok(Ok(()))
    }

    async fn end(
        &self,
        session: &Session,
        at: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        let stored = state
            .sessions
            .entry(session.id)
            .or_insert_with(|| StoredSession { session: session.clone(), ended_at: None });
        if stored.ended_at.is_none() {
            stored.ended_at = Some(at);
            state.leave(entry.as_ref(), Changed::one("session", session_digest(session.id), None));
        }
        Ok(())
    }

    async fn ended_since(&self, since: Timestamp, now: Timestamp) -> Result<Vec<EndedSession>, PortError> {
        let state = self.begin().await?;
        let is_wanted = |stored: &&StoredSession| {
            stored.ended_at.is_some_and(|ended_at| ended_at >= since) && stored.session.expires_at > now
        };
        let ended = state.sessions.values().filter(is_wanted);
        Ok(ended
            .map(|stored| EndedSession { id: stored.session.id, expires_at: stored.session.expires_at })
            .collect())
    }

    async fn running(
        &self,
        selection: SessionSelection,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<Session>, PortError> {
        let state = self.begin().await?;
        let running = state.sessions.values().filter(|stored| stored.runs(selection, now));
        let mut running: Vec<_> = running.map(|stored| stored.session.clone()).collect();
        running.sort_by_key(|session| std::cmp::Reverse((session.started_at, session.id.to_string())));
        running.truncate(usize::from(limit));
        Ok(running)
    }

    async fn end_running(
        &self,
        selection: SessionSelection,
        now: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let mut ended = 0_usize;
        for stored in state.sessions.values_mut().filter(|stored| stored.runs(selection, now)) {
            stored.ended_at = Some(now);
            ended += 1;
        }
        if ended > 0 {
            state.leave(entry.as_ref(), Changed::many(ended));
        }
        Ok(u64::try_from(ended).unwrap_or(u64::MAX))
    }

    async fn forget_expired(&self, before: Timestamp) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let stored = state.sessions.len();
        state.sessions.retain(|_, stored| stored.session.expires_at >= before);
        Ok(u64::try_from(stored - state.sessions.len()).unwrap_or(u64::MAX))
    }
}

impl StoredSession {
    fn runs(&self, selection: SessionSelection, now: Timestamp) -> bool {
        let selected = match selection {
            SessionSelection::All => true,
            SessionSelection::Of(account) => self.session.account == account,
            SessionSelection::One(id) => self.session.id == id,
        };
        selected && self.ended_at.is_none() && self.session.expires_at > now
    }
}

impl State {
    pub(super) fn end_sessions_of(
        &mut self,
        account: AccountUuid,
        but_for: Option<SessionId>,
        at: Timestamp,
    ) {
        for stored in self.sessions.values_mut() {
            if stored.session.account == account && Some(stored.session.id) != but_for {
                stored.ended_at.get_or_insert(at);
            }
        }
    }
}
