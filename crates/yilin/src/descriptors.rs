//! The limit on open files and connections.

/// The requested limit; a higher one would only cost memory.
const WANTED: u64 = 65_536;
/// Reserved for the database, files, the model and libraries.
const RESERVED: u64 = 512;
/// The traditional limit, if the system does not report one.
const USUAL: u64 = 1024;

/// Raises the limit as far as possible, and returns how many descriptors clients may use: idle client
/// connections must not take those that other requests need.
pub(crate) fn for_clients() -> usize {
    let limit = rlimit::increase_nofile_limit(WANTED).unwrap_or_else(|error| {
        tracing::warn!(%error, "the limit on open files cannot be raised");
        USUAL
    });
    usize::try_from(left_for_clients(limit)).unwrap_or(usize::MAX)
}

/// With a low limit, clients get half of it.
fn left_for_clients(limit: u64) -> u64 {
    limit.saturating_sub(RESERVED).max(limit / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_never_get_all_descriptors() {
        for (limit, clients) in [(WANTED, 65_024), (2048, 1536), (USUAL, 512), (256, 128)] {
            assert_eq!(left_for_clients(limit), clients);
        }
    }
}
