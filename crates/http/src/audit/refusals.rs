use std::time::{Duration, Instant};

use yilin_domain::audit::{AuditAction, AuditEvent};
use yilin_domain::time::Timestamp;

use crate::rate_limiter::RateLimiter;

/// How many refusals of one kind leave entries of their own in each period.
const ENTRIES: u64 = 120;
const PERIOD: Duration = Duration::from_secs(60);

/// Bounds the entries of requests that were refused while nobody knows who made them: everybody on the
/// network can make them without end, and would fill the database and hold up the entries of others.
pub(super) struct Refusals(RateLimiter<Refusal>);

#[derive(PartialEq, Eq, Hash)]
struct Refusal {
    operation: String,
    action: AuditAction,
    outcome: u16,
}

impl Refusals {
    pub(super) fn new() -> Self {
        Self(RateLimiter::new(ENTRIES, PERIOD))
    }

    /// Whether the event is to have an entry. One that is not is counted.
    pub(super) fn admits(&self, event: &AuditEvent, now: Instant) -> bool {
        let AuditEvent { ref operation, action, outcome, .. } = *event;
        let is_refusal_of_unknown = event.agent.is_none() && outcome >= 400;
        !is_refusal_of_unknown
            || self.0.admits(Refusal { operation: operation.clone(), action, outcome }, now)
    }

    /// What stands in for those that were left out: an event for each kind, with how many they were.
    pub(super) fn left_out(&self, recorded: Timestamp, now: Instant) -> impl Iterator<Item = AuditEvent> {
        self.0.left_out(now).into_iter().map(move |(Refusal { operation, action, outcome }, count)| {
            AuditEvent {
                recorded,
                agent: None,
                session: None,
                source: String::new(),
                request: String::new(),
                operation,
                action,
                entity: None,
                patient: None,
                outcome,
                query: format!("unrecorded={count}"),
                results: None,
            }
        })
    }
}
