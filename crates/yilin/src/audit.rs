//! The audit log of this process.

use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditAction, AuditEvent, Entity, EntryDraft, Origin, Progress};
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

/// A command in the audit log: a chain of its own, and the origin of its changes.
pub(crate) struct CommandLog {
    chain: ChainWriter,
    origin: Origin,
    command: AuditEvent,
}

impl CommandLog {
    /// Opens the command's chain.
    pub(crate) async fn open(
        settings: &Settings,
        opened: &Parts,
        command: &str,
        action: AuditAction,
        entity: (&str, String),
    ) -> Result<Self, StartError> {
        let chain = open_chain(opened, command).await;
        let chain = chain.map_err(|source| database_error(settings, source))?;
        let command = event(opened, command, action, entity);
        Ok(Self { origin: Origin::new(chain.id(), command.clone()), chain, command })
    }

    /// The origin of the command's changes.
    pub(crate) fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Drafts the entry of a change made now.
    pub(crate) fn entry(&self, opened: &Parts) -> EntryDraft {
        self.origin.entry(opened.clock.now_precisely())
    }

    /// Records the command itself with these details, if it makes no change in the database.
    pub(crate) async fn record(mut self, settings: &Settings, details: String) -> Result<(), StartError> {
        self.chain.add([AuditEvent { query: details, ..self.command }]);
        match self.chain.flush().await {
            Ok(_) => Ok(()),
            Err(WriteError::Port(source)) => Err(database_error(settings, source).into()),
            Err(error @ WriteError::ChainGone) => Err(StartError::Audit(error)),
        }
    }

    /// Links the entries of the command's changes; without any, records the command itself. Entries that cannot be linked
    /// now are linked by the next instance that serves.
    pub(crate) async fn close(mut self) {
        if self.origin.progress() == Progress::Nothing {
            self.chain.add([self.command]);
        }
        loop {
            let linked = match self.chain.add_outbox().await {
                Ok(number) => self.chain.flush().await.map(|_| number),
                Err(error) => Err(WriteError::Port(error)),
            };
            match linked {
                Ok(0) => return,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the command's entries in the audit log are not linked yet");
                    return;
                }
            }
        }
    }
}

/// Records a command that makes no change in the database, before it runs.
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
    CommandLog::open(settings, opened, command, action, entity).await?.record(settings, details).await
}

/// The origin of changes that the service makes at its start.
pub(crate) fn start_of(chain: &ChainWriter, opened: &Parts) -> Origin {
    Origin::new(chain.id(), event(opened, "serve", AuditAction::Create, ("account", String::new())))
}

fn event(opened: &Parts, command: &str, action: AuditAction, (kind, id): (&str, String)) -> AuditEvent {
    AuditEvent {
        recorded: opened.clock.now_precisely(),
        agent: None,
        session: None,
        source: "command line".to_owned(),
        request: String::new(),
        operation: command.to_owned(),
        action,
        patient: AccountUuid::parse(&id).ok().filter(|_| kind == "account"),
        entity: Some(Entity { kind: kind.to_owned(), id }),
        outcome: EntryDraft::OUTCOME,
        query: String::new(),
        results: None,
    }
}

/// The host name, for readers of the log.
fn host_name() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name: String = name.trim().chars().take(200).collect();
    if name.is_empty() { "?".to_owned() } else { name }
}
