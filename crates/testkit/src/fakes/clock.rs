//! A clock controlled by tests.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta};
use tokio::sync::watch;
use yilin_domain::port::Clock;
use yilin_domain::time::Timestamp;

/// A clock that stands still until a test advances it, which also wakes sleepers.
#[derive(Debug)]
pub struct FakeClock {
    now: watch::Sender<Timestamp>,
    offset: Mutex<TimeDelta>,
}

impl FakeClock {
    /// Start time of every fake clock: noon of 1 March 2024 in Shanghai.
    pub const START: Timestamp = DateTime::from_timestamp(1_709_265_600, 0).expect("a valid time");

    /// A clock at [`Self::START`].
    pub fn new() -> Self {
        Self { now: watch::Sender::new(Self::START), offset: Mutex::default() }
    }

    /// Makes the clock differ from the machine's by this offset.
    pub fn differ_by(&self, offset: TimeDelta) {
        *self.offset.lock().unwrap_or_else(PoisonError::into_inner) = offset;
    }

    /// Number of sleepers.
    pub fn sleepers(&self) -> usize {
        self.now.receiver_count()
    }

    /// Advances the clock.
    pub fn advance(&self, by: TimeDelta) {
        self.now.send_modify(|now| *now += by);
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        *self.now.borrow()
    }

    fn offset(&self) -> TimeDelta {
        *self.offset.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn sleep(&self, duration: Duration) {
        let end = self.now() + duration;
        self.now.subscribe().wait_for(|now| *now >= end).await.expect("the clock is borrowed, so it exists");
    }
}
