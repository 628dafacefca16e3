//! The queue of the password hasher.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use yilin_domain::port::LOG_INS_WAITING;
use yilin_domain::session::AttemptKey;

/// The purpose of a slot, most urgent first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Purpose {
    /// Checking a log-in.
    LogIn(AttemptKey),
    /// Hashing a new password.
    Change,
    /// Batch work.
    Batch,
}

/// Why a caller cannot wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoPlace {
    /// The queue is full.
    Full,
    /// The account or the address has reached its limit.
    Crowded,
}

/// Slots, one per core, and the queues of waiting callers: log-ins first, then password changes, then batch
/// work.
#[derive(Clone)]
pub(super) struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    /// Maximum number of waiting log-ins, and of waiting changes.
    places: usize,
    log_ins: FairQueue,
    changes: VecDeque<oneshot::Sender<()>>,
    batch: VecDeque<oneshot::Sender<()>>,
    /// Number of waiting log-ins and changes, and of log-ins per account and address.
    log_ins_waiting: usize,
    changes_waiting: usize,
    accounts: HashMap<String, usize>,
    addresses: HashMap<String, usize>,
}

impl Turns {
    pub(super) fn new(turns: usize, places: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            free: turns,
            places,
            log_ins: FairQueue::default(),
            changes: VecDeque::new(),
            batch: VecDeque::new(),
            log_ins_waiting: 0,
            changes_waiting: 0,
            accounts: HashMap::new(),
            addresses: HashMap::new(),
        })))
    }

    /// Takes a slot immediately, or a place in the queue.
    pub(super) fn enter(&self, purpose: Purpose) -> Result<Entered, NoPlace> {
        let mut state = self.lock();
        if state.free > 0 {
            state.free -= 1;
            return Ok(Entered::Turn(Turn(self.clone())));
        }
        state.take_place(&purpose)?;
        let (sender, called) = oneshot::channel();
        match &purpose {
            Purpose::LogIn(key) => state.log_ins.push(&key.address, sender),
            Purpose::Change => state.changes.push_back(sender),
            Purpose::Batch => state.batch.push_back(sender),
        }
        Ok(Entered::Waiting(Waiting { turns: self.clone(), purpose, called: Some(called) }))
    }

    /// Passes a slot on to the next waiter.
    fn pass_on(&self) {
        let mut state = self.lock();
        while let Some(next) = state.next() {
            // Waiters that have given up are skipped.
            if next.send(()).is_ok() {
                return;
            }
        }
        state.free += 1;
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        let state = self.lock();
        state.log_ins_waiting + state.changes_waiting
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take_place(&mut self, purpose: &Purpose) -> Result<(), NoPlace> {
        match purpose {
            Purpose::LogIn(key) => {
                let waiting =
                    |counts: &HashMap<String, usize>, key| counts.get(key).copied().unwrap_or_default();
                if waiting(&self.accounts, &key.account) >= LOG_INS_WAITING
                    || waiting(&self.addresses, &key.address) >= self.places / 2
                {
                    return Err(NoPlace::Crowded);
                }
                if self.log_ins_waiting >= self.places && !self.log_ins.make_room(&key.address) {
                    return Err(NoPlace::Full);
                }
                self.log_ins_waiting += 1;
                *self.accounts.entry(key.account.clone()).or_default() += 1;
                *self.addresses.entry(key.address.clone()).or_default() += 1;
            }
            Purpose::Change => {
                if self.changes_waiting >= self.places {
                    return Err(NoPlace::Full);
                }
                self.changes_waiting += 1;
            }
            Purpose::Batch => {}
        }
        Ok(())
    }

    fn leave_place(&mut self, purpose: &Purpose) {
        match purpose {
            Purpose::LogIn(key) => {
                self.log_ins_waiting -= 1;
                leave(&mut self.accounts, &key.account);
                leave(&mut self.addresses, &key.address);
            }
            Purpose::Change => self.changes_waiting -= 1,
            Purpose::Batch => {}
        }
    }

    fn next(&mut self) -> Option<oneshot::Sender<()>> {
        let log_in = self.log_ins.pop();
        log_in.or_else(|| self.changes.pop_front()).or_else(|| self.batch.pop_front())
    }
}

/// Waiting log-ins, in turn by address: those of a few addresses must not keep everybody else waiting.
#[derive(Default)]
struct FairQueue(VecDeque<(String, VecDeque<oneshot::Sender<()>>)>);

impl FairQueue {
    fn push(&mut self, address: &str, sender: oneshot::Sender<()>) {
        match self.0.iter_mut().find(|(known, _)| known == address) {
            Some((_, waiting)) => waiting.push_back(sender),
            None => self.0.push_back((address.to_owned(), VecDeque::from([sender]))),
        }
    }

    /// The first of the address whose turn it is.
    fn pop(&mut self) -> Option<oneshot::Sender<()>> {
        let (address, mut waiting) = self.0.pop_front()?;
        let first = waiting.pop_front();
        if !waiting.is_empty() {
            self.0.push_back((address, waiting));
        }
        first
    }

    /// Sends away the last of the most crowded address, if that one has more waiting than this one would have.
    fn make_room(&mut self, address: &str) -> bool {
        // Waiters that have given up do not count.
        for (_, waiting) in &mut self.0 {
            waiting.retain(|sender| !sender.is_closed());
        }
        self.0.retain(|(_, waiting)| !waiting.is_empty());
        let own = self.0.iter().find(|(known, _)| known == address).map_or(0, |(_, waiting)| waiting.len());
        let most = self.0.iter_mut().max_by_key(|(_, waiting)| waiting.len());
        match most {
            Some((_, waiting)) if waiting.len() > own + 1 => waiting.pop_back().is_some(),
            _ => false,
        }
    }
}

fn leave(counts: &mut HashMap<String, usize>, key: &str) {
    if let Some(count) = counts.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            counts.remove(key);
        }
    }
}

/// The result of [`Turns::enter`].
pub(super) enum Entered {
    /// A slot.
    Turn(Turn),
    /// A place in the queue.
    Waiting(Waiting),
}

/// A slot; passed on when dropped.
pub(super) struct Turn(Turns);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.pass_on();
    }
}

/// A place in a queue; given up when dropped.
pub(super) struct Waiting {
    turns: Turns,
    purpose: Purpose,
    /// `None` once the slot has been taken.
    called: Option<oneshot::Receiver<()>>,
}

impl Waiting {
    /// Waits for the slot. A log-in may have to give its place to one of another address.
    pub(super) async fn turn(mut self) -> Result<Turn, NoPlace> {
        if let Some(called) = &mut self.called {
            let called = called.await;
            self.called = None;
            called.map_err(|_| NoPlace::Full)?;
        }
        Ok(Turn(self.turns.clone()))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.turns.lock().leave_place(&self.purpose);
        // A slot that arrived at the moment of giving up must not be lost.
        if let Some(mut called) = self.called.take() {
            called.close();
            if called.try_recv().is_ok() {
                self.turns.pass_on();
            }
        }
    }
}
