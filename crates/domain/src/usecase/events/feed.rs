//! The listeners of one instance.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_channel::mpsc;

use super::ListeningSession;
use crate::event::{Audience, Event, EventBatch, EventId};
use crate::session::Session;
use crate::time::Timestamp;

/// Limits on the listeners of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventLimits {
    /// Per account. Exceeding it closes the account's oldest listener: otherwise half-open connections would lock
    /// their owner out.
    pub per_account: usize,
    /// Of all accounts together. Exceeding it is rejected.
    pub total: usize,
    /// Events queued for one listener before it is dropped.
    pub queue: usize,
}

impl Default for EventLimits {
    fn default() -> Self {
        Self { per_account: 16, total: 10_000, queue: 2_000 }
    }
}

/// The state of an instance's feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedState {
    /// Number of listeners.
    pub listeners: usize,
    /// Number of listeners dropped because they did not read.
    pub dropped: u64,
    /// Time since the feed had published everything.
    pub lag: Duration,
}

/// Publishes events to the listeners of an instance.
pub(super) struct Feed {
    limits: EventLimits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// All events up to here have been published; `None` without listeners.
    position: Option<EventId>,
    /// Listeners, including those that are catching up, oldest first.
    places: BTreeMap<u64, Place>,
    next: u64,
    dropped: u64,
    caught_up: Option<Timestamp>,
    stopped: bool,
}

/// A listener.
struct Place {
    session: ListeningSession,
    closed: Arc<AtomicBool>,
    line: Option<Line>,
}

/// The queue of a listener that has caught up.
struct Line {
    audience: Audience,
    /// The listener has read all events up to here from the database.
    from: EventId,
    queue: mpsc::Sender<Event>,
}

/// The result of joining the feed.
pub(super) enum Joined {
    /// The listener gets all events after its position.
    Live(mpsc::Receiver<Event>),
    /// Later events have been published: the listener has to read them from the database.
    Behind,
}

impl Feed {
    pub(super) fn new(limits: EventLimits) -> Self {
        Self { limits, state: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Registers a listener, unless the limit is reached.
    pub(super) fn take_slot(self: &Arc<Self>, session: &Session) -> Option<Slot> {
        let session = ListeningSession::from(session);
        let mut state = self.lock();
        if state.stopped || state.places.len() >= self.limits.total {
            return None;
        }
        let own = |place: &Place| place.session.account == session.account && !place.is_closed();
        let open: Vec<u64> = state.places.iter().filter(|(_, place)| own(place)).map(|(id, _)| *id).collect();
        let excess = (open.len() + 1).saturating_sub(self.limits.per_account.max(1));
        for id in open.into_iter().take(excess) {
            state.places.get_mut(&id).map(Place::close);
        }
        let closed = Arc::<AtomicBool>::default();
        let id = state.next;
        state.next += 1;
        state.places.insert(id, Place { session, closed: closed.clone(), line: None });
        Some(Slot { feed: self.clone(), id, session, closed })
    }

    /// Joins a listener that has read all events up to this position, unless later ones have been published.
    pub(super) fn join(&self, slot: &Slot, audience: Audience, after: EventId) -> Joined {
        let mut state = self.lock();
        if *state.position.get_or_insert(after) > after {
            return Joined::Behind;
        }
        let (queue, events) = mpsc::channel(self.limits.queue);
        if let Some(place) = state.places.get_mut(&slot.id).filter(|place| !place.is_closed()) {
            place.line = Some(Line { audience, from: after, queue });
        }
        Joined::Live(events)
    }

    /// The position up to which events have been published, if there are listeners.
    pub(super) fn position(&self) -> Option<EventId> {
        let mut state = self.lock();
        if state.places.values().all(|place| place.line.is_none()) {
            state.position = None;
        }
        state.position
    }

    /// Publishes the events read after this position.
    pub(super) fn publish(&self, after: EventId, batch: &EventBatch) {
        let mut state = self.lock();
        // The last listener left meanwhile, and the next one joined at another position.
        if state.position != Some(after) {
            return;
        }
        state.position = Some(batch.reached);
        let mut dropped = 0;
        for place in state.places.values_mut() {
            // When they continue by their last event's id, they learn that events are missing.
            if batch.incomplete || !place.publish(&batch.events, &mut dropped) {
                place.close();
            }
        }
        state.dropped += dropped;
    }

    /// All events have been published.
    pub(super) fn caught_up(&self, now: Timestamp) {
        self.lock().caught_up = Some(now);
    }

    /// Closes the listeners whose session matches.
    pub(super) fn close_where(&self, is_over: impl Fn(&ListeningSession) -> bool) {
        for place in self.lock().places.values_mut() {
            if !place.is_closed() && is_over(&place.session) {
                place.close();
            }
        }
    }

    pub(super) fn stop(&self) {
        let mut state = self.lock();
        state.stopped = true;
        state.places.values_mut().for_each(Place::close);
    }

    pub(super) fn state(&self, now: Timestamp) -> FeedState {
        let state = self.lock();
        let lag = state.caught_up.and_then(|caught_up| (now - caught_up).to_std().ok());
        FeedState {
            listeners: state.places.values().filter(|place| !place.is_closed()).count(),
            dropped: state.dropped,
            lag: lag.unwrap_or_default(),
        }
    }
}

impl Place {
    fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    fn close(&mut self) {
        self.closed.store(true, Ordering::Relaxed);
        self.line = None;
    }

    /// Queues events; `false` if the listener has to be closed.
    fn publish(&mut self, events: &[Event], dropped: &mut u64) -> bool {
        let Some(line) = &mut self.line else { return true };
        for event in events.iter().filter(|event| line.from < event.id && line.audience.includes(event)) {
            if let Err(error) = line.queue.try_send(*event) {
                *dropped += u64::from(error.is_full());
                return false;
            }
        }
        true
    }
}

/// The registration of a listener; dropping it removes the listener.
pub(super) struct Slot {
    feed: Arc<Feed>,
    id: u64,
    pub(super) session: ListeningSession,
    closed: Arc<AtomicBool>,
}

impl Slot {
    /// Whether the listener has been closed.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.feed.lock().places.remove(&self.id);
    }
}
