//! Sends events to the webhook receiver.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use super::Context;
use crate::account::{Actor, Role};
use crate::error::Error;
use crate::event::EventId;
use crate::port::{PortError, WebhookReceiver};
use crate::webhook::{CLAIMED_FOR, Delivery, GivenUp, Verdict, WebhookBacklog};

/// Maximum number of concurrent attempts.
const AT_ONCE: u16 = 16;
/// Number of events queued per unit of work.
const QUEUED_AT_ONCE: u16 = 500;
/// Number of deliveries made due when the receiver is back.
const HASTENED_AT_ONCE: u16 = 5_000;
/// Interval of claiming more while attempts are in progress.
const LOOK: Duration = Duration::from_millis(500);
/// Attempts to record an outcome.
const NOTE_ATTEMPTS: u32 = 10;
/// Pause between these.
const NOTE_PAUSE: Duration = Duration::from_secs(2);

/// Sends events to the webhook receiver.
#[derive(Clone)]
pub struct Webhooks {
    context: Arc<Context>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    stopped: AtomicBool,
    under_way: AtomicUsize,
    /// Whether the last attempt found the receiver down.
    was_down: AtomicBool,
}

impl Webhooks {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context, state: Arc::default() }
    }

    /// Whether there is a receiver.
    pub fn has_receiver(&self) -> bool {
        self.context.ports.webhook_receiver.is_some()
    }

    /// Fixes the position from which on events are sent, if there is none yet. Call it before serving.
    pub async fn prepare(&self) -> Result<(), Error> {
        if self.has_receiver() {
            self.context.ports.webhooks.queue(QUEUED_AT_ONCE, self.context.now()).await?;
        }
        Ok(())
    }

    /// Sends all due deliveries. Call it several times a second on every instance, not concurrently.
    pub async fn send_due(&self) -> Result<(), Error> {
        let Some(receiver) = self.context.ports.webhook_receiver.clone() else { return Ok(()) };
        let mut under_way = FuturesUnordered::new();
        let mut outcome = Ok(());
        loop {
            // After an error, only attempts in progress are finished: they may have succeeded.
            if outcome.is_ok() && !self.state.stopped.load(Ordering::Relaxed) {
                let room = usize::from(AT_ONCE).saturating_sub(under_way.len());
                match self.claim(u16::try_from(room).unwrap_or(AT_ONCE)).await {
                    Ok(claimed) => {
                        under_way.extend(claimed.into_iter().map(|delivery| self.send(&*receiver, delivery)));
                    }
                    Err(error) => outcome = Err(error.into()),
                }
            }
            self.state.under_way.store(under_way.len(), Ordering::Relaxed);
            if under_way.is_empty() {
                return outcome;
            }
            let pause = self.context.ports.clock.sleep(LOOK);
            if let Either::Left((Some(Err(error)), _)) = select(under_way.next(), pause).await {
                outcome = Err(error.into());
            }
        }
    }

    /// Starts no more attempts and waits, at most this long, for those in progress.
    pub async fn stop(&self, patience: Duration) {
        self.state.stopped.store(true, Ordering::Relaxed);
        let mut waited = Duration::ZERO;
        while self.state.under_way.load(Ordering::Relaxed) > 0 && waited < patience {
            let pause = Duration::from_millis(50);
            self.context.ports.clock.sleep(pause).await;
            waited += pause;
        }
    }

    /// The size of the queue, if there is a receiver.
    pub async fn backlog(&self) -> Result<Option<WebhookBacklog>, Error> {
        if self.has_receiver() { Ok(Some(self.context.ports.webhooks.backlog().await?)) } else { Ok(None) }
    }

    /// At most `limit` deliveries that were given up, of events after this one, in order; for admins.
    pub async fn given_up(&self, actor: &Actor, after: EventId, limit: u16) -> Result<Vec<GivenUp>, Error> {
        actor.require(&[Role::Admin])?;
        Ok(self.context.ports.webhooks.given_up(after, limit).await?)
    }

    /// An admin requeues one delivery that was given up, or all of them. Returns how many.
    pub async fn retry(&self, actor: &Actor, which: Option<EventId>) -> Result<u64, Error> {
        actor.require(&[Role::Admin])?;
        let (now, entry) = (self.context.now(), self.context.entry(actor));
        let queued = self.context.ports.webhooks.retry(which, now, entry).await?;
        if which.is_some() && queued == 0 { Err(Error::NotFound) } else { Ok(queued) }
    }

    async fn claim(&self, room: u16) -> Result<Vec<Delivery>, PortError> {
        let webhooks = &self.context.ports.webhooks;
        let now = self.context.now();
        while webhooks.queue(QUEUED_AT_ONCE, now).await? >= u64::from(QUEUED_AT_ONCE) {}
        if room == 0 { Ok(Vec::new()) } else { webhooks.claim(now, now + CLAIMED_FOR, room).await }
    }

    async fn send(&self, receiver: &dyn WebhookReceiver, delivery: Delivery) -> Result<(), PortError> {
        let webhooks = &self.context.ports.webhooks;
        match receiver.deliver(&delivery.event, self.context.now()).await {
            Ok(()) => {
                self.note(|| webhooks.delivered(&delivery)).await?;
                if self.state.was_down.swap(false, Ordering::Relaxed) {
                    webhooks.hasten(self.context.now(), HASTENED_AT_ONCE).await?;
                }
                Ok(())
            }
            Err(failure) => {
                if failure.is_down {
                    self.state.was_down.store(true, Ordering::Relaxed);
                }
                match delivery.after_failure(self.context.now(), &*self.context.ports.random) {
                    Verdict::Again(at) => self.note(|| webhooks.postpone(&delivery, at, &failure)).await,
                    Verdict::GivenUp => self.note(|| webhooks.give_up(&delivery, &failure)).await,
                }
            }
        }
    }

    /// Records an outcome, with retries while the database is briefly unavailable: an unrecorded delivery is sent
    /// again.
    async fn note<F>(&self, mut note: impl FnMut() -> F) -> Result<(), PortError>
    where
        F: Future<Output = Result<(), PortError>>,
    {
        let mut attempts = 1;
        loop {
            match note().await {
                Err(_) if attempts < NOTE_ATTEMPTS => self.context.ports.clock.sleep(NOTE_PAUSE).await,
                noted => return noted,
            }
            attempts += 1;
        }
    }
}
