//! Retries with exponential backoff.

use std::sync::Arc;
use std::time::Duration;

use yilin_domain::port::Random;

use crate::options::LlmOptions;
use crate::trouble::Trouble;

/// Attempts a call until an answer begins or the error is permanent.
pub(crate) async fn with_retries<T, F>(
    options: &LlmOptions,
    random: Arc<dyn Random>,
    attempt: impl Fn() -> F,
) -> Result<T, Trouble>
where
    F: Future<Output = Result<T, Trouble>>,
{
    let mut backoff = Backoff::new(options, random);
    loop {
        let trouble = match attempt().await {
            Ok(reply) => return Ok(reply),
            Err(trouble) => trouble,
        };
        tracing::debug!(%trouble, "the request to the language model failed");
        if !(trouble.may_pass() && backoff.pause(trouble.retry_after()).await) {
            return Err(trouble);
        }
    }
}

/// Backoff between attempts of one call: increasing, with jitter.
struct Backoff {
    random: Arc<dyn Random>,
    attempts_left: u32,
    pause: Duration,
    longest: Duration,
}

impl Backoff {
    fn new(options: &LlmOptions, random: Arc<dyn Random>) -> Self {
        Self {
            random,
            attempts_left: options.retries,
            pause: options.first_pause,
            longest: options.longest_pause,
        }
    }

    /// Waits before the next attempt, as long as the server asks for within the limit; `false` if there are
    /// no attempts left.
    async fn pause(&mut self, asked_for: Option<Duration>) -> bool {
        if self.attempts_left == 0 || asked_for.is_some_and(|wait| wait > self.longest) {
            return false;
        }
        self.attempts_left -= 1;
        let [jitter] = self.random.bytes();
        // Between half and one and a half times the pause, but not less than the server asks for.
        let pause = self.pause.mul_f64(0.5 + f64::from(jitter) / 255.0);
        tokio::time::sleep(pause.max(asked_for.unwrap_or_default()).min(self.longest)).await;
        self.pause = self.pause.saturating_mul(2);
        true
    }
}
