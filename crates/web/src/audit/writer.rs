//! The audit writer of this instance.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::NaiveDate;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::AuditEvent;
use yilin_domain::usecase::{ChainWriter, WriteError};

use super::AuditTrail;
use super::trail::Message;

/// Maximum number of queued messages.
const QUEUE: usize = 4096;
/// Maximum number of messages written together.
const BATCH: usize = 512;
/// How long messages are collected before they are written.
const LINGER: Duration = Duration::from_millis(25);
/// Interval of polling the outbox.
const OUTBOX: Duration = Duration::from_secs(1);
/// Minimum and maximum pause between attempts to write.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// Interval of log lines about a persistent failure.
const TELL_AGAIN: Duration = Duration::from_secs(60);
/// Maximum number of remembered disclosures in lists; beyond it all are forgotten, and written again.
const REMEMBERED: usize = 200_000;

/// The single writer of this instance's chain, while it runs.
pub struct AuditWriter {
    stop: oneshot::Sender<()>,
    failed: oneshot::Receiver<WriteError>,
    task: JoinHandle<()>,
}

impl AuditWriter {
    /// Starts to write this chain on this runtime: that of the repository, if it has its own.
    pub fn start(chain: ChainWriter, runtime: &Handle) -> (Self, AuditTrail) {
        let (sender, queue) = mpsc::channel(QUEUE);
        let trail = AuditTrail::new(sender, chain.id());
        let (stop, stopped) = oneshot::channel();
        let (failure, failed) = oneshot::channel();
        let writing = Writing { chain, shown: Shown::default(), queue };
        let task = runtime.spawn(async move {
            if let Err(error) = writing.run(stopped).await {
                // If the receiver was dropped, the service is stopping anyway.
                let _ = failure.send(error);
            }
        });
        (Self { stop, failed, task }, trail)
    }

    /// Returns when writing has failed permanently, with the reason. The service must then stop, because its
    /// requests would leave no entries.
    pub async fn failed(&mut self) -> WriteError {
        match (&mut self.failed).await {
            Ok(error) => error,
            Err(_) => std::future::pending().await,
        }
    }

    /// Closes the queue, writes what is queued, and stops; or gives up after this time.
    pub async fn drain(self, patience: Duration) {
        // The task only ends when it is told to, or when all senders are dropped.
        drop(self.stop);
        if timeout(patience, self.task).await.is_err() {
            tracing::error!("queued audit entries could not be written in time");
        }
    }
}

struct Writing {
    chain: ChainWriter,
    shown: Shown,
    queue: mpsc::Receiver<Message>,
}

impl Writing {
    async fn run(mut self, mut stopped: oneshot::Receiver<()>) -> Result<(), WriteError> {
        let mut stopping = false;
        let mut batch = Vec::with_capacity(BATCH);
        let mut outbox = interval(OUTBOX);
        outbox.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = &mut stopped, if !stopping => {
                    stopping = true;
                    self.queue.close();
                    continue;
                }
                _ = outbox.tick() => {
                    self.link_outbox().await?;
                    continue;
                }
                received = self.queue.recv_many(&mut batch, BATCH) => if received == 0 {
                    return self.link_outbox().await;
                },
            }
            if !stopping && batch.len() < BATCH {
                sleep(LINGER).await;
                while let Some(message) = (batch.len() < BATCH).then(|| self.queue.try_recv().ok()).flatten()
                {
                    batch.push(message);
                }
            }
            self.write(&mut batch).await?;
        }
    }

    /// Writes the messages in order, however long that takes: requests behind them time out by themselves.
    async fn write(&mut self, batch: &mut Vec<Message>) -> Result<(), WriteError> {
        let mut events = Vec::with_capacity(batch.len());
        for Message { event, itself, shown } in batch.drain(..) {
            for patient in shown {
                if self.shown.is_new(&event, patient) {
                    events.push(shown_in_a_list(&event, patient));
                }
            }
            if itself {
                events.push(event);
            }
        }
        self.chain.add(events);
        self.flush().await
    }

    /// Links the events in the outbox: those of this instance, and of dead ones.
    ///
    /// It does not wait for an empty outbox: while changes are made without a pause there is always another event, and
    /// each would be linked by a transaction of its own.
    async fn link_outbox(&mut self) -> Result<(), WriteError> {
        loop {
            match self.chain.add_outbox().await {
                Ok(0) => return Ok(()),
                Ok(number) => {
                    self.flush().await?;
                    if number < usize::from(ChainWriter::OUTBOX_BATCH) {
                        return Ok(());
                    }
                }
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the audit log's outbox cannot be read; retrying");
                    return Ok(());
                }
            }
        }
    }

    async fn flush(&mut self) -> Result<(), WriteError> {
        let (mut pause, longest) = PAUSES;
        let mut told: Option<Instant> = None;
        let replaced = loop {
            let error = match self.chain.flush().await {
                Ok(replaced) => break replaced,
                Err(WriteError::Port(error)) => error,
                Err(error @ WriteError::ChainGone) => return Err(error),
            };
            if told.is_none_or(|told| told.elapsed() > TELL_AGAIN) {
                let error: &dyn std::error::Error = &error;
                tracing::error!(
                    error,
                    waiting = self.queue.len(),
                    "the audit log cannot be written; retrying"
                );
                told = Some(Instant::now());
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        };
        if replaced > 0 {
            tracing::error!(replaced, "the database rejected entries of the audit log; they were replaced");
        }
        if told.is_some() {
            tracing::info!("the audit log can be written again");
        }
        Ok(())
    }
}

/// The entry that shows a patient that they were seen in a list.
fn shown_in_a_list(event: &AuditEvent, patient: AccountUuid) -> AuditEvent {
    AuditEvent { patient: Some(patient), query: String::new(), results: None, ..event.clone() }
}

/// Disclosures of the current day by reader and list, so that only the first one gets an entry.
#[derive(Default)]
struct Shown {
    day: Option<NaiveDate>,
    known: HashMap<String, HashSet<(AccountUuid, AccountUuid)>>,
    size: usize,
}

impl Shown {
    fn is_new(&mut self, event: &AuditEvent, patient: AccountUuid) -> bool {
        // Anonymous readers may differ each time.
        let Some(agent) = event.agent else { return true };
        let day = event.recorded.date_naive();
        if self.day != Some(day) || self.size >= REMEMBERED {
            *self = Self { day: Some(day), ..Self::default() };
        }
        if !self.known.contains_key(&event.operation) {
            self.known.insert(event.operation.clone(), HashSet::new());
        }
        let known = self.known.get_mut(&event.operation);
        let is_new = known.is_none_or(|known| known.insert((agent.uuid, patient)));
        self.size += usize::from(is_new);
        is_new
    }
}

#[cfg(test)]
mod tests {
    use yilin_domain::account::Role;
    use yilin_domain::audit::{AuditAction, AuditAgent, ChainId};
    use yilin_domain::port::AuditRepository as _;
    use yilin_testkit::fakes::Fakes;

    use super::*;

    fn event() -> AuditEvent {
        AuditEvent {
            recorded: chrono::DateTime::UNIX_EPOCH,
            agent: None,
            session: None,
            source: String::new(),
            request: String::new(),
            operation: String::new(),
            action: AuditAction::Read,
            entity: None,
            patient: None,
            outcome: 200,
            query: String::new(),
            results: None,
        }
    }

    /// A writer over a repository that stores its entries in this chain.
    async fn started(fakes: &Fakes) -> (AuditWriter, AuditTrail, ChainId) {
        let (audit, clock, random) = (fakes.storage.clone(), fakes.clock.clone(), fakes.random.clone());
        let chain = ChainWriter::open(audit, clock, random, String::new()).await.unwrap();
        let id = chain.chain();
        let (writer, trail) = AuditWriter::start(chain, &Handle::current());
        (writer, trail, id)
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_messages_are_written_in_one_batch() {
        let fakes = Fakes::new();
        let (_writer, trail, chain) = started(&fakes).await;
        let written = async || fakes.storage.chain(chain, 0, 9).await.unwrap().len();
        trail.record(event(), Vec::new()).await.unwrap();
        sleep(LINGER / 2).await;
        trail.record(event(), Vec::new()).await.unwrap();
        assert_eq!(written().await, 0);
        sleep(LINGER).await;
        assert_eq!(written().await, 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_refusals_is_recorded_in_part_and_counted_whole() {
        let fakes = Fakes::new();
        let (writer, trail, chain) = started(&fakes).await;
        let refused =
            |operation: &str, outcome| AuditEvent { operation: operation.to_owned(), outcome, ..event() };
        let agent = Some(AuditAgent { uuid: AccountUuid::from_bytes([1; 4]), role: Role::Patient });
        for _ in 0..1000 {
            trail.record(refused("read", 401), Vec::new()).await.unwrap();
            trail.record_now(refused("read", 499));
        }
        let session = |n: usize| Some(format!("session {}", n % 2));
        for n in 0..300 {
            trail
                .record(AuditEvent { agent, session: session(n), ..refused("read", 404) }, Vec::new())
                .await
                .unwrap();
            trail.record(refused("login", 200), Vec::new()).await.unwrap();
        }
        trail.record(refused("login", 401), Vec::new()).await.unwrap();
        sleep(Duration::from_secs(61)).await;
        trail.record(refused("read", 401), Vec::new()).await.unwrap();
        writer.drain(Duration::from_secs(1)).await;

        let entries = fakes.storage.chain(chain, 0, 5000).await.unwrap();
        let found = |operation: &str, outcome| {
            let events = entries.iter().map(|entry| &entry.event);
            let of_kind = events.filter(|event| event.operation == operation && event.outcome == outcome);
            of_kind.map(|event| event.query.clone()).collect::<Vec<_>>()
        };
        let (unauthenticated, gone) = (found("read", 401), found("read", 499));
        assert_eq!((unauthenticated.len(), gone.len()), (120 + 1 + 1, 120 + 1));
        assert_eq!((&*unauthenticated[120], &*gone[120]), ("unrecorded=880", "unrecorded=880"));
        let of_sessions = found("read", 404);
        assert_eq!(of_sessions.len(), 2 * 121, "each session counts for itself");
        assert_eq!(of_sessions.iter().filter(|query| *query == "unrecorded=30").count(), 2);
        let summaries = entries.iter().filter(|entry| entry.event.query == "unrecorded=30");
        assert!(summaries.clone().all(|entry| entry.event.agent == agent && entry.event.session.is_some()));
        assert_eq!(found("login", 200).len(), 300, "accepted ones as well");
        assert_eq!(found("login", 401).len(), 1, "kinds are limited independently");
    }

    #[tokio::test(start_paused = true)]
    async fn what_changes_left_in_the_outbox_is_linked_within_a_second_and_before_the_end() {
        let fakes = Fakes::new();
        let (writer, _trail, chain) = started(&fakes).await;
        let linked = async || fakes.storage.chain(chain, 0, 9).await.unwrap().len();
        sleep(Duration::from_millis(10)).await;
        fakes.storage.leave(chain, &event()).await.unwrap();
        sleep(OUTBOX).await;
        assert_eq!(linked().await, 1);
        fakes.storage.leave(chain, &event()).await.unwrap();
        writer.drain(Duration::from_millis(1)).await;
        assert_eq!(linked().await, 2);
    }

    /// Under load there is always another change, and a transaction for each of these costs the database more than
    /// the changes do.
    #[tokio::test(start_paused = true)]
    async fn the_outbox_is_linked_in_whole_batches_while_changes_go_on() {
        let fakes = Fakes::new();
        let (writer, _trail, chain) = started(&fakes).await;
        let linked = async || fakes.storage.chain(chain, 0, 2000).await.unwrap().len();
        sleep(Duration::from_millis(10)).await;
        let batch = usize::from(ChainWriter::OUTBOX_BATCH);
        for _ in 0..=batch {
            fakes.storage.leave(chain, &event()).await.unwrap();
        }
        fakes.storage.change_during_appends(chain, vec![event(); 20]);
        sleep(OUTBOX).await;
        assert_eq!(linked().await, batch + 2, "a whole batch, and what was there when it was read");
        sleep(OUTBOX).await;
        assert_eq!(linked().await, batch + 3);
        writer.drain(Duration::from_millis(1)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_log_that_was_lost_ends_the_writer() {
        let fakes = Fakes::new();
        let (mut writer, trail, _) = started(&fakes).await;
        trail.record(event(), Vec::new()).await.unwrap();
        sleep(LINGER * 2).await;
        fakes.storage.lose_audit();
        trail.record(event(), Vec::new()).await.unwrap();
        assert!(matches!(writer.failed().await, WriteError::ChainGone));
    }
}
