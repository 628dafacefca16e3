//! Readiness.

use chrono::TimeDelta;
use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::file::Pinning;
use yilin_domain::time::{CLOCKS_MAY_DIFFER, HospitalZone};
use yilin_web::audit::{Discloses, Disclosure};

use super::wire::{Wire, WireNodeStatus};

/// The status of a service that is ready.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct ReadinessView {
    /// The IPFS node and its queue; null if files are stored without one.
    ipfs: Option<IpfsView>,
    /// Offset of the database's clock from this machine's, in seconds.
    clock_offset_seconds: i64,
    /// Conditions that need attention although the service is ready: `clock.offset` while the two clocks
    /// differ by more than 5 seconds.
    warnings: Vec<&'static str>,
}

/// The status of the IPFS node. Uploads succeed regardless and are queued for it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IpfsReadiness)]
struct IpfsView {
    node: WireNodeStatus,
    /// Number of queued files, on all instances together.
    queued_files: u64,
    /// Their size in bytes.
    queued_bytes: u64,
    /// When the oldest of them was queued.
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
