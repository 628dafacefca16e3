//! A deterministic random source.

use std::sync::{Mutex, PoisonError};

use yilin_domain::port::Random;

/// A deterministic random source: the `SplitMix64` sequence of a seed.
#[derive(Debug)]
pub struct FakeRandom {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    sequence: u64,
    stuck_fills: usize,
}

impl FakeRandom {
    /// The sequence of this seed.
    pub const fn new(seed: u64) -> Self {
        Self::stuck_at_first(seed, 0)
    }

    /// Like [`Self::new`], but the first `fills` buffers all repeat the same four bytes, so that values that
    /// must be unique collide at first. Drawing again succeeds eventually, whatever the adapter's strategy.
    pub const fn stuck_at_first(seed: u64, fills: usize) -> Self {
        Self { state: Mutex::new(State { sequence: seed, stuck_fills: fills }) }
    }
}

impl Random for FakeRandom {
    fn fill(&self, buffer: &mut [u8]) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(left) = state.stuck_fills.checked_sub(1) {
            state.stuck_fills = left;
            for (byte, stuck) in buffer.iter_mut().zip([0x5e, 0xed, 0x5e, 0xed].into_iter().cycle()) {
                *byte = stuck;
            }
            return;
        }
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&state.next().to_be_bytes()[..chunk.len()]);
        }
    }
}

impl State {
    fn next(&mut self) -> u64 {
        self.sequence = self.sequence.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.sequence ^ (self.sequence >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(random: &FakeRandom) -> [u8; 4] {
        (random as &dyn Random).bytes()
    }

    #[test]
    fn a_seed_always_gives_the_same_sequence_and_hardly_repeats() {
        let draws = |seed| {
            let random = FakeRandom::new(seed);
            (0..1000).map(|_| draw(&random)).collect::<Vec<_>>()
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
        let distinct: std::collections::HashSet<_> = draws(7).into_iter().collect();
        assert_eq!(distinct.len(), 1000);
    }

    #[test]
    fn a_stuck_source_repeats_itself_and_recovers() {
        let random = FakeRandom::stuck_at_first(7, 3);
        let stuck = draw(&random);
        let two: [u8; 8] = (&random as &dyn Random).bytes();
        assert_eq!([&two[..4], &two[4..]], [&stuck, &stuck], "inside one buffer too");
        assert_eq!(draw(&random), stuck);
        assert_ne!(draw(&random), draw(&random));
    }
}
