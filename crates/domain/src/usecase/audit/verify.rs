//! Verification of the audit log.

use crate::audit::{
    AuditEntry, ChainEnd, ChainFault, ChainHead, ChainOpening, ChainRemoval, ChainVerifier, FaultKind,
    VerificationProgress,
};
use crate::list::BATCH_SIZE;
use crate::port::{AuditRepository, PortError};

/// The result of verifying the audit log.
#[derive(Debug, Default)]
pub struct Verification {
    /// The heads of the intact chains.
    pub heads: Vec<ChainHead>,
    /// The number of their entries.
    pub entries: u64,
    /// The first fault of each faulty chain.
    pub faults: Vec<ChainFault>,
    /// The chains removed after their retention period.
    pub removed: Vec<ChainRemoval>,
}

/// Verifies every chain of the audit log, and compares it with the recorded heads.
pub async fn verify_audit_log(
    audit: &dyn AuditRepository,
    kept: &[ChainHead],
) -> Result<Verification, PortError> {
    verify_audit_log_with(audit, kept, |_| {}).await
}

/// As [`verify_audit_log`], and passes on the progress, after each chain and every few hundred entries.
pub async fn verify_audit_log_with(
    audit: &dyn AuditRepository,
    kept: &[ChainHead],
    mut note: impl FnMut(VerificationProgress) + Send,
) -> Result<Verification, PortError> {
    let headless = audit.chains_without_opening().await?;
    let chains = audit.chains().await?;
    // Last, so that a chain that is being removed is seen at least once.
    let removed = audit.removals().await?;
    let mut faults: Vec<_> = headless.iter().map(|chain| fault(*chain, 0, FaultKind::NoOpening)).collect();
    for head in kept {
        let is_there =
            chains.iter().any(|opening| opening.id == head.chain) || headless.contains(&head.chain);
        if !is_there {
            faults.extend(fault_of_missing(head, &removed));
        }
    }
    let mut verification = Verification { faults, removed, ..Verification::default() };
    let chains_to_verify = u64::try_from(chains.len()).unwrap_or(u64::MAX);
    let mut progress = VerificationProgress { chains_to_verify, ..VerificationProgress::default() };
    note(progress);
    for opening in &chains {
        let count = |_: &AuditEntry| {
            progress.entries += 1;
            if progress.entries.is_multiple_of(BATCH_SIZE.into()) {
                note(progress);
            }
        };
        let verified = verify_audit_chain(audit, opening, kept, count).await?;
        progress.chains += 1;
        note(progress);
        match verified {
            Ok(end) => {
                verification.entries += end.entries;
                verification.heads.extend(end.head());
            }
            Err(fault) => verification.faults.push(fault),
        }
    }
    Ok(verification)
}

/// Verifies one chain, compares it with the recorded heads, and passes on each valid entry.
pub async fn verify_audit_chain(
    audit: &dyn AuditRepository,
    opening: &ChainOpening,
    kept: &[ChainHead],
    mut visit: impl FnMut(&AuditEntry) + Send,
) -> Result<Result<ChainEnd, ChainFault>, PortError> {
    let mut verifier = ChainVerifier::new(opening, kept);
    let mut from = 0;
    loop {
        let entries = match audit.chain(opening.id, from, BATCH_SIZE).await {
            Ok(entries) => entries,
            Err(error @ PortError::Corrupt { .. }) => {
                let kind = FaultKind::Unreadable { problem: error.to_string() };
                return Ok(Err(fault(opening.id, from, kind)));
            }
            Err(error) => return Err(error),
        };
        for entry in &entries {
            if let Err(fault) = verifier.check(entry) {
                return Ok(Err(fault));
            }
            visit(entry);
        }
        // Continues until nothing is returned: a short batch may be the result of tampering.
        match entries.last() {
            Some(last) => from = last.sequence + 1,
            None => break,
        }
    }
    Ok(match audit.misfiled(opening.id).await? {
        Some(place) => Err(fault(opening.id, place, FaultKind::Misfiled)),
        None => verifier.finish(),
    })
}

/// The fault if the chain of a recorded head is missing: none if it was removed after its retention period
/// and the head matches.
fn fault_of_missing(head: &ChainHead, removed: &[ChainRemoval]) -> Option<ChainFault> {
    let kind = match removed.iter().find(|removal| removal.chain == head.chain) {
        None => FaultKind::NoSuchChain,
        Some(removal) if head.sequence >= removal.entries => FaultKind::CutOff,
        Some(removal) if head.sequence + 1 == removal.entries && head.hash != removal.hash => {
            FaultKind::NotTheKeptHead
        }
        Some(_) => return None,
    };
    Some(fault(head.chain, head.sequence, kind))
}

fn fault(chain: crate::audit::ChainId, sequence: u64, kind: FaultKind) -> ChainFault {
    ChainFault { chain, sequence, kind }
}
