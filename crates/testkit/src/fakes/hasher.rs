//! Passwords without the cost of hashing them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use yilin_domain::account::PasswordHash;
use yilin_domain::port::{HashingTurn, Part, PasswordHasher, PortError, TooManyWaiting};
use yilin_domain::session::AttemptKey;

/// "Hashes" by writing `fake$` before the password: instantly, and easy to recognise in a failed
/// assertion.
#[derive(Debug, Default)]
pub struct FakeHasher {
    work: Arc<AtomicUsize>,
    overloaded: AtomicBool,
    down: AtomicBool,
    crowded: AtomicBool,
    occupied: Arc<RwLock<()>>,
}

impl FakeHasher {
    /// A hasher that nobody waits for.
    pub fn new() -> Self {
        Self::default()
    }

    /// What hashing this password gives.
    pub fn hash_of(password: &str) -> PasswordHash {
        PasswordHash(format!("fake${password}"))
    }

    /// How many passwords were hashed or verified: what a real hasher spends its time on.
    pub fn work_done(&self) -> usize {
        self.work.load(Ordering::SeqCst)
    }

    /// Makes every turn wait until the guard is dropped.
    pub async fn occupy(&self) -> OwnedRwLockWriteGuard<()> {
        self.occupied.clone().write_owned().await
    }

    /// Makes every turn fail, or work again.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// From now on, too many are waiting for a turn (or no longer).
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }
}

impl FakeHasher {
    /// From now on, too many log-ins of every account are waiting for a turn (or no longer).
    pub fn set_crowded(&self, crowded: bool) {
        self.crowded.store(crowded, Ordering::SeqCst);
    }
}

#[async_trait]
impl PasswordHasher for FakeHasher {
    async fn log_in_turn(
        &self,
        _: &AttemptKey,
    ) -> Result<Result<Box<dyn HashingTurn>, TooManyWaiting>, PortError> {
        if self.crowded.load(Ordering::SeqCst) {
            return Ok(Err(TooManyWaiting));
        }
        self.turn().await.map(Ok)
    }

    async fn turn(&self) -> Result<Box<dyn HashingTurn>, PortError> {
        if self.overloaded.load(Ordering::SeqCst) {
            return Err(PortError::Overloaded {
                part: Part::PasswordHasher,
                retry_after: Duration::from_secs(1),
            });
        }
        self.patient_turn().await
    }

    async fn patient_turn(&self) -> Result<Box<dyn HashingTurn>, PortError> {
        drop(self.occupied.read().await);
        if self.down.load(Ordering::SeqCst) {
            return Err(PortError::Unavailable { part: Part::PasswordHasher, source: "it is down".into() });
        }
        Ok(Box::new(Turn { work: self.work.clone() }))
    }
}

struct Turn {
    work: Arc<AtomicUsize>,
}

#[async_trait]
impl HashingTurn for Turn {
    async fn verify(&mut self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, PortError> {
        self.work.fetch_add(1, Ordering::SeqCst);
        Ok(hash == Some(&FakeHasher::hash_of(password)))
    }

    async fn hash(&mut self, password: &str) -> Result<PasswordHash, PortError> {
        self.work.fetch_add(1, Ordering::SeqCst);
        Ok(FakeHasher::hash_of(password))
    }
}
