//! Backoff between attempts at a unit of work.

use std::sync::Arc;
use std::time::Duration;

use yilin_domain::port::Random;

/// Exponential backoff with jitter, so that units that collided do not collide again.
pub(super) struct Backoff {
    random: Arc<dyn Random>,
    attempts_left: u32,
    pause: Duration,
}

impl Backoff {
    const RETRIES: u32 = 5;
    const FIRST: Duration = Duration::from_millis(8);

    pub(super) fn new(random: Arc<dyn Random>) -> Self {
        Self { random, attempts_left: Self::RETRIES, pause: Self::FIRST }
    }

    /// The random source.
    pub(super) fn random(&self) -> &dyn Random {
        &*self.random
    }

    /// Waits before the next attempt; `false` if there are no attempts left.
    pub(super) async fn pause(&mut self) -> bool {
        if self.attempts_left == 0 {
            return false;
        }
        self.attempts_left -= 1;
        let [jitter] = self.random.bytes();
        // Between half and one and a half times the pause.
        tokio::time::sleep(self.pause.mul_f64(0.5 + f64::from(jitter) / 255.0)).await;
        self.pause = self.pause.saturating_mul(2);
        true
    }
}
