//! `yilin audit verify`.

use yilin_domain::audit::{ChainHead, ChainRemoval, UNLINKED_FOR};
use yilin_domain::port::Clock as _;
use yilin_domain::usecase::verify_audit_log;

use crate::error::StartError;
use crate::output::{say, tell};
use crate::parts::{Parts, database_error};
use crate::settings::Settings;

/// Verifies every audit chain; safe while the service runs. Prints the heads of intact chains, one per line,
/// in the format of `--head`; faults are printed to standard error.
pub(crate) async fn verify_audit(settings: &Settings, kept: &[ChainHead]) -> Result<(), StartError> {
    let opened = Parts::open(settings).await?;
    let audit = opened.storage.audit();
    let verified = verify_audit_log(&*audit, kept).await;
    let verified = verified.map_err(|source| database_error(settings, source))?;
    for head in &verified.heads {
        say!("{head}");
    }
    for fault in &verified.faults {
        tell!("审计日志有误 / the audit log is damaged: {fault}");
    }
    for removal in &verified.removed {
        let ChainRemoval { chain, entries, removed_at, .. } = removal;
        tell!("已按期移除 / removed after its retention period: {chain}, {entries} ({removed_at})");
    }
    let (chains, entries) = (verified.heads.len(), verified.entries);
    tell!("{chains} 条链、{entries} 条记录完整 / {chains} chains with {entries} entries are intact");
    let unlinked = audit.unlinked(opened.clock.now_precisely() - UNLINKED_FOR).await;
    let unlinked = unlinked.map_err(|source| database_error(settings, source))?;
    // Nothing is stored of an empty log: the database would no longer count as empty, and could not be restored into.
    if chains > 0 || !verified.faults.is_empty() {
        let result = verified.result(opened.clock.now(), None, unlinked);
        let stored = opened.storage.verifications().finish(None, &result).await;
        stored.map_err(|source| database_error(settings, source))?;
    }
    match verified.faults.len() {
        0 if unlinked > 0 => Err(StartError::AuditUnlinked { entries: unlinked }),
        0 => Ok(()),
        chains => Err(StartError::AuditDamaged { chains }),
    }
}
