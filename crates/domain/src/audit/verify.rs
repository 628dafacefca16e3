use super::chain::link;
use super::{AuditEntry, AuditHash, ChainHead, ChainId, ChainOpening};

/// What is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("chain {chain}, sequence {sequence}: {kind}")]
pub struct ChainFault {
    /// The chain.
    pub chain: ChainId,
    /// The place where it was noticed.
    pub sequence: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

/// How a chain can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Another entry stands where this one should.
    #[error("the entry is missing; {found} comes next")]
    Missing {
        /// The place of the entry that was found instead.
        found: u64,
    },
    /// The entry does not follow the one before it.
    #[error("the entry does not follow the one before it")]
    Unlinked,
    /// The entry's content is not what was recorded.
    #[error("the entry was changed")]
    Changed,
    /// What is stored is no entry.
    #[error("entries cannot be read from here on: {problem}")]
    Unreadable {
        /// Which row, and what is wrong with it.
        problem: String,
    },
    /// The entry is as it was recorded, but lists may leave it out.
    #[error("searches do not find this entry and those written with it")]
    Misfiled,
    /// The entry is not the one of a head that was kept.
    #[error("the entry is not the one whose head was kept")]
    NotTheKeptHead,
    /// The chain ends before a head that was kept.
    #[error("the chain ends before the head that was kept")]
    CutOff,
    /// There are entries of a chain, but not how it began.
    #[error("the row that says how the chain began is missing")]
    NoOpening,
    /// There is no chain of a head that was kept.
    #[error("the whole chain is missing")]
    NoSuchChain,
}

/// Where a whole chain ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainEnd {
    /// The chain.
    pub chain: ChainId,
    /// How many entries it has.
    pub entries: u64,
    /// The last link: the last entry's, or the opening's if there is no entry.
    pub hash: AuditHash,
}

impl ChainEnd {
    /// The last entry's head; `None` if there is no entry.
    pub fn head(self) -> Option<ChainHead> {
        let head = |sequence| ChainHead { chain: self.chain, sequence, hash: self.hash };
        self.entries.checked_sub(1).map(head)
    }
}

/// Follows one chain from its opening, entry by entry in the order of their places.
#[derive(Debug)]
pub struct ChainVerifier<'h> {
    chain: ChainId,
    next: u64,
    last: AuditHash,
    kept: Vec<&'h ChainHead>,
}

impl<'h> ChainVerifier<'h> {
    /// Begins with a chain's opening. Of the heads that were kept, those of this chain count.
    pub fn new(opening: &ChainOpening, kept: &'h [ChainHead]) -> Self {
        let kept = kept.iter().filter(|head| head.chain == opening.id).collect();
        Self { chain: opening.id, next: 0, last: opening.hash(), kept }
    }

    /// Looks at the next entry.
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

    /// After the last entry: where the chain ends.
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
