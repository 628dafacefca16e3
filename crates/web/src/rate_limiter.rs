//! A rate limiter per key and period.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Per-key rate limiter that counts what it drops, for log lines and audit entries that a client could cause
/// without limit.
pub(crate) struct RateLimiter<K> {
    most: u64,
    period: Duration,
    kinds: Mutex<HashMap<K, Period>>,
}

struct Period {
    began: Instant,
    written: u64,
    /// Dropped, and not yet reported by [`RateLimiter::left_out`].
    left_out: u64,
}

impl<K: Eq + Hash> RateLimiter<K> {
    /// Admits at most `most` per key and period, which begins with the first of them.
    pub(crate) fn new(most: u64, period: Duration) -> Self {
        Self { most, period, kinds: Mutex::default() }
    }

    /// Whether one more for this key may be written now. Otherwise counts it as dropped.
    pub(crate) fn admits(&self, kind: K, now: Instant) -> bool {
        let mut kinds = self.lock();
        let period = kinds.entry(kind).or_insert(Period { began: now, written: 0, left_out: 0 });
        if self.is_over(period, now) {
            *period = Period { began: now, written: 0, ..*period };
        }
        let admitted = period.written < self.most;
        *(if admitted { &mut period.written } else { &mut period.left_out }) += 1;
        admitted
    }

    /// The number dropped per key in periods that are over; each is returned once.
    pub(crate) fn left_out(&self, now: Instant) -> Vec<(K, u64)> {
        let mut kinds = self.lock();
        let over = kinds.extract_if(|_, period| self.is_over(period, now));
        over.filter(|(_, period)| period.left_out > 0).map(|(kind, period)| (kind, period.left_out)).collect()
    }

    fn is_over(&self, period: &Period, now: Instant) -> bool {
        now.duration_since(period.began) >= self.period
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, Period>> {
        self.kinds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn admitted(limiter: &RateLimiter<char>, kind: char, count: u64, now: Instant) -> usize {
        (0..count).filter(|_| limiter.admits(kind, now)).count()
    }

    #[test]
    fn a_limited_number_is_admitted_per_period_and_the_rest_reported_once() {
        let (limiter, start) = (RateLimiter::new(5, SECOND), Instant::now());
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        assert_eq!(admitted(&limiter, 'a', 100, at(0)), 5);
        assert_eq!(admitted(&limiter, 'a', 10, at(999)), 0);
        assert_eq!(limiter.left_out(at(999)), [], "the period is not over");
        assert_eq!(limiter.left_out(at(1000)), [('a', 105)]);
        assert_eq!(limiter.left_out(at(1000)), [], "reported once");
        assert_eq!(admitted(&limiter, 'a', 7, at(1000)), 5);
        assert_eq!(admitted(&limiter, 'a', 7, at(2500)), 5, "unreported counts are kept");
        assert_eq!(limiter.left_out(at(3500)), [('a', 4)]);
    }

    #[test]
    fn keys_are_counted_separately() {
        let (limiter, start) = (RateLimiter::new(5, SECOND), Instant::now());
        assert_eq!(admitted(&limiter, 'a', 5, start), 5);
        assert_eq!(admitted(&limiter, 'b', 5, start), 5);
        assert_eq!(limiter.left_out(start + SECOND), []);
    }
}
