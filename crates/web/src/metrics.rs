//! Prometheus metrics.

use std::time::Duration;

use chrono::TimeDelta;
use prometheus::{Encoder as _, HistogramOpts, HistogramVec, IntGauge, Registry, TextEncoder};
use yilin_domain::file::{NodeStatus, Pinning};
use yilin_domain::time::Timestamp;
use yilin_domain::usecase::FeedState;
use yilin_domain::webhook::WebhookBacklog;

/// The service's metrics.
pub struct Metrics {
    registry: Registry,
    requests: Option<HistogramVec>,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let registry = Registry::new();
        let options = HistogramOpts::new("http_request_duration_seconds", "Time until the response began")
            .buckets(vec![0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]);
        // Both only fail for invalid metric names, which a test would show.
        let requests = HistogramVec::new(options, &["method", "route", "status"])
            .ok()
            .filter(|requests| registry.register(Box::new(requests.clone())).is_ok());
        Self { registry, requests }
    }

    /// Counts a request under its route's pattern: the number of distinct paths is unbounded.
    pub(crate) fn observe(&self, method: &str, route: Option<&str>, status: u16, took: Duration) {
        if let Some(requests) = &self.requests {
            let labels = [method, route.unwrap_or("unknown"), &status.to_string()];
            requests.with_label_values(&labels).observe(took.as_secs_f64());
        }
    }

    /// All metrics in the text format: counters and current state.
    pub fn render(&self, state: &State, now: Timestamp) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        TextEncoder::new().encode(&gauges(state, now)?.gather(), &mut text)?;
        Ok(text)
    }
}

/// Current state from outside this module.
pub struct State {
    /// Number of messages queued for the audit log's writer.
    pub audit_waiting: usize,
    /// Offset of the database's clock from this machine's.
    pub clock_offset: TimeDelta,
    /// The queue of webhooks, if there is a receiver.
    pub webhooks: Option<WebhookBacklog>,
    /// State of this instance's event feed.
    pub events: FeedState,
    /// Status of the IPFS node, if there is one.
    pub pinning: Option<Pinning>,
}

fn gauges(state: &State, now: Timestamp) -> Result<Registry, prometheus::Error> {
    let registry = Registry::new();
    let audit_waiting = i64::try_from(state.audit_waiting).unwrap_or(i64::MAX);
    let offset = state.clock_offset.num_seconds();
    let count = |number| i64::try_from(number).unwrap_or(i64::MAX);
    let FeedState { listeners, dropped, lag } = state.events;
    let mut gauges = vec![
        ("yilin_audit_queued", "Audit entries waiting to be written", audit_waiting),
        ("yilin_clock_offset_seconds", "Offset of the database's clock from this machine's", offset),
        ("yilin_event_listeners", "Listeners to events on this instance", count(listeners as u64)),
        ("yilin_event_listeners_dropped", "Listeners dropped because they did not read", count(dropped)),
        ("yilin_event_lag_seconds", "Time since all events had been published", count(lag.as_secs())),
    ];
    if let Some(WebhookBacklog { waiting, since, given_up }) = state.webhooks {
        let seconds = since.map_or(0, |since| (now - since).num_seconds());
        gauges.extend([
            ("yilin_webhooks_queued", "Events queued for the webhook receiver", count(waiting)),
            ("yilin_webhooks_queued_seconds", "Age of the oldest of them", seconds),
            ("yilin_webhooks_given_up", "Webhook deliveries given up", count(given_up)),
        ]);
    }
    if let Some(Pinning { node, backlog }) = &state.pinning {
        let waiting = backlog.since.map_or(0, |since| (now - since).num_seconds());
        let ready = i64::from(*node == NodeStatus::Ready);
        gauges.extend([
            ("yilin_ipfs_node_ready", "Whether the IPFS node accepts files", ready),
            ("yilin_ipfs_queued_files", "Files queued for the IPFS node", count(backlog.files)),
            ("yilin_ipfs_queued_bytes", "Bytes queued for the IPFS node", count(backlog.bytes)),
            ("yilin_ipfs_queued_seconds", "Age of the oldest queued file", waiting),
        ]);
    }
    for (name, help, value) in gauges {
        let gauge = IntGauge::new(name, help)?;
        gauge.set(value);
        registry.register(Box::new(gauge))?;
    }
    Ok(registry)
}
