//! Verification of audit chains.

use super::chain::link;
use super::{AuditEntry, AuditHash, ChainHead, ChainId, ChainOpening};

/// A fault found in a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("chain {chain}, sequence {sequence}: {kind}")]
pub struct ChainFault {
    /// The chain.
    pub chain: ChainId,
    /// The position where it was detected.
    pub sequence: u64,
    /// The kind of fault.
    pub kind: FaultKind,
}

/// Kinds of faults in a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// The entry is missing.
    #[error("the entry is missing; {found} comes next")]
    Missing {
        /// Position of the entry found instead.
        found: u64,
    },
    /// The entry does not link to the previous one.
    #[error("the entry does not link to the previous one")]
    Unlinked,
    /// The content of the entry does not match its hash.
    #[error("the entry was modified")]
    Changed,
    /// The stored row is not a valid entry.
    #[error("entries cannot be read from here on: {problem}")]
    Unreadable {
        /// The row and its fault.
        problem: String,
    },
    /// The entry is intact, but the search index omits it.
    #[error("the search index omits this entry and those written with it")]
    Misfiled,
    /// The entry differs from a recorded head.
    #[error("the entry differs from the recorded head")]
    NotTheKeptHead,
    /// The chain ends before a recorded head.
    #[error("the chain ends before the recorded head")]
    CutOff,
    /// The chain has entries but no opening.
    #[error("the opening of the chain is missing")]
    NoOpening,
    /// A recorded head refers to a chain that does not exist.
    #[error("the whole chain is missing")]
    NoSuchChain,
}

/// The end of an intact chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainEnd {
    /// The chain.
    pub chain: ChainId,
    /// Number of entries.
    pub entries: u64,
    /// Hash of the last entry, or of the opening if there is no entry.
    pub hash: AuditHash,
}

impl ChainEnd {
    /// The head; `None` if there is no entry.
    pub fn head(self) -> Option<ChainHead> {
        let head = |sequence| ChainHead { chain: self.chain, sequence, hash: self.hash };
        self.entries.checked_sub(1).map(head)
    }
}

/// Verifies one chain from its opening, entry by entry in order.
#[derive(Debug)]
pub struct ChainVerifier<'h> {
    chain: ChainId,
    next: u64,
    last: AuditHash,
    kept: Vec<&'h ChainHead>,
}

impl<'h> ChainVerifier<'h> {
    /// Starts at a chain's opening. Only the recorded heads of this chain are considered.
    pub fn new(opening: &ChainOpening, kept: &'h [ChainHead]) -> Self {
        let kept = kept.iter().filter(|head| head.chain == opening.id).collect();
        Self { chain: opening.id, next: 0, last: opening.hash(), kept }
    }

    /// Checks the next entry.
    pub fn check(&mut self, entry: &AuditEntry) -> Result<(), ChainFault> {
        let expected = self.next;
        if entry.sequence != expected {
            return Err(self.fault(expected, FaultKind::Missing { found: entry.sequence }));
        }
        if entry.previous != self.last {
            return Err(self.fault(expected, FaultKind::Unlinked));
        }
        if entry.hash != link(entry.previous, self.chain, entry.sequence, &entry.event) {
            return Err(self.fault(expected, FaultKind::Changed));
        }
        if self.kept.iter().any(|head| head.sequence == expected && head.hash != entry.hash) {
            return Err(self.fault(expected, FaultKind::NotTheKeptHead));
        }
        self.next += 1;
        self.last = entry.hash;
        Ok(())
    }

    /// Finishes after the last entry and returns the end of the chain.
    pub fn finish(self) -> Result<ChainEnd, ChainFault> {
        if self.kept.iter().any(|head| head.sequence >= self.next) {
            return Err(self.fault(self.next, FaultKind::CutOff));
        }
        Ok(ChainEnd { chain: self.chain, entries: self.next, hash: self.last })
    }

    fn fault(&self, sequence: u64, kind: FaultKind) -> ChainFault {
        ChainFault { chain: self.chain, sequence, kind }
    }
}
