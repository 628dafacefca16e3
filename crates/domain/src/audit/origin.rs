//! Links a change to its audit entry: the request or command that makes it, and the draft of the entry.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{AuditAgent, AuditEvent, ChainId, Entity};
use crate::account::AccountUuid;
use crate::time::Timestamp;

/// A request or command that may make changes: the common part of their audit entries, and whether one has been
/// committed. Clones share the state.
#[derive(Clone)]
pub struct Origin(Arc<Shared>);

struct Shared {
    writer: ChainId,
    common: AuditEvent,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    query: String,
    /// Number of drafts that may still be committed.
    open: usize,
    has_entry: bool,
    otherwise: Option<Box<dyn FnOnce() + Send>>,
}

/// Whether a request or command has committed an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// A change was committed together with its entry.
    Entered,
    /// A unit of work that may commit an entry has not finished.
    Open,
    /// No entry was committed, and no unit of work is running.
    Nothing,
}

impl Origin {
    /// `writer` links the entries; `common` is the part that they share.
    pub fn new(writer: ChainId, common: AuditEvent) -> Self {
        Self(Arc::new(Shared { writer, common, state: Mutex::default() }))
    }

    /// Sets the search parameters of entries drafted from now on.
    pub fn searched(&self, query: String) {
        self.state().query = query;
    }

    /// Drafts the entry of a change made at this time.
    pub fn entry(&self, recorded: Timestamp) -> EntryDraft {
        self.draft(recorded, None)
    }

    /// Drafts the entry of a change that determines the agent: a log-in.
    pub fn entry_by(&self, recorded: Timestamp, agent: AuditAgent, session: String) -> EntryDraft {
        self.draft(recorded, Some((agent, session)))
    }

    /// Whether an entry was committed.
    pub fn progress(&self) -> Progress {
        self.state().progress()
    }

    /// Calls `record` unless a change commits an entry: immediately, or once the last open draft is dropped without.
    pub fn otherwise(&self, record: impl FnOnce() + Send + 'static) {
        let mut state = self.state();
        match state.progress() {
            Progress::Entered => {}
            Progress::Open => state.otherwise = Some(Box::new(record)),
            Progress::Nothing => {
                drop(state);
                record();
            }
        }
    }

    fn draft(&self, recorded: Timestamp, by: Option<(AuditAgent, String)>) -> EntryDraft {
        self.state().open += 1;
        EntryDraft(Arc::new(Draft { origin: self.clone(), recorded, by, is_written: AtomicBool::new(false) }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn progress(&self) -> Progress {
        match (self.has_entry, self.open) {
            (true, _) => Progress::Entered,
            (false, 0) => Progress::Nothing,
            (false, _) => Progress::Open,
        }
    }
}

/// Identity: the same request or command.
impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Origin {}

impl fmt::Debug for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Origin").field(&self.0.common.operation).finish()
    }
}

/// The entry of a change that has not been made yet. The unit of work that makes the change completes it and inserts it
/// into the outbox in the same transaction. Clones share the state.
#[derive(Clone)]
pub struct EntryDraft(Arc<Draft>);

struct Draft {
    origin: Origin,
    recorded: Timestamp,
    by: Option<(AuditAgent, String)>,
    is_written: AtomicBool,
}

/// The part of an entry that only the unit of work knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changed {
    /// What was changed; `None` to keep the request's entity.
    pub entity: Option<Entity>,
    /// The patient concerned, if it is a single one.
    pub patient: Option<AccountUuid>,
    /// Number of records changed, where that varies.
    pub results: Option<u32>,
}

impl Changed {
    /// One record.
    pub fn one(kind: &str, id: impl fmt::Display, patient: Option<AccountUuid>) -> Self {
        let entity = Some(Entity { kind: kind.to_owned(), id: id.to_string() });
        Self { entity, patient, results: None }
    }

    /// Data of this person.
    pub fn of(patient: AccountUuid) -> Self {
        Self { patient: Some(patient), ..Self::default() }
    }

    /// This number of records.
    pub fn many(number: usize) -> Self {
        Self { results: Some(u32::try_from(number).unwrap_or(u32::MAX)), ..Self::default() }
    }
}

impl EntryDraft {
    /// The outcome of a committed change: the HTTP status of a success.
    pub const OUTCOME: u16 = 200;

    /// The writer that links the entry.
    pub fn writer(&self) -> ChainId {
        self.0.origin.0.writer
    }

    /// Completes the entry.
    pub fn event(&self, changed: Changed) -> AuditEvent {
        let Draft { origin, recorded, by, .. } = &*self.0;
        let common = origin.0.common.clone();
        let (agent, session) = match by {
            Some((agent, session)) => (Some(*agent), Some(session.clone())),
            None => (common.agent, common.session),
        };
        AuditEvent {
            recorded: *recorded,
            agent,
            session,
            entity: changed.entity.or(common.entity),
            patient: changed.patient.or(common.patient),
            outcome: Self::OUTCOME,
            query: origin.state().query.clone(),
            results: changed.results,
            ..common
        }
    }

    /// The unit of work starts or restarts: nothing is in the outbox.
    pub fn begun(&self) {
        self.0.is_written.store(false, Ordering::Relaxed);
    }

    /// The unit of work has inserted the entry; its transaction is not committed yet.
    pub fn written(&self) {
        self.0.is_written.store(true, Ordering::Relaxed);
    }

    /// The unit of work was committed.
    pub fn committed(&self) {
        if self.0.is_written.load(Ordering::Relaxed) {
            let mut state = self.0.origin.state();
            state.has_entry = true;
            state.otherwise = None;
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        let mut state = self.origin.state();
        state.open = state.open.saturating_sub(1);
        let due = if state.progress() == Progress::Nothing { state.otherwise.take() } else { None };
        drop(state);
        if let Some(record) = due {
            record();
        }
    }
}

/// Identity: the same draft.
impl PartialEq for EntryDraft {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for EntryDraft {}

impl fmt::Debug for EntryDraft {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("EntryDraft").field(&self.0.origin.0.common.operation).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;
    use crate::audit::AuditAction;

    fn origin() -> Origin {
        let common = AuditEvent {
            recorded: Timestamp::UNIX_EPOCH,
            agent: None,
            session: None,
            source: "192.0.2.1".to_owned(),
            request: "r".to_owned(),
            operation: "op".to_owned(),
            action: AuditAction::Create,
            entity: Some(Entity { kind: "account".to_owned(), id: String::new() }),
            patient: None,
            outcome: 0,
            query: String::new(),
            results: None,
        };
        Origin::new(ChainId::from_bytes([1; 16]), common)
    }

    /// A closure that counts its calls.
    fn counter() -> (Arc<AtomicUsize>, impl FnOnce() + Send + 'static) {
        let count = Arc::<AtomicUsize>::default();
        let counting = count.clone();
        let record = move || {
            counting.fetch_add(1, Ordering::Relaxed);
        };
        (count, record)
    }

    #[test]
    fn an_entry_combines_request_and_unit_of_work() {
        let origin = origin();
        origin.searched("number=3".to_owned());
        let (uuid, at) =
            (AccountUuid::from_bytes([7; 4]), Timestamp::UNIX_EPOCH + chrono::TimeDelta::days(1));
        let event = origin.entry(at).event(Changed::one("inquiry", 7, Some(uuid)));
        assert_eq!(event.entity, Some(Entity { kind: "inquiry".to_owned(), id: "7".to_owned() }));
        assert_eq!((event.recorded, event.patient, event.outcome), (at, Some(uuid), 200));
        assert_eq!((&*event.request, &*event.query, event.results), ("r", "number=3", None));
        let event = origin.entry(at).event(Changed::many(5));
        assert_eq!((event.entity.unwrap().kind.as_str(), event.results), ("account", Some(5)));
    }

    #[test]
    fn the_fallback_runs_once_without_an_entry() {
        let origin = origin();
        let (count, record) = counter();
        let (first, second) = (origin.entry(Timestamp::UNIX_EPOCH), origin.entry(Timestamp::UNIX_EPOCH));
        assert_eq!(origin.progress(), Progress::Open);
        origin.otherwise(record);
        first.begun();
        first.committed();
        drop(first);
        assert_eq!((count.load(Ordering::Relaxed), origin.progress()), (0, Progress::Open));
        second.written();
        // Rolled back, and rerun without an entry.
        second.begun();
        second.committed();
        drop(second);
        assert_eq!((count.load(Ordering::Relaxed), origin.progress()), (1, Progress::Nothing));
        let (count, record) = counter();
        origin.otherwise(record);
        assert_eq!(count.load(Ordering::Relaxed), 1, "no draft is open");
    }

    #[test]
    fn the_fallback_does_not_run_with_an_entry() {
        let origin = origin();
        let (count, record) = counter();
        let draft = origin.entry(Timestamp::UNIX_EPOCH);
        origin.otherwise(record);
        draft.begun();
        draft.written();
        draft.committed();
        drop(draft);
        let (late, record) = counter();
        origin.otherwise(record);
        assert_eq!((count.load(Ordering::Relaxed), late.load(Ordering::Relaxed)), (0, 0));
        assert_eq!(origin.progress(), Progress::Entered);
    }
}
