//! Sessions, and the counting of log-in attempts.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
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
    /// The id with these random bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// Parses 32 hexadecimal digits.
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

/// A session, started by a log-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The session.
    pub id: SessionId,
    /// The account it belongs to.
    pub account: AccountUuid,
    /// Time of the log-in.
    pub started_at: Timestamp,
    /// Time of expiry.
    pub expires_at: Timestamp,
    /// The client address of the log-in.
    pub client_address: String,
}

/// A session that was ended before it expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedSession {
    /// The session.
    pub id: SessionId,
    /// When it would have expired; after that it need not be stored.
    pub expires_at: Timestamp,
}

/// A selection of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionSelection {
    /// Every session.
    All,
    /// The sessions of an account.
    Of(AccountUuid),
    /// One session.
    One(SessionId),
}

/// How long an ended session is remembered after its expiry: longer than any clock error, so that a clock set
/// ahead temporarily does not revive a session.
pub const DENIALS_OUTLIVE_SESSIONS: TimeDelta = TimeDelta::days(30);

/// The ended sessions known to this instance, which allow a token to be checked without the database.
#[derive(Debug, Default)]
pub struct EndedSessions {
    denials: RwLock<Denials>,
}

#[derive(Debug, Default)]
struct Denials {
    expiries: HashMap<SessionId, Timestamp>,
    /// When sessions were last added.
    last: Option<Timestamp>,
    /// How often sessions were added since the clock has last jumped.
    steady: u32,
}

/// How often sessions are added, at least once a second, before the clock counts as steady.
const STEADY: u32 = 3600;

/// By how much a steady clock may advance between two of these times.
const STEP: TimeDelta = TimeDelta::minutes(10);

impl EndedSessions {
    /// Whether the session was ended.
    pub fn contains(&self, session: SessionId) -> bool {
        let denials = self.denials.read().unwrap_or_else(PoisonError::into_inner);
        denials.expiries.contains_key(&session)
    }

    /// Adds ended sessions. Those that expired more than [`DENIALS_OUTLIVE_SESSIONS`] ago are removed, but only while the
    /// clock is steady: a clock that is wrong for a moment, by whatever time, must not revive them.
    pub fn extend(&self, ended: impl IntoIterator<Item = EndedSession>, now: Timestamp) {
        let mut denials = self.denials.write().unwrap_or_else(PoisonError::into_inner);
        let is_steady = denials.last.replace(now).is_some_and(|last| (now - last).abs() <= STEP);
        denials.steady = if is_steady { denials.steady.saturating_add(1) } else { 0 };
        if denials.steady >= STEADY {
            denials.expiries.retain(|_, expires_at| *expires_at + DENIALS_OUTLIVE_SESSIONS > now);
        }
        denials.expiries.extend(ended.into_iter().map(|session| (session.id, session.expires_at)));
    }
}

/// Limits on log-in attempts within a time window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimits {
    /// Length of the window.
    pub window: Duration,
    /// Attempts per identifier and address.
    pub per_identifier: usize,
    /// Failures per address, over all identifiers.
    pub failures_per_address: usize,
    /// How long an identifier that has logged in from an address is exempt from the limit on failures of
    /// others at that address.
    pub known_for: Duration,
}

impl Default for AttemptLimits {
    fn default() -> Self {
        Self {
            window: Duration::from_secs(600),
            per_identifier: 5,
            failures_per_address: 50,
            known_for: Duration::from_secs(30 * 24 * 60 * 60),
        }
    }
}

/// The keys under which a log-in attempt is counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttemptKey {
    /// Digest of the typed identifier (which may be long, or a password typed into the wrong field), the
    /// log-in form and the address.
    pub identifier: String,
    /// A digest of the address alone.
    pub address: String,
    /// Digest of the identifier and the log-in form, regardless of the address.
    pub account: String,
}

impl AttemptKey {
    /// The keys of an attempt at this log-in (`realm`) with this identifier, as normalised by the log-in,
    /// from this address. Of an IPv6 address only the first 64 bits count: one client controls the rest.
    pub fn new(realm: &str, identifier: &str, address: &str) -> Self {
        let network = network_of(address);
        Self {
            identifier: digest(&[realm, identifier, &network]),
            address: digest(&[&network]),
            account: digest(&[realm, identifier]),
        }
    }
}

/// The part of an address that identifies a client.
fn network_of(address: &str) -> String {
    match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).to_string(),
        Ok(IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// A digest (43 characters of base64url) over length-delimited parts.
fn digest(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    URL_SAFE_NO_PAD.encode(hasher.finalize())
}

/// The attempts within the window, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttemptWindow {
    /// Times of the attempts.
    pub attempts: Vec<Timestamp>,
}

impl AttemptWindow {
    /// Attempts further than this in the future are ignored; the clocks of instances differ by less.
    const FUTURE: TimeDelta = TimeDelta::minutes(1);

    /// Counts one more attempt, or returns how long to wait for the next one, which is at most the window.
    /// Rejected attempts do not count, so that a client that keeps trying is admitted eventually. Attempts
    /// counted while a clock was ahead are dropped.
    pub fn admit(&mut self, now: Timestamp, window: Duration, limit: usize) -> Result<(), Duration> {
        let window = TimeDelta::from_std(window).unwrap_or(TimeDelta::MAX);
        let counts = |at: &Timestamp| (-Self::FUTURE..window).contains(&now.signed_duration_since(*at));
        self.attempts.retain(counts);
        if self.attempts.len() < limit {
            self.attempts.push(now);
            return Ok(());
        }
        // There is room again once enough of the oldest attempts have left the window.
        let leaves_first = self.attempts.len() - limit;
        let wait = self.attempts.get(leaves_first).map_or(window, |at| *at + window - now).min(window);
        Err(wait.to_std().unwrap_or_default().max(Duration::from_secs(1)))
    }

    /// Removes one attempt made at this time, because it succeeded.
    pub fn forgive(&mut self, at: Timestamp) {
        if let Some(index) = self.attempts.iter().position(|attempt| *attempt == at) {
            self.attempts.remove(index);
        }
    }
}

/// A log-in attempt that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// When it began.
    pub began: Timestamp,
    /// Whether it also counts under its address: not if that has reached its limit, from which an identifier known
    /// there is exempt.
    pub counts_at_address: bool,
}

impl AttemptVerdict {
    /// Whether the attempt is counted and may be checked.
    pub fn is_admitted(&self) -> bool {
        matches!(self, Self::Admitted(_))
    }
}

/// Whether a log-in attempt may be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptVerdict {
    /// It is counted and may be checked.
    Admitted(Attempt),
    /// There were too many attempts.
    Refused {
        /// How long to wait.
        retry_after: Duration,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: Duration = Duration::from_secs(600);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    #[test]
    fn ipv6_clients_are_identified_by_64_bits() {
        let key = |address| AttemptKey::new("app", "13900000000", address);
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("192.0.2.1").account, key("2001:db8::1").account);
        assert_ne!(key("192.0.2.1").account, AttemptKey::new("console", "13900000000", "192.0.2.1").account);
    }

    #[test]
    fn attempts_in_the_future_do_not_lock_out() {
        let mut window = AttemptWindow { attempts: vec![at(20 * 3600); 5] };
        assert_eq!(window.admit(at(0), WINDOW, 5), Ok(()), "20 hours ahead");
        let mut window = AttemptWindow { attempts: vec![at(30); 5] };
        assert_eq!(
            window.admit(at(0), WINDOW, 5),
            Err(WINDOW),
            "half a minute ahead, and at most the window"
        );
    }

    #[test]
    fn a_clock_temporarily_ahead_revives_no_session() {
        let (ended, id) = (EndedSessions::default(), SessionId::from_bytes([1; 16]));
        let day = |days: i64| at(days * 24 * 3600);
        ended.extend([EndedSession { id, expires_at: day(7) }], day(0));
        for ahead in [9, 38, 400] {
            ended.extend([], day(ahead));
            ended.extend([], day(0));
            assert!(ended.contains(id), "{ahead}");
        }
        for second in 0..=i64::from(STEADY) {
            ended.extend([], day(38) + TimeDelta::seconds(second));
        }
        assert!(!ended.contains(id), "it is removed eventually");
    }
}
