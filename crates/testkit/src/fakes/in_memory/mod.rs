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

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use state::State;
use yilin_domain::port::{Part, PortError, Random};
use yilin_domain::time::HospitalZone;

/// Every repository over one state behind one lock, so that each method is one unit of work, also
/// where it concerns several kinds of records.
///
/// Ids have gaps, as those of a cluster have.
pub struct InMemory {
    state: Mutex<State>,
    health: Mutex<Health>,
    audit_refused: AtomicBool,
    random: Arc<dyn Random>,
    zone: HospitalZone,
}

#[derive(Debug, Clone, Copy)]
enum Health {
    Well,
    Down,
    Slow(Duration),
}

impl InMemory {
    /// An empty store that draws uuids from this randomness, for a hospital in this zone.
    pub fn new(random: Arc<dyn Random>, zone: HospitalZone) -> Self {
        Self {
            state: Mutex::default(),
            health: Mutex::new(Health::Well),
            audit_refused: AtomicBool::new(false),
            random,
            zone,
        }
    }

    /// From now on every call fails with [`PortError::Unavailable`].
    pub fn go_down(&self) {
        *lock(&self.health) = Health::Down;
    }

    /// From now on nothing can be appended to the audit log, or it can again.
    pub fn refuse_audit(&self, refused: bool) {
        self.audit_refused.store(refused, Ordering::SeqCst);
    }

    /// From now on every call takes that long before it does its work; needs a tokio runtime.
    pub fn slow_down(&self, delay: Duration) {
        *lock(&self.health) = Health::Slow(delay);
    }

    /// From now on every call succeeds at once again.
    pub fn recover(&self) {
        *lock(&self.health) = Health::Well;
    }

    /// Waits or fails as told, then begins a unit of work.
    async fn begin(&self) -> Result<MutexGuard<'_, State>, PortError> {
        let health = *lock(&self.health);
        match health {
            Health::Well => {}
            Health::Down => {
                return Err(PortError::Unavailable {
                    part: Part::Database,
                    source: "the test has taken the storage down".into(),
                });
            }
            Health::Slow(delay) => tokio::time::sleep(delay).await,
        }
        Ok(lock(&self.state))
    }
}

/// A test that panics while it holds the lock says so by itself; the others need not follow it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
