//! Pseudo-random choices that are the same in every run.

use yilin_domain::port::Random as _;
use yilin_testkit::fakes::FakeRandom;

/// A sequence of choices.
#[derive(Debug)]
pub(crate) struct Dice(FakeRandom);

impl Dice {
    /// The sequence of this seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(FakeRandom::new(seed))
    }

    /// A number below `end`; 0 if that is 0.
    pub(crate) fn below(&self, end: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_be_bytes(bytes) % end.max(1)
    }

    /// A number below `end`; small ones are more frequent.
    pub(crate) fn rather_low(&self, end: u64) -> u64 {
        self.below(self.below(end) + 1)
    }

    /// One of these.
    pub(crate) fn one_of<'a, T>(&self, all: &'a [T]) -> Option<&'a T> {
        let number = self.below(u64::try_from(all.len()).unwrap_or(u64::MAX));
        all.get(usize::try_from(number).unwrap_or(usize::MAX))
    }

    /// The item whose share of a hundred the throw falls into; shares add up to 100.
    pub(crate) fn by_percent<T: Copy>(&self, shares: &[(u64, T)]) -> Option<T> {
        let mut left = self.below(100);
        for (share, item) in shares {
            if left < *share {
                return Some(*item);
            }
            left -= share;
        }
        None
    }
}
