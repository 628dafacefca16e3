//! Periodic background tasks.

use std::time::Duration;

use actix_web::rt;
use tokio::time::{Instant, MissedTickBehavior};

use crate::text::with_causes;

/// Interval of log lines about a persistent failure.
const TELL_AGAIN: Duration = Duration::from_secs(60);

/// Runs a task periodically until the system stops. Neither a failure nor a panic ends it: it runs again in
/// the next period.
pub(crate) fn repeat<F, E>(name: &'static str, period: Duration, mut work: impl FnMut() -> F + 'static)
where
    F: Future<Output = Result<(), E>> + 'static,
    E: std::error::Error + 'static,
{
    rt::spawn(async move {
        let mut ticks = tokio::time::interval_at(Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut failures = Failures::default();
        loop {
            ticks.tick().await;
            let failure = match rt::spawn(work()).await {
                Ok(outcome) => outcome.err().map(|error| with_causes(&error)),
                Err(panic) => Some(panic.to_string()),
            };
            match failures.note(failure.is_none(), Instant::now()) {
                Some(FailureReport::Failing { times }) => {
                    tracing::error!(work = name, times, error = failure.unwrap_or_default(), "failed");
                }
                Some(FailureReport::Recovered { times }) => {
                    tracing::info!(work = name, times, "works again");
                }
                None => {}
            }
        }
    });
}

/// What to log about a task.
#[derive(Debug, PartialEq, Eq)]
enum FailureReport {
    /// It has failed this many times in a row.
    Failing { times: u64 },
    /// It works again after this many failures.
    Recovered { times: u64 },
}

/// Consecutive failures, logged when they begin, at intervals, and when they end, so that a long database
/// outage does not flood the log.
#[derive(Debug, Default)]
struct Failures {
    times: u64,
    told: Option<Instant>,
}

impl Failures {
    fn note(&mut self, succeeded: bool, now: Instant) -> Option<FailureReport> {
        if succeeded {
            let failures = std::mem::take(self);
            return (failures.times > 0).then_some(FailureReport::Recovered { times: failures.times });
        }
        self.times += 1;
        if self.told.is_some_and(|told| now.duration_since(told) < TELL_AGAIN) {
            return None;
        }
        self.told = Some(now);
        Some(FailureReport::Failing { times: self.times })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_do_not_flood_the_log() {
        let (mut failures, start) = (Failures::default(), Instant::now());
        let second = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(failures.note(true, start), None);
        assert_eq!(failures.note(false, second(1)), Some(FailureReport::Failing { times: 1 }));
        assert!((2..=60).all(|seconds| failures.note(false, second(seconds)).is_none()));
        assert_eq!(failures.note(false, second(61)), Some(FailureReport::Failing { times: 61 }));
        assert_eq!(failures.note(true, second(62)), Some(FailureReport::Recovered { times: 61 }));
        assert_eq!(failures.note(true, second(63)), None);
        assert_eq!(failures.note(false, second(64)), Some(FailureReport::Failing { times: 1 }));
    }
}
