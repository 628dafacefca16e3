//! Time, randomness, password hashing and stored secrets.

use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;

use super::PortError;
use crate::account::PasswordHash;
use crate::session::AttemptKey;
use crate::time::Timestamp;

/// Maximum number of log-ins of one account that wait to be checked.
pub const LOG_INS_WAITING: usize = 2;

/// Time, and sleeping.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The current time in whole seconds. Never earlier than a previous result by more than the system clock
    /// was set back.
    fn now(&self) -> Timestamp;

    /// The current time in whole microseconds, for the audit log only. Defaults to whole seconds.
    fn now_precisely(&self) -> Timestamp {
        self.now()
    }

    /// Offset of this clock from the machine's. Defaults to none.
    fn offset(&self) -> TimeDelta {
        TimeDelta::zero()
    }

    /// Waits until this duration has passed, regardless of changes to the system clock.
    async fn sleep(&self, duration: Duration);
}

/// Cryptographically secure randomness.
pub trait Random: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Random + '_ {
    /// Random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A number below `bound` (0 for a bound of 0), for choosing among items. Not perfectly uniform.
    pub fn below(&self, bound: usize) -> usize {
        let random = u64::from_be_bytes(self.bytes());
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(random.checked_rem(bound).unwrap_or(0)).unwrap_or(0)
    }
}

/// Too many log-ins of one account or from one address are waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many log-ins at once")]
pub struct TooManyWaiting;

/// Hashes passwords. Hashing is slow by design, so concurrency is limited and callers queue: log-ins first,
/// then password changes, then batch work.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Waits for a slot to check the password of this log-in. At most [`LOG_INS_WAITING`] of one account
    /// wait, and one address has at most half of the queue. [`PortError::Overloaded`] if the queue is full,
    /// or after some seconds.
    async fn log_in_turn(
        &self,
        key: &AttemptKey,
    ) -> Result<Result<Box<dyn HashingTurn>, TooManyWaiting>, PortError>;

    /// Waits for a slot to hash a new password, behind all log-ins. [`PortError::Overloaded`] if the queue is
    /// full, or after some seconds.
    async fn turn(&self) -> Result<Box<dyn HashingTurn>, PortError>;

    /// For batch work: waits indefinitely for a slot, behind all other callers.
    async fn patient_turn(&self) -> Result<Box<dyn HashingTurn>, PortError>;
}

/// A slot of the [`PasswordHasher`], released when dropped.
#[async_trait]
pub trait HashingTurn: Send {
    /// Whether the password matches the hash. Without a hash it takes the same time and returns false, so
    /// that timing does not reveal whether an account exists. Passwords of any length are compared as a
    /// whole, never truncated.
    async fn verify(&mut self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, PortError>;

    /// Hashes a password of at most 71 bytes.
    async fn hash(&mut self, password: &str) -> Result<PasswordHash, PortError>;
}

/// Stores the service's secrets, shared by all instances.
#[async_trait]
pub trait SecretRepository: Send + Sync {
    /// The secret with this name. If there is none, the candidate is stored; of several concurrent candidates
    /// one wins, and all callers get it.
    async fn get_or_insert(&self, name: &str, candidate: Vec<u8>) -> Result<Vec<u8>, PortError>;
}
