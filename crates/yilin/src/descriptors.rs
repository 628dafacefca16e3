//! How many files and connections the process may have open at a time.

/// As many as are asked for; more would only take memory.
const WANTED: u64 = 65_536;
/// Kept free for the database, files, the model and whatever libraries open.
const RESERVED: u64 = 512;
/// What is allowed where the system does not say, by the oldest convention.
const USUAL: u64 = 1024;

/// Raises the limit as far as the system lets us, and gives how many of them clients may have: one that
/// opens connections and says nothing must not take those that others' requests need.
pub(crate) fn for_clients() -> usize {
    let limit = rlimit::increase_nofile_limit(WANTED).unwrap_or_else(|error| {
        tracing::warn!(%error, "the limit on open files cannot be raised");
        USUAL
    });
    usize::try_from(left_for_clients(limit)).unwrap_or(usize::MAX)
}

/// With a low limit, half of it.
fn left_for_clients(limit: u64) -> u64 {
    limit.saturating_sub(RESERVED).max(limit / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_never_take_all() {
        for (limit, clients) in [(WANTED, 65_024), (2048, 1536), (USUAL, 512), (256, 128)] {
            assert_eq!(left_for_clients(limit), clients);
        }
    }
}
