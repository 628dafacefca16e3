//! Expiry of audit chains.

use super::verify_audit_chain;
use crate::audit::{ChainEnd, ChainFault, ChainOpening};
use crate::port::{AuditRepository, PortError};
use crate::time::Timestamp;

/// A chain that may be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredChain {
    /// Its opening.
    pub opening: ChainOpening,
    /// Its end.
    pub end: ChainEnd,
}

/// The chains that may be removed.
#[derive(Debug, Default)]
pub struct ExpiredChains {
    /// The intact chains.
    pub whole: Vec<ExpiredChain>,
    /// The faults of the others, which are kept.
    pub faults: Vec<ChainFault>,
}

/// Finds the chains that were opened, and whose entries were all recorded, before this time. (A chain that is
/// being written was opened at most a month ago: see [`ChainWriter`](super::ChainWriter).)
pub async fn expired_audit_chains(
    audit: &dyn AuditRepository,
    before: Timestamp,
) -> Result<ExpiredChains, PortError> {
    let mut expired = ExpiredChains::default();
    let openings = audit.chains().await?;
    for opening in openings.into_iter().filter(|opening| opening.opened_at < before) {
        let mut is_old = true;
        let verified =
            verify_audit_chain(audit, &opening, &[], |entry| is_old &= entry.event.recorded < before).await?;
        match verified {
            Ok(end) if is_old => expired.whole.push(ExpiredChain { opening, end }),
            Ok(_) => {}
            Err(fault) => expired.faults.push(fault),
        }
    }
    Ok(expired)
}
