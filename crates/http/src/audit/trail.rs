use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditEvent;
use yilin_domain::port::{Part, PortError};

use super::group::{Group, UnderWay};
use super::refusals::Refusals;
use crate::service::HttpOptions;

/// What the writer is asked to write.
pub(super) struct Message {
    pub(super) event: AuditEvent,
    /// Whether the event itself is to be written, or only what it showed.
    pub(super) itself: bool,
    /// Whose data it showed, where that is more than one person.
    pub(super) shown: Vec<AccountUuid>,
    /// Told when all of it is in the database.
    pub(super) written: Option<oneshot::Sender<()>>,
}

/// The way into the audit log: a bounded queue in front of the one writer of this instance.
#[derive(Clone)]
pub struct AuditTrail {
    queue: Option<mpsc::Sender<Message>>,
    group: Arc<Group>,
    refusals: Arc<Refusals>,
    /// See [`HttpOptions::audit_patience`](crate::HttpOptions::audit_patience).
    patience: Duration,
}

impl AuditTrail {
    pub(super) fn new(queue: mpsc::Sender<Message>, group: Arc<Group>) -> Self {
        let patience = HttpOptions::AUDIT_PATIENCE;
        Self { queue: Some(queue), group, refusals: Arc::new(Refusals::new()), patience }
    }

    /// Records nothing: for measuring what the audit log costs, and for nothing else.
    pub fn off() -> Self {
        let patience = HttpOptions::AUDIT_PATIENCE;
        Self { queue: None, group: Arc::default(), refusals: Arc::new(Refusals::new()), patience }
    }

    /// The same, in which requests wait this long.
    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// To be kept while a request is under way that is to change something: entries of such requests
    /// are written together.
    pub(crate) fn under_way(&self) -> UnderWay {
        self.group.enter()
    }

    /// Hands an event over; where it must be written first, waits until it is. Bounded in time.
    pub(super) async fn record(
        &self,
        event: AuditEvent,
        shown: Vec<AccountUuid>,
        wait: bool,
    ) -> Result<(), PortError> {
        if !self.admits(&event) {
            return Ok(());
        }
        let (written, confirmation) = if wait {
            let (written, confirmation) = oneshot::channel();
            (Some(written), Some(confirmation))
        } else {
            (None, None)
        };
        let until = Instant::now() + self.patience;
        self.send(Message { event, itself: true, shown, written }, until).await?;
        let Some(confirmation) = confirmation else { return Ok(()) };
        self.group.join();
        match timeout_at(until, confirmation).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(unavailable("the audit log's writer has stopped")),
            Err(_) => Err(unavailable("the audit log was not written in time")),
        }
    }

    /// Hands over whose data an event that was recorded before is showing now.
    pub(super) async fn disclosed(
        &self,
        event: AuditEvent,
        shown: Vec<AccountUuid>,
    ) -> Result<(), PortError> {
        let message = Message { event, itself: false, shown, written: None };
        self.send(message, Instant::now() + self.patience).await
    }

    /// Hands an event over if there is room: for a request that failed or is no longer there, which
    /// must not wait. What finds no room is told in the log.
    pub(super) fn record_now(&self, event: AuditEvent) {
        if self.admits(&event) {
            self.send_now(event);
        }
    }

    /// How many messages wait to be written.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    /// Whether the event is to have an entry; see [`Refusals`].
    fn admits(&self, event: &AuditEvent) -> bool {
        if self.queue.is_none() {
            return false;
        }
        let now = Instant::now().into_std();
        for left_out in self.refusals.left_out(event.recorded, now) {
            self.send_now(left_out);
        }
        self.refusals.admits(event, now)
    }

    fn send_now(&self, event: AuditEvent) {
        let Some(queue) = &self.queue else { return };
        let message = Message { event, itself: true, shown: Vec::new(), written: None };
        if let Err(refused) = queue.try_send(message) {
            drop(Unsent(Some(refused.into_inner())));
        }
    }

    async fn send(&self, message: Message, until: Instant) -> Result<(), PortError> {
        /// When trying again is sensible.
        const RETRY_AFTER: Duration = Duration::from_secs(2);
        let Some(queue) = &self.queue else { return Ok(()) };
        let mut unsent = Unsent(Some(message));
        match timeout_at(until, queue.reserve()).await {
            Ok(Ok(room)) => {
                if let Some(message) = unsent.0.take() {
                    room.send(message);
                }
                Ok(())
            }
            Ok(Err(_)) => Err(unavailable("the audit log's writer has stopped")),
            Err(_) => Err(PortError::Overloaded { part: Part::Database, retry_after: RETRY_AFTER }),
        }
    }
}

/// A message that has not found room yet. Should it never find any, also because its request is
/// dropped while it waits, that is told.
struct Unsent(Option<Message>);

impl Drop for Unsent {
    fn drop(&mut self) {
        let Some(Message { event, .. }) = self.0.take() else { return };
        tracing::error!(
            request_id = event.request,
            agent = event.agent.map(|agent| agent.uuid.to_string()),
            operation = event.operation,
            outcome = event.outcome,
            "no room in the audit log's queue; this line stands in for the entry"
        );
    }
}

fn unavailable(reason: &'static str) -> PortError {
    PortError::Unavailable { part: Part::Database, source: reason.into() }
}
