//! A password hasher without the cost of hashing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use yilin_domain::account::PasswordHash;
use yilin_domain::port::{HashingTurn, Part, PasswordHasher, PortError, TooManyWaiting};
use yilin_domain::session::AttemptKey;

/// "Hashes" by prefixing the password with `fake$`: instant, and easy to recognise in a failed assertion.
#[derive(Debug, Default)]
pub struct FakeHasher {
    work: Arc<AtomicUsize>,
    overloaded: AtomicBool,
    down: AtomicBool,
    crowded: AtomicBool,
    occupied: Arc<RwLock<()>>,
}

impl FakeHasher {
    /// An idle hasher.
    pub fn new() -> Self {
        Self::default()
    }

    /// The hash of this password.
    pub fn hash_of(password: &str) -> PasswordHash {
        PasswordHash(format!("fake${password}"))
    }

    /// Number of passwords hashed or verified: the expensive operations of a real hasher.
    pub fn work_done(&self) -> usize {
        self.work.load(Ordering::SeqCst)
    }

    /// Blocks every slot until the guard is dropped.
    pub async fn occupy(&self) -> OwnedRwLockWriteGuard<()> {
        self.occupied.clone().write_owned().await
    }

    /// Makes every request for a slot fail, or succeed again.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// Simulates a full queue, or ends that.
    pub fn set_overloaded(&self, overloaded: bool) {
        self.overloaded.store(overloaded, Ordering::SeqCst);
    }
}

impl FakeHasher {
    /// Simulates too many waiting log-ins of every account, or ends that.
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
            return Err(PortError::Unavailable {
                part: Part::PasswordHasher,
                source: "the fake is down".into(),
            });
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
