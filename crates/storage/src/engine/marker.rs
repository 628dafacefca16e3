//! What tells whether a transaction was committed whose COMMIT was not answered.

use std::sync::atomic::{AtomicU64, Ordering};

use yilin_domain::port::Random;

/// A row that a transaction writes just before its COMMIT. Whoever does not know whether the transaction was
/// committed inserts the same row in another one: it is there already (committed), or it is not, and then the
/// first transaction can no longer be committed, because its own insert fails.
#[derive(Debug)]
pub(crate) struct Marker([u8; 16]);

/// How many markers this process has drawn.
static DRAWN: AtomicU64 = AtomicU64::new(0);

impl Marker {
    /// Numbered besides being random, so that no two of one process are the same, however random the source is.
    pub(super) fn draw(random: &dyn Random) -> Self {
        let number = u128::from(DRAWN.fetch_add(1, Ordering::Relaxed));
        Self((u128::from_be_bytes(random.bytes()) ^ number).to_be_bytes())
    }

    /// The marker as SQL writes bytes.
    pub(crate) fn literal(&self) -> String {
        format!("0x{:032x}", u128::from_be_bytes(self.0))
    }
}
