//! The audit log of this process.

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditAction, AuditEvent, Entity};
use yilin_domain::port::{Clock as _, PortError};
use yilin_domain::usecase::{ChainWriter, WriteError};

use crate::error::StartError;
use crate::parts::{Parts, database_error};
use crate::settings::Settings;

/// Opens this process's chain. `place` identifies the process on this machine.
pub(crate) async fn open_chain(opened: &Parts, place: &str) -> Result<ChainWriter, PortError> {
    let (audit, random) = (opened.storage.audit(), opened.random.clone());
    ChainWriter::open(audit, opened.clock.clone(), random, format!("{} {place}", host_name())).await
}

/// Records what a command is about to do to personal data, before it is done: a chain with one entry.
pub(crate) async fn record_command(
    settings: &Settings,
    opened: &Parts,
    command: &str,
    action: AuditAction,
    entity: (&str, String),
) -> Result<(), StartError> {
    record_command_with(settings, opened, command, action, entity, String::new()).await
}

/// The same, with details.
pub(crate) async fn record_command_with(
    settings: &Settings,
    opened: &Parts,
    command: &str,
    action: AuditAction,
    entity: (&str, String),
    details: String,
) -> Result<(), StartError> {
    match append(opened, command, action, entity, details).await {
        Ok(()) => Ok(()),
        Err(WriteError::Port(source)) => Err(database_error(settings, source).into()),
        Err(error @ WriteError::ChainGone) => Err(StartError::Audit(error)),
    }
}

async fn append(
    opened: &Parts,
    command: &str,
    action: AuditAction,
    (kind, id): (&str, String),
    query: String,
) -> Result<(), WriteError> {
    let mut chain = open_chain(opened, command).await?;
    let event = AuditEvent {
        recorded: opened.clock.now_precisely(),
        agent: None,
        session: None,
        source: "command line".to_owned(),
        request: String::new(),
        operation: command.to_owned(),
        action,
        patient: AccountUuid::parse(&id).ok().filter(|_| kind == "account"),
        entity: Some(Entity { kind: kind.to_owned(), id }),
        outcome: 200,
        query,
        results: None,
    };
    chain.add([event]);
    chain.flush().await.map(drop)
}

/// The host name, for readers of the log.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name.trim().chars().take(200).collect();
    if name.is_empty() { "?".to_owned() } else { name }
}
