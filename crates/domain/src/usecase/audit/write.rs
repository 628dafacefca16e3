use std::sync::Arc;

use chrono::TimeDelta;

use crate::audit::{AuditEvent, ChainId, ChainOpening, Entity, Tail};
use crate::port::{Appended, AuditRepository, Clock, PortError, Random};
use crate::time::Timestamp;

/// How long a chain is written to before the next one is opened: chains are removed as a whole, so that an
/// instance that runs for years must not write a single one.
const CHAIN_LIFETIME: TimeDelta = TimeDelta::days(30);

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
    /// How many events the last call had whose outcome is not known.
    undecided: Option<usize>,
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
        let (opened_at, tail) = (opening.opened_at, Tail::new(&opening));
        Ok(Self { audit, clock, random, instance, opened_at, tail, undecided: None })
    }

    /// The chain that is being written.
    pub fn chain(&self) -> ChainId {
        self.tail.chain()
    }

    /// Writes the events in their order, and takes those that are written out of `events`. After an error the
    /// next call must begin with those that remain: they may have been written all the same.
    ///
    /// What the database does not accept together is written in smaller parts, and an event that it does not
    /// accept alone is replaced by one that says so. Gives how many were replaced.
    pub async fn append(&mut self, events: &mut Vec<AuditEvent>) -> Result<usize, WriteError> {
        let mut replaced = 0;
        let mut part = self.undecided.unwrap_or(events.len());
        if self.undecided.is_none() && self.clock.now_precisely() - self.opened_at > CHAIN_LIFETIME {
            self.open_next().await?;
        }
        while !events.is_empty() {
            part = part.clamp(1, events.len());
            match self.store(events.iter().take(part).cloned()).await {
                Ok(()) => drop(events.drain(..part)),
                Err(WriteError::Port(PortError::Failed { source, .. })) if part == 1 => {
                    self.store(events.iter().take(1).map(|event| unstorable(event, &*source))).await?;
                    replaced += events.drain(..1).count();
                }
                Err(WriteError::Port(PortError::Failed { .. })) => part /= 2,
                Err(error) => return Err(error),
            }
        }
        Ok(replaced)
    }

    /// Links events and appends them by one call.
    async fn store(&mut self, events: impl ExactSizeIterator<Item = AuditEvent>) -> Result<(), WriteError> {
        let mut tail = self.tail.clone();
        let entries: Vec<_> = events.map(|event| tail.link(event)).collect();
        self.undecided = Some(entries.len());
        match self.audit.append(tail.chain(), &entries).await {
            Ok(Appended::Stored) => self.tail = tail,
            Ok(Appended::ChainGone) => return Err(WriteError::ChainGone),
            Err(PortError::Failed { part, source }) => {
                self.undecided = None;
                return Err(PortError::Failed { part, source }.into());
            }
            Err(error) => return Err(error.into()),
        }
        self.undecided = None;
        Ok(())
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
