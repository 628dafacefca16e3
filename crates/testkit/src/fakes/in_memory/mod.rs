//! The repositories, in memory.

mod accounts;
mod answers;
mod attempts;
mod audit;
mod conversations;
mod drug_orders;
mod events;
mod imports;
mod inquiries;
mod list;
mod medical_records;
mod people;
mod pins;
mod quotas;
mod secrets;
mod sessions;
mod state;
mod statistics;
mod uploads;
mod verifications;
mod visit_lists;
mod webhooks;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::BoxFuture;
use state::State;
use yilin_domain::audit::{AuditEvent, ChainId};
use yilin_domain::port::{DatabaseInspector, DatabaseState, Part, PortError, Random};
use yilin_domain::time::HospitalZone;

/// Every repository over one state behind one lock, so that each method is one unit of work, even if it
/// affects several kinds of records.
///
/// Ids have gaps, as in a cluster.
pub struct InMemory {
    state: Mutex<State>,
    health: Mutex<Health>,
    corrupt_chain: Mutex<Option<ChainId>>,
    rivals: Mutex<VecDeque<BoxFuture<'static, ()>>>,
    /// Held by each hanging call.
    hanging: Arc<()>,
    audit_down: AtomicBool,
    audit_refused: Mutex<Option<String>>,
    audit_answers_lost: AtomicUsize,
    changed_meanwhile: Mutex<VecDeque<(ChainId, AuditEvent)>>,
    random: Arc<dyn Random>,
    zone: HospitalZone,
}

#[derive(Debug, Clone, Copy)]
enum Health {
    Well,
    /// Fails after this many more calls.
    Down(u32),
    Silent,
}

impl InMemory {
    /// An empty store that draws uuids from this random source, for a hospital in this time zone.
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
            changed_meanwhile: Mutex::default(),
            random,
            zone,
        }
    }

    /// Makes every call fail with [`PortError::Unavailable`].
    pub fn go_down(&self) {
        self.go_down_after(0);
    }

    /// Like [`Self::go_down`], after this many more calls.
    pub fn go_down_after(&self, calls: u32) {
        *lock(&self.health) = Health::Down(calls);
    }

    /// Makes the stored entries of this audit chain invalid.
    pub fn corrupt_audit_chain(&self, chain: ChainId) {
        *lock(&self.corrupt_chain) = Some(chain);
    }

    /// Makes the next compare-and-swaps lose a race: each of them first runs one of these futures to
    /// completion. Saves inside these futures are not interrupted.
    pub fn interrupt_saves(&self, rivals: impl IntoIterator<Item = BoxFuture<'static, ()>>) {
        *lock(&self.rivals) = rivals.into_iter().collect();
    }

    /// Makes every call hang, as over a silent connection; calls that hang already continue to do so after
    /// [`Self::recover`].
    pub fn fall_silent(&self) {
        *lock(&self.health) = Health::Silent;
    }

    /// Number of hanging calls.
    pub fn hanging(&self) -> usize {
        Arc::strong_count(&self.hanging) - 1
    }

    /// Makes every call succeed again.
    pub fn recover(&self) {
        *lock(&self.health) = Health::Well;
    }

    /// Like [`Self::begin`], for a unit of work with a compare-and-swap.
    async fn begin_save(&self) -> Result<MutexGuard<'_, State>, PortError> {
        let mut rivals = std::mem::take(&mut *lock(&self.rivals));
        if let Some(rival) = rivals.pop_front() {
            rival.await;
            *lock(&self.rivals) = rivals;
        }
        self.begin().await
    }

    /// Hangs or fails if configured, otherwise begins a unit of work.
    async fn begin(&self) -> Result<MutexGuard<'_, State>, PortError> {
        if self.falls_on_silence()? {
            let _hanging = self.hanging.clone();
            std::future::pending::<()>().await;
        }
        Ok(lock(&self.state))
    }

    /// Whether the next call should hang.
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

#[async_trait]
impl DatabaseInspector for InMemory {
    async fn inspect(&self) -> Result<DatabaseState, PortError> {
        drop(self.begin().await?);
        Ok(DatabaseState { product: "memory".to_owned(), version: "1".to_owned(), latency: Duration::ZERO })
    }
}

/// Ignores poison: a test that panics with the lock held fails by itself, and others need not.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
