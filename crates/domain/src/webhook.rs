//! Webhooks: all events, sent to a receiver of the hospital.
//!
//! The retry rules: the events of a record are sent one at a time and in order, with exponential backoff, for
//! three days; then a delivery is given up and kept. Sending is up to
//! [`WebhookReceiver`](crate::port::WebhookReceiver).

use std::time::Duration;

use chrono::TimeDelta;

use crate::event::Event;
use crate::port::Random;
use crate::text::bounded_text;
use crate::time::Timestamp;

/// How long a delivery is retried.
pub const TRIED_FOR: TimeDelta = TimeDelta::days(3);

/// Duration of a claim: longer than sending an event and recording the outcome can take.
pub const CLAIMED_FOR: TimeDelta = TimeDelta::seconds(60);

/// A delivery claimed by this instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivery {
    /// The event.
    pub event: Event,
    /// The number of the claim, which grows with each one. The outcome is recorded by compare-and-swap on it.
    pub claim: i32,
    /// Number of failures since it was queued.
    pub failures: u32,
    /// When it was queued, or requeued after it had been given up.
    pub queued_at: Timestamp,
}

bounded_text!(
    /// A short description of a failure.
    FailureText,
    200
);

impl FailureText {
    /// The beginning of a text, up to the maximum length.
    pub fn clipped(text: &str) -> Self {
        Self(text.chars().take(Self::MAX_CHARS).collect())
    }
}

/// A failed attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryFailure {
    /// Whether the receiver seems to be down: unreachable, silent, or reporting so. Such deliveries are retried as soon
    /// as the receiver is back.
    pub is_down: bool,
    /// What happened.
    pub reason: FailureText,
}

/// What follows a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A retry at this time.
    Again(Timestamp),
    /// The delivery is given up.
    GivenUp,
}

impl Delivery {
    const FIRST_PAUSE: Duration = Duration::from_secs(5);
    const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

    /// What follows a failure at this time. A delivery that waited for an earlier one of its record gets at least one
    /// attempt, however long ago it was queued.
    pub fn after_failure(&self, now: Timestamp, random: &dyn Random) -> Verdict {
        if now - self.queued_at >= TRIED_FOR {
            return Verdict::GivenUp;
        }
        let doubled = 1_u32.checked_shl(self.failures.min(16)).unwrap_or(u32::MAX);
        let pause = Self::FIRST_PAUSE.saturating_mul(doubled).min(Self::LONGEST_PAUSE);
        // Jitter of 20 %, so that deliveries that failed together are not retried together.
        let percent = 80 + u32::try_from(random.below(41)).unwrap_or_default();
        let pause = pause.saturating_mul(percent) / 100;
        Verdict::Again(now + TimeDelta::from_std(pause).unwrap_or(TRIED_FOR))
    }
}

/// The size of the delivery queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WebhookBacklog {
    /// Number of queued deliveries.
    pub waiting: u64,
    /// When the oldest of them was queued.
    pub since: Option<Timestamp>,
    /// Number of deliveries given up.
    pub given_up: u64,
}

/// A delivery that was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenUp {
    /// The event.
    pub event: Event,
    /// Number of failures.
    pub failures: u32,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// The last failure.
    pub reason: FailureText,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountUuid;
    use crate::event::{EventId, EventType, NewEvent, Parties, Subject};
    use crate::id::InquiryId;
    use crate::inquiry::InquiryStatus;

    struct Fixed(u8);

    impl Random for Fixed {
        fn fill(&self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }

    fn delivery(failures: u32) -> Delivery {
        let patient = AccountUuid::parse("d59aa28a").unwrap();
        let at = Timestamp::UNIX_EPOCH;
        let content = NewEvent {
            event_type: EventType::InquirySubmitted,
            at,
            subject: Subject::Inquiry(InquiryId(1), InquiryStatus::Submitted),
            parties: Parties { patient, physician: None, former_physician: None },
        };
        Delivery { event: Event { id: EventId(1), content }, claim: 1, failures, queued_at: at }
    }

    #[test]
    fn pauses_grow_up_to_an_hour() {
        let now = Timestamp::UNIX_EPOCH + TimeDelta::hours(1);
        let mut before = TimeDelta::zero();
        for failures in 0..40 {
            let Verdict::Again(at) = delivery(failures).after_failure(now, &Fixed(0)) else { panic!() };
            let pause = at - now;
            assert!(pause > before || pause == TimeDelta::minutes(48), "{pause} after {failures}");
            before = pause;
        }
        assert_eq!(before, TimeDelta::minutes(48));
        for byte in 0..=255 {
            let Verdict::Again(at) = delivery(99).after_failure(now, &Fixed(byte)) else { panic!() };
            assert!((48..=72).contains(&(at - now).num_minutes()));
        }
    }

    #[test]
    fn an_event_is_given_up_after_three_days() {
        let queued = delivery(0).queued_at;
        let at = |time| delivery(3).after_failure(queued + time, &Fixed(0));
        assert!(matches!(at(TimeDelta::seconds(3 * 86_400 - 1)), Verdict::Again(_)));
        assert_eq!(at(TimeDelta::days(3)), Verdict::GivenUp);
    }
}
