//! Randomness from the operating system.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use sha2::{Digest as _, Sha256};
use yilin_domain::port::Random;

/// The operating system provided no randomness at start-up.
#[derive(Debug, thiserror::Error)]
#[error("操作系统不提供随机数 / the operating system provides no randomness")]
pub(crate) struct NoRandomness(#[source] getrandom::Error);

/// The operating system's random source.
///
/// [`Random::fill`] cannot fail, and must never return predictable bytes. The system keeps providing
/// randomness to a process unless the permission is revoked later. For that case an unpredictable seed is
/// drawn at start-up: bytes are then digests of the seed and a counter that never repeats.
pub(crate) struct OsRandom {
    fill: fn(&mut [u8]) -> Result<(), getrandom::Error>,
    seed: [u8; 32],
    drawn: AtomicU64,
    has_failed: AtomicBool,
}

impl OsRandom {
    /// Draws the seed; fails if no randomness is available.
    #[expect(clippy::disallowed_methods, reason = "this is the adapter of the port")]
    pub(crate) fn new() -> Result<Self, NoRandomness> {
        Self::filled_by(getrandom::fill)
    }

    fn filled_by(fill: fn(&mut [u8]) -> Result<(), getrandom::Error>) -> Result<Self, NoRandomness> {
        let mut seed = [0; 32];
        fill(&mut seed).map_err(NoRandomness)?;
        Ok(Self { fill, seed, drawn: AtomicU64::new(0), has_failed: AtomicBool::new(false) })
    }

    fn fill_from_seed(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            let drawn = self.drawn.fetch_add(1, Ordering::Relaxed);
            let digest = Sha256::new().chain_update(self.seed).chain_update(drawn.to_be_bytes()).finalize();
            for (byte, random) in chunk.iter_mut().zip(digest) {
                *byte = random;
            }
        }
    }
}

impl Random for OsRandom {
    fn fill(&self, buffer: &mut [u8]) {
        if let Err(error) = (self.fill)(buffer) {
            if !self.has_failed.swap(true, Ordering::Relaxed) {
                tracing::error!(%error, "the operating system no longer provides randomness; using the seed");
            }
            self.fill_from_seed(buffer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_system_bytes_still_differ_between_draws_and_processes() {
        let broken = |seed: u8| OsRandom {
            fill: |_| Err(getrandom::Error::UNSUPPORTED),
            seed: [seed; 32],
            drawn: AtomicU64::new(0),
            has_failed: AtomicBool::new(false),
        };
        let random = broken(1);
        let (mut first, mut second, mut other) = ([0; 100], [0; 100], [0; 100]);
        random.fill(&mut first);
        random.fill(&mut second);
        broken(2).fill(&mut other);
        assert!(first != second && first != other);
        assert_ne!(first[..32], first[32..64]);
        assert!(OsRandom::filled_by(|_| Err(getrandom::Error::UNSUPPORTED)).is_err());
    }

    #[test]
    fn the_system_fills_the_whole_buffer() {
        let random = OsRandom::new().unwrap();
        let mut buffer = [0; 64];
        random.fill(&mut buffer);
        assert!(buffer[..32] != [0; 32] && buffer[32..] != [0; 32]);
    }
}
