//! `yilin audit expire`.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde_json::{Value, json};
use yilin_domain::audit::{AuditAction, AuditEntry, ChainId, ChainRemoval};
use yilin_domain::port::{AuditRepository, Clock as _};
use yilin_domain::time::Timestamp;
use yilin_domain::usecase::{ExpiredChain, expired_audit_chains, verify_audit_chain};

use crate::audit::record_command_with;
use crate::error::StartError;
use crate::output::{say, tell};
use crate::parts::{Parts, database_error};
use crate::settings::Settings;

/// Exports and removes the audit chains that are entirely older than `YILIN_AUDIT_KEEP`; safe while the
/// service runs. Damaged chains are kept.
pub(crate) async fn expire_audit(settings: &Settings, path: &Path) -> Result<(), StartError> {
    let keep = settings.audit_keep.ok_or(StartError::AuditKeptForEver)?;
    let opened = Parts::open(settings).await?;
    let (audit, now) = (opened.storage.audit(), opened.clock.now_precisely());
    let database = |source| database_error(settings, source);
    let expired = expired_audit_chains(&*audit, now - keep).await.map_err(database)?;
    for fault in &expired.faults {
        tell!("审计日志有误 / the audit log is damaged: {fault}");
    }
    if !expired.whole.is_empty() {
        export(settings, &*audit, &expired.whole, path).await?;
        let details = format!("before={} chains={} file={}", now - keep, expired.whole.len(), path.display());
        let entity = ("audit_chain", String::new());
        record_command_with(settings, &opened, "audit expire", AuditAction::Delete, entity, details).await?;
    }
    let mut removed = 0;
    for ExpiredChain { opening, end } in &expired.whole {
        let removal =
            ChainRemoval { chain: opening.id, entries: end.entries, hash: end.hash, removed_at: now };
        removed += u64::from(audit.remove_chain(&removal).await.map_err(database)?);
    }
    say!("已移除 {removed} 条链 / removed {removed} chains");
    match expired.faults.len() {
        0 => Ok(()),
        chains => Err(StartError::AuditDamaged { chains }),
    }
}

/// Writes the chains to a new file and syncs it. They are verified a second time, so that exactly what is in
/// the file is removed.
async fn export(
    settings: &Settings,
    audit: &dyn AuditRepository,
    chains: &[ExpiredChain],
    path: &Path,
) -> Result<(), StartError> {
    let failed = |source| StartError::ExportAudit { path: path.to_owned(), source };
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    let mut file = BufWriter::new(file);
    for ExpiredChain { opening, end } in chains {
        let mut written = write_line(
            &mut file,
            &json!({
                "chain": opening.id.to_string(),
                "instance": opening.instance,
                "opened_at": precise(opening.opened_at),
                "entries": end.entries,
            }),
        );
        let visit = |entry: &AuditEntry| {
            if written.is_ok() {
                written = write_line(&mut file, &line(opening.id, entry));
            }
        };
        let verified = verify_audit_chain(audit, opening, &[], visit).await;
        written.map_err(failed)?;
        match verified.map_err(|source| database_error(settings, source))? {
            Ok(again) if again == *end => {}
            _ => return Err(StartError::AuditDamaged { chains: 1 }),
        }
    }
    let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_all().and_then(|()| sync_folder(path)).map_err(failed)
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn write_line(file: &mut impl Write, line: &Value) -> std::io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}

/// All fields that an entry's hash covers, and the hash.
fn line(chain: ChainId, entry: &AuditEntry) -> Value {
    let event = &entry.event;
    json!({
        "chain": chain.to_string(),
        "sequence": entry.sequence,
        "previous_hash": entry.previous.to_string(),
        "hash": entry.hash.to_string(),
        "recorded_utc": precise(event.recorded),
        "agent": event.agent.map(|agent| agent.uuid.to_string()),
        "agent_role": event.agent.map(|agent| agent.role.as_str()),
        "session": event.session,
        "source": event.source,
        "request_id": event.request,
        "operation": event.operation,
        "action": event.action.code(),
        "entity_kind": event.entity.as_ref().map(|entity| &entity.kind),
        "entity_id": event.entity.as_ref().map(|entity| &entity.id),
        "patient": event.patient.map(|patient| patient.to_string()),
        "outcome": event.outcome,
        "query": event.query,
        "results": event.results,
    })
}

fn precise(at: Timestamp) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}
