//! The audit log of this process.

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditAction, AuditEvent, ChainId, ChainOpening, Entity, Tail};
use yilin_domain::port::{Clock as _, PortError};

use crate::parts::{DatabaseError, Parts, database_error};
use crate::settings::Settings;

/// How this process's chain begins. `place` says where in this machine it runs.
pub(crate) fn opening(opened: &Parts, place: &str) -> ChainOpening {
    ChainOpening {
        id: ChainId::from_bytes(opened.random.bytes()),
        instance: format!("{} {place}", host_name()),
        opened_at: opened.clock.now_precisely(),
    }
}

/// Records what a command is about to do to somebody's data: a chain of one entry. Before it is done,
/// because nobody else is there to say so.
pub(crate) async fn record_command(
    settings: &Settings,
    opened: &Parts,
    command: &str,
    action: AuditAction,
    entity: (&str, String),
) -> Result<(), DatabaseError> {
    let recorded = append(opened, command, action, entity).await;
    recorded.map_err(|source| database_error(settings, source))
}

async fn append(
    opened: &Parts,
    command: &str,
    action: AuditAction,
    (kind, id): (&str, String),
) -> Result<(), PortError> {
    let opening = opening(opened, command);
    let event = AuditEvent {
        recorded: opening.opened_at,
        agent: None,
        session: None,
        source: "command line".to_owned(),
        request: String::new(),
        operation: command.to_owned(),
        action,
        patient: AccountUuid::parse(&id).ok().filter(|_| kind == "account"),
        entity: Some(Entity { kind: kind.to_owned(), id }),
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
