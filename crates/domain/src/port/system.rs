//! Time, randomness, password hashing and stored secrets.

use std::time::Duration;

use async_trait::async_trait;

use super::PortError;
use crate::account::PasswordHash;
use crate::session::AttemptKey;
use crate::time::Timestamp;

/// How many log-ins of one account wait for their check at a time.
pub const LOG_INS_WAITING: usize = 2;

/// The time, and waiting for it to pass.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The present, in whole seconds. Never earlier than what was answered before by more than
    /// the machine's clock was set back.
    fn now(&self) -> Timestamp;

    /// The present in whole microseconds, for the audit log alone. A clock that knows seconds only
    /// gives those.
    fn now_precisely(&self) -> Timestamp {
        self.now()
    }

    /// Waits until this much time has passed, however often the clock is set meanwhile.
    async fn sleep(&self, duration: Duration);
}

/// Randomness that cannot be guessed.
pub trait Random: Send + Sync {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

impl dyn Random + '_ {
    /// Some random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A number below `bound` (0 for a bound of 0), for choosing among things. Not perfectly even.
    pub fn below(&self, bound: usize) -> usize {
        let random = u64::from_be_bytes(self.bytes());
        let bound = u64::try_from(bound).unwrap_or(u64::MAX);
        usize::try_from(random.checked_rem(bound).unwrap_or(0)).unwrap_or(0)
    }
}

/// Too many log-ins of one account or from one address wait for a turn already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many log-ins at once")]
pub struct TooManyWaiting;

/// Hashes passwords. Hashing is slow on purpose, so only a few run at a time and the others wait: log-ins
/// before passwords that are set, and those before batch work.
#[async_trait]
pub trait PasswordHasher: Send + Sync {
    /// Waits for a turn to check the password of this log-in. At most [`LOG_INS_WAITING`] of one account wait,
    /// and one address has at most half of the places. [`PortError::Overloaded`] if all places are taken, or
    /// after some seconds.
    async fn log_in_turn(
        &self,
        key: &AttemptKey,
    ) -> Result<Result<Box<dyn HashingTurn>, TooManyWaiting>, PortError>;

    /// Waits for a turn to hash a password that is set, behind all log-ins. [`PortError::Overloaded`] if too
    /// many are waiting already, or after some seconds.
    async fn turn(&self) -> Result<Box<dyn HashingTurn>, PortError>;

    /// For batch work: waits for a turn indefinitely, behind everything else.
    async fn patient_turn(&self) -> Result<Box<dyn HashingTurn>, PortError>;
}

/// A turn at the [`PasswordHasher`]; it ends when dropped.
#[async_trait]
pub trait HashingTurn: Send {
    /// Whether this is the password of the hash. Without a hash it takes the same time and is
    /// wrong, so that the time does not tell whether an account exists. A password of any
    /// length is right or wrong; none is ever cut off.
    async fn verify(&mut self, password: &str, hash: Option<&PasswordHash>) -> Result<bool, PortError>;

    /// Hashes a password of at most 71 bytes.
    async fn hash(&mut self, password: &str) -> Result<PasswordHash, PortError>;
}

/// Keeps the service's secrets where all its instances find them.
#[async_trait]
pub trait SecretRepository: Send + Sync {
    /// The secret of this name. If there is none yet, the candidate becomes it; of several
    /// candidates at once, one wins and all callers get it.
    async fn get_or_insert(&self, name: &str, candidate: Vec<u8>) -> Result<Vec<u8>, PortError>;
}
