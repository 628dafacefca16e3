//! One listener's subscription: first the missed events, then the new ones.

use futures_channel::mpsc;
use futures_util::{FutureExt as _, StreamExt as _};

use super::feed::{Joined, Slot};
use super::{BATCH, Events};
use crate::error::Error;
use crate::event::{Audience, Event, EventId};

/// Maximum number of items returned at a time.
const AT_ONCE: usize = 100;

/// An item of a subscription.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedItem {
    /// An event.
    Event(Event),
    /// Events after the last one seen have been deleted; the subscription continues after this one.
    Reset(EventId),
}

/// A subscription to events; dropping it ends it.
pub struct Subscription {
    events: Events,
    slot: Slot,
    audience: Audience,
    phase: Phase,
}

enum Phase {
    /// Reading events after this one from the database.
    CatchingUp(EventId),
    /// Receiving events from the feed.
    Live(mpsc::Receiver<Event>),
}

impl Subscription {
    pub(super) fn new(events: Events, slot: Slot, audience: Audience, after: EventId) -> Self {
        Self { events, slot, audience, phase: Phase::CatchingUp(after) }
    }

    /// The next items, as soon as there are any; `None` at the end: the session has ended, the listener was too slow,
    /// or the instance stops. Cancel-safe.
    pub async fn next(&mut self) -> Result<Option<Vec<FeedItem>>, Error> {
        loop {
            let now = self.events.context.now();
            if self.slot.is_closed() || self.events.is_over(&self.slot.session, now) {
                return Ok(None);
            }
            let after = match &mut self.phase {
                Phase::Live(queue) => return Ok(next_of(queue).await),
                Phase::CatchingUp(after) => *after,
            };
            let events = &self.events.context.ports.events;
            let batch = events.read(after, self.audience, BATCH).await?;
            if batch.incomplete {
                let newest = events.newest().await?;
                self.phase = Phase::CatchingUp(newest);
                return Ok(Some(vec![FeedItem::Reset(newest)]));
            }
            if batch.reached > after {
                self.phase = Phase::CatchingUp(batch.reached);
                if !batch.events.is_empty() {
                    return Ok(Some(batch.events.into_iter().map(FeedItem::Event).collect()));
                }
            } else if let Joined::Live(queue) = self.events.feed.join(&self.slot, self.audience, after) {
                self.phase = Phase::Live(queue);
            }
        }
    }
}

/// The next event and those queued behind it.
async fn next_of(queue: &mut mpsc::Receiver<Event>) -> Option<Vec<FeedItem>> {
    let first = queue.next().await?;
    let mut items = vec![FeedItem::Event(first)];
    while items.len() < AT_ONCE
        && let Some(Some(event)) = queue.next().now_or_never()
    {
        items.push(FeedItem::Event(event));
    }
    Some(items)
}
