//! Markers that show whether a transaction was committed although the response to its COMMIT was lost.

use std::sync::atomic::{AtomicU64, Ordering};

use yilin_domain::port::Random;

/// A row that a transaction inserts just before its COMMIT. To find out whether the transaction was
/// committed, the same row is inserted by another one: either it exists (committed), or the first transaction
/// can no longer commit, because its own insert fails.
#[derive(Debug)]
pub(crate) struct Marker([u8; 16]);

/// Number of markers drawn by this process.
static DRAWN: AtomicU64 = AtomicU64::new(0);

impl Marker {
    /// Contains a counter besides random bytes, so that markers are unique within a process regardless of the
    /// random source.
    pub(super) fn draw(random: &dyn Random) -> Self {
        let number = u128::from(DRAWN.fetch_add(1, Ordering::Relaxed));
        Self((u128::from_be_bytes(random.bytes()) ^ number).to_be_bytes())
    }

    /// The marker as an SQL binary literal.
    pub(crate) fn literal(&self) -> String {
        format!("0x{:032x}", u128::from_be_bytes(self.0))
    }
}
