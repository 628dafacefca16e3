//! Rate limit on entries of rejected anonymous requests.

use std::time::{Duration, Instant};

use yilin_domain::audit::{AuditAction, AuditAgent, AuditEvent};
use yilin_domain::time::Timestamp;

use crate::rate_limiter::RateLimiter;

/// Maximum number of separate entries per kind of rejection and period.
const ENTRIES: u64 = 120;
const PERIOD: Duration = Duration::from_secs(60);

/// Limits the entries of rejected requests, per session and for all anonymous requests together: any client can
/// send them without limit, and would fill the database and delay the entries of others.
pub(super) struct Refusals(RateLimiter<Refusal>);

#[derive(PartialEq, Eq, Hash)]
struct Refusal {
    agent: Option<AuditAgent>,
    session: Option<String>,
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
        if event.outcome < 400 {
            return true;
        }
        let refusal = Refusal {
            agent: event.agent,
            session: event.session.clone(),
            operation: event.operation.clone(),
            action: event.action,
            outcome: event.outcome,
        };
        self.0.admits(refusal, now)
    }

    /// Summary events for the omitted ones: one for each kind, with their number.
    pub(super) fn left_out(&self, recorded: Timestamp, now: Instant) -> impl Iterator<Item = AuditEvent> {
        self.0.left_out(now).into_iter().map(move |(refusal, count)| {
            let Refusal { agent, session, operation, action, outcome } = refusal;
            AuditEvent {
                recorded,
                agent,
                session,
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
