use std::collections::VecDeque;
use std::sync::Arc;

use chrono::TimeDelta;

use crate::audit::{AuditEvent, ChainId, ChainOpening, Entity, OutboxEvent, OutboxId, Tail};
use crate::port::{Appended, AuditRepository, Clock, PortError, Random};
use crate::time::Timestamp;

/// How long a chain is written to before the next one is opened: chains are removed as a whole, so that an
/// instance that runs for years must not write a single one.
const CHAIN_LIFETIME: TimeDelta = TimeDelta::days(30);

/// How many events are appended by one call.
const CALL: usize = 500;

/// How many events are taken from the outbox at a time.
const OUTBOX_BATCH: u16 = 500;

/// How long an event is in the outbox before any writer links it: its own does within a second, if it runs.
const ABANDONED: TimeDelta = TimeDelta::seconds(10);

/// What the query of an entry begins with that stands in for one that was not accepted.
const UNSTORED: &str = "source, request, record and query were not stored";

/// How many characters of a reason are kept.
const REASON_CHARS: usize = 200;

/// Why events were not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The database does not take them now. Trying again later is safe.
    #[error(transparent)]
    Port(#[from] PortError),
    /// The chain is not in the database any more; see [`Appended::ChainGone`]. Trying again is of no use.
    #[error("the audit log's last entry is gone: the database was restored while the service was running")]
    ChainGone,
}

/// Writes one instance's part of the audit log: links events into a chain and appends them.
pub struct ChainWriter {
    audit: Arc<dyn AuditRepository>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    instance: String,
    opened_at: Timestamp,
    tail: Tail,
    pending: VecDeque<Pending>,
    /// How many of them the last call had, if its outcome is not known.
    undecided: Option<usize>,
}

/// An event that is to be written.
struct Pending {
    event: AuditEvent,
    /// Its number, if it is in the outbox.
    outbox: Option<OutboxId>,
}

impl ChainWriter {
    /// Opens a chain. `instance` says which process this is, for people who read the log.
    pub async fn open(
        audit: Arc<dyn AuditRepository>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        instance: String,
    ) -> Result<Self, PortError> {
        let opening = opening(&*clock, &*random, instance.clone());
        audit.open_chain(&opening).await?;
        let (opened_at, tail, pending) = (opening.opened_at, Tail::new(&opening), VecDeque::new());
        Ok(Self { audit, clock, random, instance, opened_at, tail, pending, undecided: None })
    }

    /// The chain that is being written.
    pub fn chain(&self) -> ChainId {
        self.tail.chain()
    }

    /// Takes events that [`flush`](Self::flush) is to write.
    pub fn add(&mut self, events: impl IntoIterator<Item = AuditEvent>) {
        self.pending.extend(events.into_iter().map(|event| Pending { event, outbox: None }));
    }

    /// Takes events from the outbox that `flush` is to write: those that are for this writer, and those of
    /// writers that have not linked them for a while. Gives how many.
    pub async fn add_outbox(&mut self) -> Result<usize, PortError> {
        // Those that it has taken already are still in the outbox.
        if self.pending.iter().any(|pending| pending.outbox.is_some()) {
            return Ok(0);
        }
        let abandoned = self.clock.now_precisely() - ABANDONED;
        let events = self.audit.outbox(self.chain(), abandoned, OUTBOX_BATCH).await?;
        let number = events.len();
        let pending = |OutboxEvent { id, event }| Pending { event, outbox: Some(id) };
        self.pending.extend(events.into_iter().map(pending));
        Ok(number)
    }

    /// Writes what was taken, in its order. After an error it keeps what is not written, or may not be, for the
    /// next call.
    ///
    /// What the database does not accept together is written in smaller parts, and an event that it does not
    /// accept alone is replaced by one that says so. Gives how many were replaced.
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

    /// Links the next events, as `written` makes them, and appends them by one call. Another writer may have linked
    /// those of the outbox meanwhile: then they are dropped, and the others are still to be written.
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
        // Whatever refuses a call has done nothing of it; other errors may hide that it was done.
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

/// The event without what came from outside, saying that it is missing and why.
fn unstorable(event: &AuditEvent, reason: &(dyn std::error::Error + Send + Sync)) -> AuditEvent {
    // What the database does not accept may be in what it says.
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
