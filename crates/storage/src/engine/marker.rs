//! What tells whether a transaction was committed whose COMMIT was not answered.

use yilin_domain::port::Random;

/// A row that a transaction writes just before its COMMIT. Whoever does not know whether the transaction was
/// committed inserts the same row in another one: it is there already (committed), or it is not, and then the
/// first transaction can no longer be committed, because its own insert fails.
#[derive(Debug)]
pub(crate) struct Marker([u8; 16]);

impl Marker {
    pub(super) fn draw(random: &dyn Random) -> Self {
        Self(random.bytes())
    }

    /// The marker as SQL writes bytes.
    pub(crate) fn literal(&self) -> String {
        format!("0x{:032x}", u128::from_be_bytes(self.0))
    }
}
