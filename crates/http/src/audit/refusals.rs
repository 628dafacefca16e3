//! Rate limit on entries of rejected anonymous requests.

use std::time::{Duration, Instant};

use yilin_domain::audit::{AuditAction, AuditEvent};
use yilin_domain::time::Timestamp;

use crate::rate_limiter::RateLimiter;

/// Maximum number of separate entries per kind of rejection and period.
const ENTRIES: u64 = 120;
const PERIOD: Duration = Duration::from_secs(60);

/// Limits the entries of rejected requests by unknown callers: any client can send them without limit, and
/// would fill the database and delay the entries of others.
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

    /// Whether the event gets an entry. Otherwise it is counted.
    pub(super) fn admits(&self, event: &AuditEvent, now: Instant) -> bool {
        let AuditEvent { ref operation, action, outcome, .. } = *event;
        let is_refusal_of_unknown = event.agent.is_none() && outcome >= 400;
        !is_refusal_of_unknown
            || self.0.admits(Refusal { operation: operation.clone(), action, outcome }, now)
    }

    /// Summary events for the omitted ones: one for each kind, with their number.
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
