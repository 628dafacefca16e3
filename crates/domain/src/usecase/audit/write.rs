//! The writer of an instance's audit chains.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::audit::{AuditEvent, ChainId, ChainOpening, Entity, OutboxEvent, OutboxId, Tail};
use crate::port::{Appended, AuditRepository, Clock, PortError, Random};
use crate::time::Timestamp;

/// Maximum age of a chain before a new one is opened: chains are removed as a whole, so an instance that runs
/// for years must not write a single one.
const CHAIN_LIFETIME: TimeDelta = TimeDelta::days(30);

/// Maximum number of events appended by one call.
const CALL: usize = 500;

/// How long an event is in the outbox before any writer links it: its own does within a second while it runs.
const ABANDONED: TimeDelta = TimeDelta::seconds(10);

/// Prefix of the query of an entry that replaces a rejected one.
const UNSTORED: &str = "source, request, record and query were not stored";

/// Maximum number of characters kept of a reason.
const REASON_CHARS: usize = 200;

/// Why events were not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The database does not accept them at the moment. A later retry is safe.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The chain no longer exists in the database; see [`Appended::ChainGone`]. A retry cannot succeed.
    #[error("the audit log's last entry is gone: the database was restored while the service was running")]
    ChainGone,
}

/// Writes one instance's part of the audit log: links events into a chain and appends them.
pub struct ChainWriter {
    audit: Arc<dyn AuditRepository>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    instance: String,
    /// The id of the first chain.
    id: ChainId,
    opened_at: Timestamp,
    tail: Tail,
    pending: VecDeque<Pending>,
    /// Number of events in the last call, if its outcome is unknown.
    undecided: Option<usize>,
}

/// An event to be written.
struct Pending {
    event: AuditEvent,
    /// Its id, if it is from the outbox.
    outbox: Option<OutboxId>,
}

impl ChainWriter {
    /// Opens a chain. `instance` identifies this process for readers of the log.
    pub async fn open(
        audit: Arc<dyn AuditRepository>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        instance: String,
    ) -> Result<Self, PortError> {
        let opening = opening(&*clock, &*random, instance.clone());
        audit.open_chain(&opening).await?;
        let (opened_at, tail, pending) = (opening.opened_at, Tail::new(&opening), VecDeque::new());
        let id = opening.id;
        Ok(Self { audit, clock, random, instance, id, opened_at, tail, pending, undecided: None })
    }

    /// Identifies this writer to units of work: the id of its first chain.
    pub fn id(&self) -> ChainId {
        self.id
    }

    /// The current chain.
    pub fn chain(&self) -> ChainId {
        self.tail.chain()
    }

    /// Queues events for [`flush`](Self::flush).
    pub fn add(&mut self, events: impl IntoIterator<Item = AuditEvent>) {
        self.pending.extend(events.into_iter().map(|event| Pending { event, outbox: None }));
    }

    /// Maximum number of events taken from the outbox at a time.
    pub const OUTBOX_BATCH: u16 = 500;

    /// Queues events from the outbox for `flush`: those for this writer, and those that other writers have
    /// not linked for some time. Returns how many.
    pub async fn add_outbox(&mut self) -> Result<usize, PortError> {
        // Events queued earlier are still in the outbox.
        if self.pending.iter().any(|pending| pending.outbox.is_some()) {
            return Ok(0);
        }
        let abandoned = self.clock.now_precisely() - ABANDONED;
        let events = self.audit.outbox(self.id, abandoned, Self::OUTBOX_BATCH).await?;
        let number = events.len();
        let pending = |OutboxEvent { id, event }| Pending { event, outbox: Some(id) };
        self.pending.extend(events.into_iter().map(pending));
        Ok(number)
    }

    /// Writes the queued events in order. After an error it keeps what is not written, or may not be, for the
    /// next call.
    ///
    /// Batches that the database rejects are split, and a single event that it rejects is replaced by one
    /// that says so. Returns how many were replaced.
    pub async fn flush(&mut self) -> Result<usize, WriteError> {
        let mut replaced = 0;
        let mut part = self.undecided.unwrap_or(CALL);
        if self.undecided.is_none() && self.clock.now_precisely() - self.opened_at > CHAIN_LIFETIME {
            self.open_next().await?;
        }
        while !self.pending.is_empty() {
            part = part.clamp(1, self.pending.len());
            match self.store(part, AuditEvent::clone).await {
                Ok(()) => part = (part * 2).min(CALL),
                Err(WriteError::Port(PortError::Failed { source, .. })) if part == 1 => {
                    self.store(1, |event| unstorable(event, &*source)).await?;
                    replaced += 1;
                }
                Err(WriteError::Port(PortError::Failed { .. })) => part /= 2,
                Err(error) => return Err(error),
            }
        }
        Ok(replaced)
    }

    /// Links the next events, as `written` builds them, and appends them by one call. If another writer has
    /// linked those from the outbox meanwhile, they are dropped, and the others remain queued.
    async fn store(
        &mut self,
        part: usize,
        written: impl Fn(&AuditEvent) -> AuditEvent,
    ) -> Result<(), WriteError> {
        let mut tail = self.tail.clone();
        let pending = || self.pending.iter().take(part);
        let entries: Vec<_> = pending().map(|pending| tail.link(written(&pending.event))).collect();
        let linked: Vec<_> = pending().filter_map(|pending| pending.outbox).collect();
        let outcome = self.audit.append(tail.chain(), &entries, &linked).await;
        // A rejected call had no effect; after other errors it may have been executed.
        let is_known = matches!(outcome, Ok(_) | Err(PortError::Failed { .. }));
        self.undecided = (!is_known).then_some(part);
        match outcome? {
            Appended::Stored => {
                self.tail = tail;
                self.pending.drain(..part);
                Ok(())
            }
            Appended::Contended => {
                self.pending.retain(|pending| pending.outbox.is_none());
                Ok(())
            }
            Appended::ChainGone => Err(WriteError::ChainGone),
        }
    }

    async fn open_next(&mut self) -> Result<(), PortError> {
        let opening = opening(&*self.clock, &*self.random, self.instance.clone());
        self.audit.open_chain(&opening).await?;
        (self.opened_at, self.tail) = (opening.opened_at, Tail::new(&opening));
        Ok(())
    }
}

fn opening(clock: &dyn Clock, random: &dyn Random, instance: String) -> ChainOpening {
    ChainOpening { id: ChainId::from_bytes(random.bytes()), instance, opened_at: clock.now_precisely() }
}

/// The event without any external data, stating that the data is missing and why.
fn unstorable(event: &AuditEvent, reason: &(dyn std::error::Error + Send + Sync)) -> AuditEvent {
    // The error message may contain the rejected data.
    let reason = reason.to_string();
    let reason = reason.chars().filter(|char| char.is_ascii_graphic() || *char == ' ').take(REASON_CHARS);
    let entity = event.entity.as_ref().map(|entity| Entity { kind: entity.kind.clone(), id: String::new() });
    AuditEvent {
        source: String::new(),
        request: String::new(),
        entity,
        query: format!("{UNSTORED}: {}", reason.collect::<String>()),
        ..event.clone()
    }
}
