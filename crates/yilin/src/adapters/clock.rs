//! The system clock.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{SubsecRound as _, Utc};
use yilin_domain::port::Clock;
use yilin_domain::time::Timestamp;

/// The system clock, in whole seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the adapter of the port")]
    fn now(&self) -> Timestamp {
        // Rounded down, so that no event is in the future.
        Utc::now().trunc_subsecs(0)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the adapter of the port")]
    fn now_precisely(&self) -> Timestamp {
        Utc::now().trunc_subsecs(6)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// A clock that can be set, to create demo data with past dates.
#[derive(Debug)]
pub(crate) struct SetClock {
    now: Mutex<Timestamp>,
}

impl SetClock {
    /// A clock that shows this time until it is set.
    pub(crate) fn new(now: Timestamp) -> Self {
        Self { now: Mutex::new(now) }
    }

    /// Sets the clock.
    pub(crate) fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }
}

#[async_trait]
impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The real time: the audit log records when something was stored.
    fn now_precisely(&self) -> Timestamp {
        SystemClock.now_precisely()
    }

    /// Sleeps in real time: concurrent work is real.
    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_shows_whole_seconds() {
        assert_eq!(SystemClock.now().timestamp_subsec_nanos(), 0);
        assert!(SystemClock.now().timestamp() > 1_700_000_000);
    }

    #[tokio::test]
    async fn sleep_lasts_as_long_as_it_should_by_either_clock() {
        let clocks: [&dyn Clock; 2] = [&SystemClock, &SetClock::new(Timestamp::UNIX_EPOCH)];
        for clock in clocks {
            let started = tokio::time::Instant::now();
            clock.sleep(Duration::from_millis(20)).await;
            assert!(started.elapsed() >= Duration::from_millis(20));
        }
    }
}
