use crate::error::StartError;
use crate::parts::{Parts, database_error};
use crate::settings::Settings;

/// Makes the audit log's index anew from the entries. Searches by a running service find everything
/// meanwhile, only slower.
pub(crate) async fn reindex_audit(settings: &Settings) -> Result<(), StartError> {
    let opened = Parts::open(settings).await?;
    let failed = |source| database_error(settings, source);
    let chains = opened.storage.audit().chains().await.map_err(failed)?;
    opened.storage.empty_audit_index().await.map_err(failed)?;
    for (done, opening) in (1..).zip(&chains) {
        opened.storage.index_audit_chain(opening.id).await.map_err(failed)?;
        eprintln!(
            "已索引 {done} / {total} 条链 · {done} of {total} chains are indexed",
            total = chains.len()
        );
    }
    Ok(())
}
