//! The ports that queue webhook deliveries and send them.

use async_trait::async_trait;

use super::PortError;
use crate::audit::EntryDraft;
use crate::event::{Event, EventId};
use crate::time::Timestamp;
use crate::webhook::{Delivery, DeliveryFailure, GivenUp, WebhookBacklog};

/// The queue of webhook deliveries.
#[async_trait]
pub trait WebhookRepository: Send + Sync {
    /// Queues at most `limit` events that have not been queued yet, in id order, and returns how many. The first call
    /// ever starts after the newest event. Concurrent callers never queue an event twice.
    async fn queue(&self, limit: u16, now: Timestamp) -> Result<u64, PortError>;

    /// Claims at most `limit` due deliveries: of each record only the earliest that is neither delivered nor given up.
    /// No other caller gets them before `until`.
    async fn claim(&self, now: Timestamp, until: Timestamp, limit: u16) -> Result<Vec<Delivery>, PortError>;

    /// Deletes a delivery that succeeded. No effect if it has been claimed again since.
    async fn delivered(&self, delivery: &Delivery) -> Result<(), PortError>;

    /// Reschedules a delivery that failed. No effect if it has been claimed again since.
    async fn postpone(
        &self,
        delivery: &Delivery,
        until: Timestamp,
        failure: &DeliveryFailure,
    ) -> Result<(), PortError>;

    /// Keeps a delivery that failed, without further attempts. No effect if it has been claimed again since.
    async fn give_up(&self, delivery: &Delivery, failure: &DeliveryFailure) -> Result<(), PortError>;

    /// Makes at most `limit` deliveries due that failed because the receiver was down, and returns how many.
    async fn hasten(&self, now: Timestamp, limit: u16) -> Result<u64, PortError>;

    /// The size of the queue.
    async fn backlog(&self) -> Result<WebhookBacklog, PortError>;

    /// At most `limit` given-up deliveries of events after this one, in id order.
    async fn given_up(&self, after: EventId, limit: u16) -> Result<Vec<GivenUp>, PortError>;

    /// Requeues one given-up delivery, or all of them, with a fresh retry schedule, and returns how many.
    async fn retry(
        &self,
        which: Option<EventId>,
        now: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<u64, PortError>;
}

/// The webhook receiver.
#[async_trait]
pub trait WebhookReceiver: Send + Sync {
    /// Sends an event, signed with this time. Succeeds once the receiver has answered with success; bounded in time.
    async fn deliver(&self, event: &Event, now: Timestamp) -> Result<(), DeliveryFailure>;
}
