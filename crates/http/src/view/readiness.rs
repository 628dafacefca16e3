//! Readiness.

use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::file::Pinning;
use yilin_domain::time::HospitalZone;

use super::wire::{Wire, WireNodeStatus};
use crate::audit::{Discloses, Disclosure};

/// What a service that can serve says about itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct ReadinessView {
    /// The IPFS node and the files that wait for it; null where files are kept without one.
    ipfs: Option<IpfsView>,
    /// How many seconds the database's clock is ahead of this machine's.
    clock_offset_seconds: i64,
    /// What needs a look although the service can serve: `clock.offset` while the two clocks differ by more
    /// than 5 seconds.
    warnings: Vec<&'static str>,
}

/// Maximum offset of the two clocks without a warning.
const CLOCKS_MAY_DIFFER: TimeDelta = TimeDelta::seconds(5);

/// How the IPFS node stands. Uploads succeed whatever it does, and wait for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IpfsReadiness)]
struct IpfsView {
    node: WireNodeStatus,
    /// How many files wait for it, on all instances together.
    queued_files: u64,
    /// How many bytes they have.
    queued_bytes: u64,
    /// Since when the first of them has been waiting.
    queued_since: Option<String>,
}

impl ReadinessView {
    pub(crate) fn new(pinning: Option<&Pinning>, clock_offset: TimeDelta, zone: HospitalZone) -> Self {
        let ipfs = pinning.map(|Pinning { node, backlog }| IpfsView {
            node: Wire(*node),
            queued_files: backlog.files,
            queued_bytes: backlog.bytes,
            queued_since: backlog.since.map(|at| zone.render(at)),
        });
        let differ = clock_offset.abs() > CLOCKS_MAY_DIFFER;
        let warnings = if differ { vec!["clock.offset"] } else { Vec::new() };
        Self { ipfs, clock_offset_seconds: clock_offset.num_seconds(), warnings }
    }
}

/// The state of the service.
impl Discloses for ReadinessView {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}
