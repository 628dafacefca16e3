//! A hospital policy for tests.

use std::time::Duration;

use chrono::TimeDelta;
use yilin_domain::file::FileLinks;
use yilin_domain::inquiry::Deadlines;
use yilin_domain::session::AttemptLimits;
use yilin_domain::usecase::{ChatPolicy, EventLimits, Policy, UploadLimits};

use crate::contract::ZONE;

/// A policy with default values. File links start with this URL and are signed with this key.
pub fn policy(key: &[u8], public_url: &str) -> Policy {
    Policy {
        zone: ZONE,
        initial_password: "123456".to_owned(),
        session_lifetime: Duration::from_secs(7 * 24 * 60 * 60),
        attempt_limits: AttemptLimits::default(),
        upload_limits: UploadLimits::default(),
        event_limits: EventLimits::default(),
        file_links: FileLinks::new(key, public_url, FileLinks::LIFETIME),
        chat: ChatPolicy::default(),
        deadlines: Deadlines::usual(ZONE),
        visit_length: TimeDelta::hours(1),
    }
}
