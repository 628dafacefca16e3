//! The queue of webhook deliveries, in memory.

use async_trait::async_trait;
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::event::EventId;
use yilin_domain::port::{PortError, WebhookRepository};
use yilin_domain::time::Timestamp;
use yilin_domain::webhook::{Delivery, DeliveryFailure, GivenUp, WebhookBacklog};

use super::InMemory;
use super::state::{State, StoredDelivery};

#[async_trait]
impl WebhookRepository for InMemory {
    async fn queue(&self, limit: u16, now: Timestamp) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let Some(last) = state.last_queued else {
            state.last_queued = Some(EventId(state.last_event));
            return Ok(0);
        };
        let new = state.events.iter().filter(|event| event.id > last).take(limit.into());
        let new: Vec<_> = new.copied().collect();
        for event in &new {
            let delivery = Delivery { event: *event, claim: 0, failures: 0, queued_at: now };
            let stored = StoredDelivery { delivery, due_at: now, failure: None, is_given_up: false };
            state.webhooks.insert(event.id, stored);
            state.last_queued = Some(event.id);
        }
        Ok(new.len() as u64)
    }

    async fn claim(&self, now: Timestamp, until: Timestamp, limit: u16) -> Result<Vec<Delivery>, PortError> {
        let mut state = self.begin().await?;
        let (mut seen, mut due) = (Vec::new(), Vec::new());
        for (id, stored) in state.webhooks.iter().filter(|(_, stored)| !stored.is_given_up) {
            let subject = stored.delivery.event.content.subject;
            let record = (subject.kind(), subject.id());
            if !seen.contains(&record) && stored.due_at <= now {
                due.push(*id);
            }
            seen.push(record);
        }
        due.truncate(limit.into());
        let claim = |id: &EventId| {
            let stored = state.webhooks.get_mut(id)?;
            stored.delivery.claim += 1;
            stored.due_at = until;
            stored.failure = None;
            Some(stored.delivery)
        };
        Ok(due.iter().filter_map(claim).collect())
    }

    async fn delivered(&self, delivery: &Delivery) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        if state.under_claim(delivery).is_some() {
            state.webhooks.remove(&delivery.event.id);
        }
        Ok(())
    }

    async fn postpone(
        &self,
        delivery: &Delivery,
        until: Timestamp,
        failure: &DeliveryFailure,
    ) -> Result<(), PortError> {
        if let Some(stored) = self.begin().await?.under_claim(delivery) {
            stored.delivery.failures += 1;
            stored.due_at = until;
            stored.failure = Some(failure.clone());
        }
        Ok(())
    }

    async fn give_up(&self, delivery: &Delivery, failure: &DeliveryFailure) -> Result<(), PortError> {
        if let Some(stored) = self.begin().await?.under_claim(delivery) {
            stored.delivery.failures += 1;
            stored.is_given_up = true;
            stored.failure = Some(failure.clone());
        }
        Ok(())
    }

    async fn hasten(&self, now: Timestamp, limit: u16) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let was_down = |stored: &&mut StoredDelivery| {
            let is_down = stored.failure.as_ref().is_some_and(|failure| failure.is_down);
            !stored.is_given_up && stored.due_at > now && is_down
        };
        let mut hastened = 0;
        for stored in state.webhooks.values_mut().filter(was_down).take(limit.into()) {
            stored.due_at = now;
            stored.failure = None;
            hastened += 1;
        }
        Ok(hastened)
    }

    async fn backlog(&self) -> Result<WebhookBacklog, PortError> {
        let state = self.begin().await?;
        let waiting = || state.webhooks.values().filter(|stored| !stored.is_given_up);
        Ok(WebhookBacklog {
            waiting: waiting().count() as u64,
            since: waiting().map(|stored| stored.delivery.queued_at).min(),
            given_up: (state.webhooks.len() - waiting().count()) as u64,
        })
    }

    async fn given_up(&self, after: EventId, limit: u16) -> Result<Vec<GivenUp>, PortError> {
        let state = self.begin().await?;
        let given_up = state.webhooks.values().filter(|stored| stored.is_given_up);
        let given_up = given_up.filter(|stored| stored.delivery.event.id > after).map(|stored| GivenUp {
            event: stored.delivery.event,
            failures: stored.delivery.failures,
            queued_at: stored.delivery.queued_at,
            reason: stored.failure.clone().map(|failure| failure.reason).unwrap_or_default(),
        });
        Ok(given_up.take(limit.into()).collect())
    }

    async fn retry(
        &self,
        which: Option<EventId>,
        now: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let given_up = state.webhooks.values_mut().filter(|stored| stored.is_given_up);
        let mut queued = 0_u64;
        for stored in given_up.filter(|stored| which.is_none_or(|which| which == stored.delivery.event.id)) {
            stored.is_given_up = false;
            stored.delivery.failures = 0;
            stored.delivery.queued_at = now;
            stored.due_at = now;
            stored.failure = None;
            queued += 1;
        }
        if queued > 0 {
            let about = match which {
                Some(id) => Changed::one("event", id, None),
                None => Changed::many(usize::try_from(queued).unwrap_or(usize::MAX)),
            };
            state.leave(entry.as_ref(), about);
        }
        Ok(queued)
    }
}

impl State {
    /// The stored delivery, unless it has been claimed again since.
    fn under_claim(&mut self, delivery: &Delivery) -> Option<&mut StoredDelivery> {
        let stored = self.webhooks.get_mut(&delivery.event.id)?;
        (stored.delivery.claim == delivery.claim && !stored.is_given_up).then_some(stored)
    }
}
