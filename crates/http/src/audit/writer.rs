use std::collections::{HashMap, HashSet};
use std::sync::Arc;
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
use super::group::Group;
use super::trail::Message;

/// How many messages may wait.
const QUEUE: usize = 4096;
/// How many messages are written together.
const BATCH: usize = 512;
/// How long messages that nobody waits for are collected before they are written.
const LINGER: Duration = Duration::from_millis(25);
/// How long a message that somebody waits for is kept for others to be written with it. Among those
/// under way may be some that take long: questions to the model, uploads.
const GROUP: Duration = Duration::from_millis(3);
/// How often it is looked for what changes have left in the outbox.
const OUTBOX: Duration = Duration::from_secs(1);
/// The pauses between attempts to write.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// How often a failure that goes on is told.
const TELL_AGAIN: Duration = Duration::from_secs(60);
/// How many disclosures in lists are remembered; then all are forgotten, and written again.
const REMEMBERED: usize = 200_000;

/// The one writer of this instance's chain, while it runs.
pub struct AuditWriter {
    stop: oneshot::Sender<()>,
    failed: oneshot::Receiver<WriteError>,
    task: JoinHandle<()>,
}

impl AuditWriter {
    /// Starts to write this chain on this runtime: the one that the repository works on, where it has its own.
    pub fn start(chain: ChainWriter, runtime: &Handle) -> (Self, AuditTrail) {
        let (sender, queue) = mpsc::channel(QUEUE);
        let group = Arc::<Group>::default();
        let trail = AuditTrail::new(sender, group.clone());
        let (stop, stopped) = oneshot::channel();
        let (failure, failed) = oneshot::channel();
        let writing = Writing { chain, shown: Shown::default(), queue, group };
        let task = runtime.spawn(async move {
            if let Err(error) = writing.run(stopped).await {
                // If nobody waits for it, the service is stopping anyway.
                let _ = failure.send(error);
            }
        });
        (Self { stop, failed, task }, trail)
    }

    /// Returns why writing has come to an end for good, if it ever does. The service must not go on then: what it
    /// does would leave no entry.
    pub async fn failed(&mut self) -> WriteError {
        match (&mut self.failed).await {
            Ok(error) => error,
            Err(_) => std::future::pending().await,
        }
    }

    /// Takes nothing more, writes what is waiting, and stops; or gives up after that time.
    pub async fn drain(self, patience: Duration) {
        // The task ends by itself only when it is told to, or when nobody can record any more.
        drop(self.stop);
        if timeout(patience, self.task).await.is_err() {
            tracing::error!("the audit log could not be written to its end in time");
        }
    }
}

struct Writing {
    chain: ChainWriter,
    shown: Shown,
    queue: mpsc::Receiver<Message>,
    group: Arc<Group>,
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
                tokio::select! {
                    () = sleep(LINGER) => {}
                    () = self.gathered() => {}
                }
                while let Some(message) = (batch.len() < BATCH).then(|| self.queue.try_recv().ok()).flatten()
                {
                    batch.push(message);
                }
            }
            self.write(&mut batch).await?;
        }
    }

    /// Returns when somebody waits whose entry need not wait any more for those of others.
    async fn gathered(&self) {
        self.group.begun().await;
        tokio::select! {
            () = sleep(GROUP) => {}
            () = self.group.complete() => {}
        }
    }

    /// Writes the messages in their order, however long that takes: what waits behind them gives up by itself.
    async fn write(&mut self, batch: &mut Vec<Message>) -> Result<(), WriteError> {
        let mut events = Vec::with_capacity(batch.len());
        let mut waiting = Vec::new();
        for Message { event, itself, shown, written } in batch.drain(..) {
            for patient in shown {
                if self.shown.is_new(&event, patient) {
                    events.push(shown_in_a_list(&event, patient));
                }
            }
            if itself {
                events.push(event);
            }
            waiting.extend(written);
        }
        self.group.leave(waiting.len());
        self.chain.add(events);
        self.flush().await?;
        for written in waiting {
            // Whoever has given up meanwhile was answered 503.
            let _ = written.send(());
        }
        Ok(())
    }

    /// Links what changes have left in the outbox: of this instance, and of others that are gone.
    async fn link_outbox(&mut self) -> Result<(), WriteError> {
        loop {
            match self.chain.add_outbox().await {
                Ok(0) => return Ok(()),
                Ok(_) => self.flush().await?,
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(
                        error,
                        "the audit log's outbox cannot be read; it is read again in a moment"
                    );
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
                    "the audit log cannot be written; trying on"
                );
                told = Some(Instant::now());
            }
            sleep(pause).await;
            pause = (pause * 2).min(longest);
        };
        if replaced > 0 {
            tracing::error!(replaced, "the database did not accept entries of the audit log; others say so");
        }
        if told.is_some() {
            tracing::info!("the audit log is written again");
        }
        Ok(())
    }
}

/// The entry by which a patient finds that somebody saw them in a list.
fn shown_in_a_list(event: &AuditEvent, patient: AccountUuid) -> AuditEvent {
    AuditEvent { patient: Some(patient), query: String::new(), results: None, ..event.clone() }
}

/// Who has been shown to whom today, so that the first time alone has an entry of its own.
#[derive(Default)]
struct Shown {
    day: Option<NaiveDate>,
    known: HashMap<String, HashSet<(AccountUuid, AccountUuid)>>,
    size: usize,
}

impl Shown {
    fn is_new(&mut self, event: &AuditEvent, patient: AccountUuid) -> bool {
        // Whoever is not known may be somebody else each time.
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

    /// A writer over a repository that keeps what it writes in this chain.
    async fn started(fakes: &Fakes) -> (AuditWriter, AuditTrail, ChainId) {
        let (audit, clock, random) = (fakes.storage.clone(), fakes.clock.clone(), fakes.random.clone());
        let chain = ChainWriter::open(audit, clock, random, String::new()).await.unwrap();
        let id = chain.chain();
        let (writer, trail) = AuditWriter::start(chain, &Handle::current());
        (writer, trail, id)
    }

    #[tokio::test(start_paused = true)]
    async fn what_nobody_waits_for_is_collected_also_after_a_change() {
        let fakes = Fakes::new();
        let (_writer, trail, chain) = started(&fakes).await;
        let written = async || fakes.storage.chain(chain, 0, 9).await.unwrap().len();

        trail.record(event(), Vec::new(), true).await.unwrap();
        assert_eq!(written().await, 1);
        trail.record(event(), Vec::new(), false).await.unwrap();
        sleep(LINGER / 2).await;
        trail.record(event(), Vec::new(), false).await.unwrap();
        assert_eq!(written().await, 1);
        sleep(LINGER).await;
        assert_eq!(written().await, 3);

        trail.record(event(), Vec::new(), false).await.unwrap();
        trail.record(event(), Vec::new(), true).await.unwrap();
        assert_eq!(written().await, 5, "whoever waits is not kept waiting for the others");
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_waits_for_others_that_are_under_way_but_not_long() {
        let (_writer, trail, _) = started(&Fakes::new()).await;
        let changes = async |count| {
            let began = Instant::now();
            let recorded = (0..count).map(|_| trail.record(event(), Vec::new(), true));
            futures_util::future::try_join_all(recorded).await.unwrap();
            began.elapsed()
        };
        assert_eq!(changes(1).await, Duration::ZERO, "who is alone is not held up");
        let _under_way = [(); 4].map(|()| trail.under_way());
        let of_one = changes(1).await;
        assert!((GROUP..LINGER).contains(&of_one), "{of_one:?}");
        assert_eq!(changes(2).await, Duration::ZERO);
        trail.record(event(), Vec::new(), false).await.unwrap();
        let after_read = changes(1).await;
        assert!((GROUP..LINGER).contains(&after_read), "{after_read:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_of_refusals_is_recorded_in_part_and_counted_whole() {
        let fakes = Fakes::new();
        let (writer, trail, chain) = started(&fakes).await;
        let refused =
            |operation: &str, outcome| AuditEvent { operation: operation.to_owned(), outcome, ..event() };
        let agent = Some(AuditAgent { uuid: AccountUuid::from_bytes([1; 4]), role: Role::Patient });
        for _ in 0..1000 {
            trail.record(refused("read", 401), Vec::new(), false).await.unwrap();
            trail.record_now(refused("read", 499));
        }
        for _ in 0..300 {
            trail.record(AuditEvent { agent, ..refused("read", 404) }, Vec::new(), false).await.unwrap();
            trail.record(refused("login", 200), Vec::new(), true).await.unwrap();
        }
        trail.record(refused("login", 401), Vec::new(), false).await.unwrap();
        sleep(Duration::from_secs(61)).await;
        trail.record(refused("read", 401), Vec::new(), false).await.unwrap();
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
        assert_eq!(found("read", 404).len(), 300, "of those who are known all are recorded");
        assert_eq!(found("login", 200).len(), 300, "what was not refused, too");
        assert_eq!(found("login", 401).len(), 1, "one kind does not push out another");
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

    #[tokio::test(start_paused = true)]
    async fn a_log_that_was_lost_ends_the_writer() {
        let fakes = Fakes::new();
        let (mut writer, trail, _) = started(&fakes).await;
        trail.record(event(), Vec::new(), true).await.unwrap();
        fakes.storage.lose_audit();
        assert!(trail.record(event(), Vec::new(), true).await.is_err());
        assert!(matches!(writer.failed().await, WriteError::ChainGone));
    }
}
