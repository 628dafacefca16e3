//! The queue in front of the audit writer.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditEvent, ChainId};
use yilin_domain::port::{Part, PortError};

use super::refusals::Refusals;
use crate::service::HttpOptions;

/// A message to the writer.
pub(super) struct Message {
    pub(super) event: AuditEvent,
    /// Whether to write the event itself, or only its disclosures.
    pub(super) itself: bool,
    /// The patients shown, if there are several.
    pub(super) shown: Vec<AccountUuid>,
}

/// The entry point to the audit log: a bounded queue in front of this instance's single writer.
#[derive(Clone)]
pub struct AuditTrail {
    queue: Option<mpsc::Sender<Message>>,
    writer: Option<ChainId>,
    refusals: Arc<Refusals>,
    /// See [`HttpOptions::audit_patience`](crate::HttpOptions::audit_patience).
    patience: Duration,
}

impl AuditTrail {
    pub(super) fn new(queue: mpsc::Sender<Message>, writer: ChainId) -> Self {
        let patience = HttpOptions::AUDIT_PATIENCE;
        Self { queue: Some(queue), writer: Some(writer), refusals: Arc::new(Refusals::new()), patience }
    }

    /// Records nothing; only for measuring the cost of the audit log.
    pub fn off() -> Self {
        let patience = HttpOptions::AUDIT_PATIENCE;
        Self { queue: None, writer: None, refusals: Arc::new(Refusals::new()), patience }
    }

    /// The same with this timeout for waiting requests.
    pub(crate) fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The writer that links the entries of changes; `None` if nothing is recorded.
    pub(crate) fn writer(&self) -> Option<ChainId> {
        self.writer
    }

    /// Records an event; waits for room in the queue, with a timeout.
    pub(super) async fn record(&self, event: AuditEvent, shown: Vec<AccountUuid>) -> Result<(), PortError> {
        if !self.admits(&event) {
            return Ok(());
        }
        self.send(Message { event, itself: true, shown }).await
    }

    /// Records the patients shown now as part of an event recorded before.
    pub(super) async fn disclosed(
        &self,
        event: AuditEvent,
        shown: Vec<AccountUuid>,
    ) -> Result<(), PortError> {
        self.send(Message { event, itself: false, shown }).await
    }

    /// Records an event if there is room in the queue: for a request that failed or was dropped, which must
    /// not wait. Events without room are logged.
    pub(super) fn record_now(&self, event: AuditEvent) {
        if self.admits(&event) {
            self.send_now(event);
        }
    }

    /// Number of messages waiting to be written.
    pub fn waiting(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }

    /// Whether the event gets an entry; see [`Refusals`].
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
        let message = Message { event, itself: true, shown: Vec::new() };
        if let Err(refused) = queue.try_send(message) {
            drop(Unsent(Some(refused.into_inner())));
        }
    }

    async fn send(&self, message: Message) -> Result<(), PortError> {
        /// The `Retry-After` for rejected requests.
        const RETRY_AFTER: Duration = Duration::from_secs(2);
        let Some(queue) = &self.queue else { return Ok(()) };
        let mut unsent = Unsent(Some(message));
        match timeout(self.patience, queue.reserve()).await {
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

/// A message that is not in the queue yet. If it never gets in, for example because its request is dropped
/// while waiting, that is logged.
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
