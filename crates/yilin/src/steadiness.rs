//! Whether the clock can be trusted with deletions.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use yilin_domain::time::Timestamp;

/// How long a clock must have been steady.
const LONG_ENOUGH: Duration = Duration::from_secs(60 * 60);

/// By how much a steady clock and the time that has passed may differ.
const TOLERANCE: TimeDelta = TimeDelta::minutes(1);

/// Compares the clock with the time that passes: a clock that has just been set, by however much, may be wrong, and what is
/// deleted because it seems to have expired does not come back.
#[derive(Debug, Default)]
pub(crate) struct Steadiness(Mutex<Option<Observed>>);

#[derive(Debug, Clone, Copy)]
struct Observed {
    since: Instant,
    last: (Instant, Timestamp),
}

impl Steadiness {
    /// Whether the clock, which says that it is `now`, has been steady for long enough.
    pub(crate) fn observe(&self, now: Timestamp) -> bool {
        self.observe_at(Instant::now(), now)
    }

    fn observe_at(&self, instant: Instant, now: Timestamp) -> bool {
        let mut observed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let steady_since = observed.and_then(|Observed { since, last: (then, last) }| {
            let passed = TimeDelta::from_std(instant.saturating_duration_since(then)).ok()?;
            ((now - last - passed).abs() <= TOLERANCE).then_some(since)
        });
        let since = steady_since.unwrap_or(instant);
        *observed = Some(Observed { since, last: (instant, now) });
        instant.saturating_duration_since(since) >= LONG_ENOUGH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_is_trusted_after_an_hour() {
        let steadiness = Steadiness::default();
        let (start, noon) = (Instant::now(), Timestamp::UNIX_EPOCH + TimeDelta::days(20_000));
        let at = |minutes: u32, ahead: TimeDelta| {
            let passed = Duration::from_secs(u64::from(minutes) * 60);
            steadiness.observe_at(start + passed, noon + TimeDelta::from_std(passed).unwrap() + ahead)
        };
        let (right, ahead) = (TimeDelta::zero(), TimeDelta::days(38));
        assert!(!at(0, right) && !at(59, right) && at(60, right) && at(61, right));
        assert!(!at(62, ahead) && !at(63, right) && !at(100, right) && at(123, right));
        // Suspended: the clock went on, and the other did not.
        assert!(!at(124, TimeDelta::hours(9)));
    }
}
