//! Sessions, and the counting of log-in attempts.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use sha2::{Digest as _, Sha256};

use crate::account::AccountUuid;
use crate::time::Timestamp;

/// Identifies a session (the `jti` of its tokens): 128 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(u128);

impl SessionId {
    /// The id of these random bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// Reads 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let plausible = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        plausible.then(|| u128::from_str_radix(text, 16).ok()).flatten().map(Self)
    }
}

/// Renders 32 hexadecimal digits.
impl std::fmt::Display for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A session that starts with a log-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// Whose it is.
    pub account: AccountUuid,
    /// When it started.
    pub started_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// The address that the log-in came from.
    pub client_address: String,
}

/// A session that was ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedSession {
    /// The session.
    pub id: SessionId,
    /// When it would have ended by itself; after that it need not be remembered.
    pub expires_at: Timestamp,
}

/// Some of all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionSelection {
    /// Every session.
    All,
    /// The sessions of an account.
    Of(AccountUuid),
    /// One session.
    One(SessionId),
}

/// The sessions that were ended before their time, as far as this instance knows: what lets a
/// token be checked without the database.
#[derive(Debug, Default)]
pub struct EndedSessions {
    expiries: RwLock<HashMap<SessionId, Timestamp>>,
}

impl EndedSessions {
    /// Whether the session was ended.
    pub fn contains(&self, session: SessionId) -> bool {
        self.expiries.read().unwrap_or_else(PoisonError::into_inner).contains_key(&session)
    }

    /// Remembers ended sessions, and forgets those that would be over by now anyway.
    pub fn extend(&self, ended: impl IntoIterator<Item = EndedSession>, now: Timestamp) {
        let mut expiries = self.expiries.write().unwrap_or_else(PoisonError::into_inner);
        expiries.retain(|_, expires_at| *expires_at > now);
        expiries.extend(ended.into_iter().map(|session| (session.id, session.expires_at)));
    }
}

/// How many log-in attempts are looked at in a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimits {
    /// How far back attempts count.
    pub window: Duration,
    /// Attempts per identifier and address.
    pub per_identifier: usize,
    /// Failures per address, over all identifiers.
    pub failures_per_address: usize,
}

impl Default for AttemptLimits {
    fn default() -> Self {
        Self { window: Duration::from_secs(600), per_identifier: 5, failures_per_address: 50 }
    }
}

/// What a log-in attempt is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttemptKey {
    /// A digest of what was typed as identifier (it may be long, and may be a password typed into
    /// the wrong field), of the log-in it was typed into, and of the address.
    pub identifier: String,
    /// A digest of the address alone.
    pub address: String,
}

impl AttemptKey {
    /// The key of an attempt at this log-in (`realm`) with this identifier from this address.
    pub fn new(realm: &str, identifier: &str, address: &str) -> Self {
        Self { identifier: digest(&[realm, identifier, address]), address: digest(&[address]) }
    }
}

/// A digest (43 characters of base64url) in which the parts cannot run into each other.
fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    URL_SAFE_NO_PAD.encode(hasher.finalize())
}

/// The attempts of a while, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptWindow {
    /// When each attempt was made.
    pub attempts: Vec<Timestamp>,
}

impl AttemptWindow {
    /// Counts one more attempt, or says how long to wait for the next one. Refused attempts do
    /// not count, so that whoever keeps trying is looked at again in the end.
    pub fn admit(&mut self, now: Timestamp, window: Duration, limit: usize) -> Result<(), Duration> {
        let window = TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX);
        self.attempts.retain(|at| now.signed_duration_since(*at) < window);
        if self.attempts.len() < limit {
            self.attempts.push(now);
            return Ok(());
        }
        // The window has room again when enough of the oldest have left it.
        let leaves_first = self.attempts.len() - limit;
        let wait = self.attempts.get(leaves_first).map_or(window, |at| *at + window - now);
        Err(wait.to_std().unwrap_or_default().max(Duration::from_secs(1)))
    }

    /// Takes one attempt of this moment back, because it succeeded.
    pub fn forgive(&mut self, at: Timestamp) {
        if let Some(index) = self.attempts.iter().position(|attempt| *attempt == at) {
            self.attempts.remove(index);
        }
    }
}

/// Whether a log-in attempt may be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptVerdict {
    /// It is counted, and may be looked at.
    Admitted,
    /// There were too many.
    Refused {
        /// How long to wait.
        retry_after: Duration,
    },
}
