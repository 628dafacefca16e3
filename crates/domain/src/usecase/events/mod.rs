//! Subscriptions to events.
//!
//! Each instance has one feed. It reads new events once for all of its listeners and hands them on through bounded
//! queues. A listener that does not read is dropped; it can continue with the id of the last event it has seen.
//! Missed events are read from the database in batches, as the listener consumes them.

mod feed;
mod subscription;

pub use feed::{EventLimits, FeedState};
pub use subscription::{FeedItem, Subscription};

use std::sync::Arc;

use feed::Feed;

use super::{Context, Sessions};
use crate::account::Actor;
use crate::error::Error;
use crate::event::{Audience, EventId};
use crate::session::Session;
use crate::validation::{FieldProblem, Invalid};

/// Number of events numbered or read per unit of work.
const BATCH: u16 = 500;

/// The parameter and header with the id of the last event seen.
pub const LAST_EVENT_ID: &str = "Last-Event-ID";

/// Subscriptions to events.
#[derive(Clone)]
pub struct Events {
    context: Arc<Context>,
    sessions: Sessions,
    feed: Arc<Feed>,
}

impl Events {
    pub(super) fn new(context: Arc<Context>, sessions: Sessions) -> Self {
        let feed = Arc::new(Feed::new(context.policy.event_limits));
        Self { context, sessions, feed }
    }

    /// Subscribes from now on, or after the last event seen. The admin gets all events, other roles those of their own
    /// records.
    pub async fn subscribe(
        &self,
        actor: &Actor,
        session: &Session,
        last: Option<EventId>,
    ) -> Result<Subscription, Error> {
        let slot = self.feed.take_slot(session).ok_or(Error::TooManyListeners)?;
        if last.is_none() {
            // What was committed before has its id before the subscription begins.
            self.number().await?;
        }
        let newest = self.newest().await?;
        if last.is_some_and(|last| last > newest) {
            return Err(Invalid::one(LAST_EVENT_ID, FieldProblem::UnknownEvent).into());
        }
        let after = last.unwrap_or(newest);
        Ok(Subscription::new(self.clone(), slot, Audience::of(actor), after))
    }

    /// The id of the newest event. Who reads records now, and subscribes after this event later, misses no change of them:
    /// all events up to it were stored with changes that are read.
    pub async fn newest(&self) -> Result<EventId, Error> {
        Ok(self.context.ports.events.newest().await?)
    }

    /// Numbers stored events and publishes new ones. Call it several times a second on every instance, not
    /// concurrently.
    pub async fn advance(&self) -> Result<(), Error> {
        let events = &self.context.ports.events;
        loop {
            let numbered = events.number(BATCH).await?;
            let mut read = 0;
            if let Some(position) = self.feed.position() {
                let batch = events.read(position, Audience::Everyone, BATCH).await?;
                read = batch.events.len();
                self.feed.publish(position, &batch);
            }
            if numbered < u64::from(BATCH) && read < usize::from(BATCH) {
                self.feed.caught_up(self.context.now());
                return Ok(());
            }
        }
    }

    async fn number(&self) -> Result<(), Error> {
        while self.context.ports.events.number(BATCH).await? >= u64::from(BATCH) {}
        Ok(())
    }

    /// Announces missed deadlines. Call it several times a minute on every instance.
    pub async fn announce_overdue(&self) -> Result<(), Error> {
        let events = &self.context.ports.events;
        while events.announce_overdue(self.context.now(), BATCH).await? >= u64::from(BATCH) {}
        Ok(())
    }

    /// Closes the listeners whose session has ended or expired. Call it every second.
    pub fn close_ended(&self) {
        let now = self.context.now();
        self.feed.close_where(|session| self.is_over(session, now));
    }

    /// Closes all listeners and accepts no more, at shutdown.
    pub fn stop(&self) {
        self.feed.stop();
    }

    /// The state of this instance's feed.
    pub fn state(&self) -> FeedState {
        self.feed.state(self.context.now())
    }

    fn is_over(&self, session: &ListeningSession, now: crate::time::Timestamp) -> bool {
        session.expires_at <= now || self.sessions.is_ended(session.id)
    }
}

/// The session of a listener.
#[derive(Debug, Clone, Copy)]
struct ListeningSession {
    id: crate::session::SessionId,
    account: crate::account::AccountUuid,
    expires_at: crate::time::Timestamp,
}

impl From<&Session> for ListeningSession {
    fn from(session: &Session) -> Self {
        Self { id: session.id, account: session.account, expires_at: session.expires_at }
    }
}
