use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, TimeDelta};
use yilin_domain::port::Clock;
use yilin_domain::time::Timestamp;

/// A clock that stands still until a test moves it.
#[derive(Debug)]
pub struct FakeClock {
    now: Mutex<Timestamp>,
}

impl FakeClock {
    /// When every fake clock starts: noon of 1 March 2024 in Shanghai.
    pub const START: Timestamp = DateTime::from_timestamp(1_709_265_600, 0).expect("a valid time");

    /// A clock that shows [`Self::START`].
    pub const fn new() -> Self {
        Self { now: Mutex::new(Self::START) }
    }

    /// Sets the clock, backwards too.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
