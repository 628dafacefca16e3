//! The audit log of this process.

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditAction, AuditEvent, ChainId, ChainOpening, Entity, Tail};
use yilin_domain::port::{Clock as _, PortError};

use crate::adapters::SystemClock;
use crate::parts::Parts;

/// How this process's chain begins. `place` says where in this machine it runs.
pub(crate) fn opening(opened: &Parts, place: &str) -> ChainOpening {
    ChainOpening {
        id: ChainId::from_bytes(opened.random.bytes()),
        instance: format!("{} {place}", host_name()),
        opened_at: SystemClock.now_precisely(),
    }
}

/// Records that a command is about to change an account: a chain of one entry.
pub(crate) async fn record_command(
    opened: &Parts,
    command: &str,
    account: AccountUuid,
) -> Result<(), PortError> {
    let opening = opening(opened, command);
    let event = AuditEvent {
        recorded: opening.opened_at,
        agent: None,
        session: None,
        source: "command line".to_owned(),
        request: String::new(),
        operation: command.to_owned(),
        action: AuditAction::Update,
        entity: Some(Entity { kind: "account".to_owned(), id: account.to_string() }),
        patient: Some(account),
        outcome: 200,
        query: String::new(),
        results: None,
    };
    let audit = opened.storage.audit();
    audit.open_chain(&opening).await?;
    audit.append(opening.id, &[Tail::new(&opening).link(event)]).await
}

/// This machine's name, as far as it says; for people who read the log.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name.trim().chars().take(200).collect();
    if name.is_empty() { "?".to_owned() } else { name }
}
