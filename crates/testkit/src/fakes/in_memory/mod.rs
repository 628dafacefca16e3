//! The repositories, in memory.

mod accounts;
mod attempts;
mod audit;
mod conversations;
mod drug_orders;
mod imports;
mod inquiries;
mod list;
mod medical_records;
mod pins;
mod quotas;
mod secrets;
mod sessions;
mod state;
mod statistics;
mod uploads;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use state::State;
use yilin_domain::audit::ChainId;
use yilin_domain::port::{Part, PortError, Random};
use yilin_domain::time::HospitalZone;

/// Every repository over one state behind one lock, so that each method is one unit of work, also
/// where it concerns several kinds of records.
///
/// Ids have gaps, as those of a cluster have.
pub struct InMemory {
    state: Mutex<State>,
    health: Mutex<Health>,
    corrupt_chain: Mutex<Option<ChainId>>,
    rivals: Mutex<VecDeque<BoxFuture<'static, ()>>>,
    /// Each hanging call has one of these.
    hanging: Arc<()>,
    audit_down: AtomicBool,
    audit_refused: Mutex<Option<String>>,
    audit_answers_lost: AtomicUsize,
    random: Arc<dyn Random>,
    zone: HospitalZone,
}

#[derive(Debug, Clone, Copy)]
enum Health {
    Well,
    /// After this many more calls.
    Down(u32),
    Silent,
}

impl InMemory {
    /// An empty store that draws uuids from this randomness, for a hospital in this zone.
    pub fn new(random: Arc<dyn Random>, zone: HospitalZone) -> Self {
        Self {
            state: Mutex::default(),
            health: Mutex::new(Health::Well),
            corrupt_chain: Mutex::default(),
            rivals: Mutex::default(),
            hanging: Arc::default(),
            audit_down: AtomicBool::new(false),
            audit_refused: Mutex::default(),
            audit_answers_lost: AtomicUsize::new(0),
            random,
            zone,
        }
    }

    /// From now on every call fails with [`PortError::Unavailable`].
    pub fn go_down(&self) {
        self.go_down_after(0);
    }

    /// As [`Self::go_down`], after this many more calls.
    pub fn go_down_after(&self, calls: u32) {
        *lock(&self.health) = Health::Down(calls);
    }

    /// From now on, what is stored of this audit chain's entries makes no sense.
    pub fn corrupt_audit_chain(&self, chain: ChainId) {
        *lock(&self.corrupt_chain) = Some(chain);
    }

    /// Makes the next compare-and-swaps lose a race: before each of them, one of these futures runs to
    /// its end. What they save themselves is not interrupted.
    pub fn interrupt_saves(&self, rivals: impl IntoIterator<Item = BoxFuture<'static, ()>>) {
        *lock(&self.rivals) = rivals.into_iter().collect();
    }

    /// From now on every call hangs, as one over a connection that fell silent; those that hang do so
    /// after [`Self::recover`], too.
    pub fn fall_silent(&self) {
        *lock(&self.health) = Health::Silent;
    }

    /// How many calls hang.
    pub fn hanging(&self) -> usize {
        Arc::strong_count(&self.hanging) - 1
    }

    /// From now on every call succeeds again.
    pub fn recover(&self) {
        *lock(&self.health) = Health::Well;
    }

    /// As [`Self::begin`], for a unit of work that is done only if nothing has changed meanwhile.
    async fn begin_save(&self) -> Result<MutexGuard<'_, State>, PortError> {
        let mut rivals = std::mem::take(&mut *lock(&self.rivals));
        if let Some(rival) = rivals.pop_front() {
            rival.await;
            *lock(&self.rivals) = rivals;
        }
        self.begin().await
    }

    /// Waits or fails as told, then begins a unit of work.
    async fn begin(&self) -> Result<MutexGuard<'_, State>, PortError> {
        if self.falls_on_silence()? {
            let _hanging = self.hanging.clone();
            std::future::pending::<()>().await;
        }
        Ok(lock(&self.state))
    }

    /// Whether the call that is about to begin is to hang.
    fn falls_on_silence(&self) -> Result<bool, PortError> {
        match &mut *lock(&self.health) {
            Health::Well => Ok(false),
            Health::Silent => Ok(true),
            Health::Down(0) => Err(PortError::Unavailable {
                part: Part::Database,
                source: "the test has taken the storage down".into(),
            }),
            Health::Down(calls) => {
                *calls -= 1;
                Ok(false)
            }
        }
    }
}

/// A test that panics while it holds the lock says so by itself; the others need not follow it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
