//! Verifications of the whole audit log: the one that is running, and the result of the last one.

use std::time::Duration;

use chrono::TimeDelta;

use super::{ChainFault, ChainHead, ChainId, FaultKind};
use crate::account::AccountUuid;
use crate::enumeration::named_enum;
use crate::time::Timestamp;

named_enum! {
    /// The name of a [`FaultKind`].
    pub enum FaultName {
        /// An entry is missing.
        Missing = "missing",
        /// An entry does not link to the previous one.
        Unlinked = "unlinked",
        /// An entry was modified.
        Changed = "changed",
        /// A stored row is not a valid entry.
        Unreadable = "unreadable",
        /// The search index omits an entry.
        Misfiled = "misfiled",
        /// An entry differs from a recorded head.
        NotTheKeptHead = "not_the_kept_head",
        /// The chain ends before a recorded head.
        CutOff = "cut_off",
        /// The opening of the chain is missing.
        NoOpening = "no_opening",
        /// The whole chain is missing.
        NoSuchChain = "no_such_chain",
    }
}

impl FaultKind {
    /// Its name.
    pub const fn name(&self) -> FaultName {
        match self {
            Self::Missing { .. } => FaultName::Missing,
            Self::Unlinked => FaultName::Unlinked,
            Self::Changed => FaultName::Changed,
            Self::Unreadable { .. } => FaultName::Unreadable,
            Self::Misfiled => FaultName::Misfiled,
            Self::NotTheKeptHead => FaultName::NotTheKeptHead,
            Self::CutOff => FaultName::CutOff,
            Self::NoOpening => FaultName::NoOpening,
            Self::NoSuchChain => FaultName::NoSuchChain,
        }
    }
}

/// Where a chain is faulty, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultSummary {
    /// The chain.
    pub chain: ChainId,
    /// The position where the fault was detected.
    pub sequence: u64,
    /// The kind of fault.
    pub name: FaultName,
}

impl From<&ChainFault> for FaultSummary {
    fn from(fault: &ChainFault) -> Self {
        Self { chain: fault.chain, sequence: fault.sequence, name: fault.kind.name() }
    }
}

impl FaultSummary {
    /// Parses `CHAIN:SEQUENCE:NAME`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        Some(Self {
            chain: ChainId::parse(parts.next()?)?,
            sequence: parts.next()?.parse().ok()?,
            name: FaultName::of_name(parts.next()?)?,
        })
    }
}

/// Renders `CHAIN:SEQUENCE:NAME`.
impl std::fmt::Display for FaultSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.chain, self.sequence, self.name.as_str())
    }
}

/// Identifies a verification that an admin started; larger for later ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerificationRunId(pub i64);

/// How far a verification has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VerificationProgress {
    /// Number of chains to verify.
    pub chains_to_verify: u64,
    /// Number of chains verified.
    pub chains: u64,
    /// Number of entries verified.
    pub entries: u64,
}

/// A verification that an admin started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerificationRun {
    /// Its id.
    pub id: VerificationRunId,
    /// Who started it.
    pub started_by: AccountUuid,
    /// When.
    pub started_at: Timestamp,
    /// Time of the last heartbeat.
    pub last_heartbeat_at: Timestamp,
    /// Its progress at that time.
    pub progress: VerificationProgress,
}

impl VerificationRun {
    /// Interval between the heartbeats.
    pub const HEARTBEAT: Duration = Duration::from_secs(2);
    /// How long a verification counts as running without a heartbeat.
    pub const PATIENCE: TimeDelta = TimeDelta::seconds(30);

    /// Whether it counts as running at this time.
    pub fn is_running_at(&self, now: Timestamp) -> bool {
        now - self.last_heartbeat_at <= Self::PATIENCE
    }
}

/// The result of a verification of the whole audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationResult {
    /// When it ended.
    pub ended_at: Timestamp,
    /// Who started it; `None` for a command.
    pub started_by: Option<AccountUuid>,
    /// Number of intact chains.
    pub chains: u64,
    /// Number of their entries.
    pub entries: u64,
    /// Number of faults.
    pub faults: u64,
    /// The first faults: at most [`Self::FAULTS`].
    pub first_faults: Vec<FaultSummary>,
    /// Number of chains removed after their retention period.
    pub removed: u64,
    /// Number of entries that no instance has linked into a chain although it is time.
    pub unlinked: u64,
    /// The heads of the intact chains: at most [`Self::HEADS`].
    pub heads: Vec<ChainHead>,
}

impl VerificationResult {
    /// Maximum number of faults that are kept.
    pub const FAULTS: usize = 100;
    /// Maximum number of heads that are kept: there is one chain per run of an instance and month.
    pub const HEADS: usize = 5_000;

    /// Whether nothing is wrong.
    pub const fn is_intact(&self) -> bool {
        self.faults == 0 && self.unlinked == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        for name in FaultName::ALL {
            let fault = FaultSummary { chain: ChainId::from_bytes([7; 16]), sequence: 12, name };
            assert_eq!(FaultSummary::parse(&fault.to_string()), Some(fault));
        }
        for text in ["", "07:1:missing", "07070707070707070707070707070707:x:missing"] {
            assert_eq!(FaultSummary::parse(text), None, "{text}");
        }
    }
}
