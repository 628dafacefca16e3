//! The state of the service, for the hospital.

use std::sync::Arc;

use chrono::TimeDelta;

use super::{Chat, Context, ModelFailure};
use crate::account::{AccountSummary, AccountUuid, Actor, Role};
use crate::audit::UNLINKED_FOR;
use crate::enumeration::named_enum;
use crate::error::Error;
use crate::file::{NodeStatus, Pinning};
use crate::port::DatabaseState;
use crate::time::CLOCKS_MAY_DIFFER;
use crate::webhook::WebhookBacklog;

named_enum! {
    /// A condition that needs attention although the service works.
    pub enum ServiceWarning {
        /// The clocks of the database and this machine differ.
        ClockOffset = "clock.offset",
        /// Uploads are refused: the free space has reached the reserve.
        DiskFull = "disk.full",
        /// The IPFS node does not accept files, which are queued.
        NodeUnavailable = "ipfs.unavailable",
        /// The IPFS node may be public, so it gets no files.
        NodePublic = "ipfs.public",
        /// Events were given up after the webhook receiver had not accepted them for days.
        WebhooksGivenUp = "webhooks.given_up",
        /// Audit entries have not been linked into a chain although it is time.
        AuditUnlinked = "audit.unlinked",
    }
}

/// An account's calls to the language model today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCaller {
    /// The account's uuid.
    pub uuid: AccountUuid,
    /// The account; `None` if it no longer exists.
    pub account: Option<AccountSummary>,
    /// Number of its calls.
    pub calls: u32,
}

/// The language model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelState {
    /// Its name.
    pub name: String,
    /// Number of calls today, on all instances.
    pub calls: u64,
    /// Number of accounts that called it today.
    pub callers: u64,
    /// The accounts with most calls today: at most [`ServiceStates::CALLERS`].
    pub busiest: Vec<ModelCaller>,
    /// Maximum number of calls per account and day.
    pub per_day: u32,
    /// Maximum number of concurrent calls per account.
    pub at_once: u32,
    /// Number of calls in progress on this instance.
    pub running: u32,
    /// The last failed call on this instance since it started.
    pub last_failure: Option<ModelFailure>,
}

/// The files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileState {
    /// The IPFS node and its queue; `None` if files are stored without one.
    pub pinning: Option<Pinning>,
    /// Free bytes on the disk that new files are written to.
    pub free_space: u64,
    /// Free bytes at which uploads are refused.
    pub reserve: u64,
}

/// The state of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceState {
    /// The language model, if the installation has one.
    pub model: Option<ModelState>,
    /// The files.
    pub files: FileState,
    /// The database.
    pub database: DatabaseState,
    /// The queue of webhook deliveries, if there is a receiver.
    pub webhooks: Option<WebhookBacklog>,
    /// Offset of the database's clock from this machine's.
    pub clock_offset: TimeDelta,
    /// Number of audit entries that have not been linked into a chain although it is time.
    pub audit_unlinked: u64,
    /// What needs attention.
    pub warnings: Vec<ServiceWarning>,
}

/// The state of the service, for admins.
#[derive(Clone)]
pub struct ServiceStates {
    context: Arc<Context>,
    chat: Chat,
}

impl ServiceStates {
    /// Maximum number of accounts shown with their calls to the model.
    pub const CALLERS: u16 = 20;

    pub(super) fn new(context: Arc<Context>, chat: Chat) -> Self {
        Self { context, chat }
    }

    /// The state now.
    pub async fn state(&self, actor: &Actor) -> Result<ServiceState, Error> {
        actor.require(&[Role::Admin])?;
        let ports = &self.context.ports;
        let files = FileState {
            pinning: ports.files.pinning().await?,
            free_space: ports.files.free_space().await?,
            reserve: self.context.policy.upload_limits.reserve,
        };
        let webhooks = match ports.webhook_receiver {
            Some(_) => Some(ports.webhooks.backlog().await?),
            None => None,
        };
        let clock_offset = ports.clock.offset();
        let audit_unlinked = ports.audit.unlinked(ports.clock.now_precisely() - UNLINKED_FOR).await?;
        let mut state = ServiceState {
            model: self.model().await?,
            files,
            database: ports.database.inspect().await?,
            webhooks,
            clock_offset,
            audit_unlinked,
            warnings: Vec::new(),
        };
        state.warnings =
            ServiceWarning::ALL.into_iter().filter(|warning| warning.applies_to(&state)).collect();
        Ok(state)
    }

    async fn model(&self) -> Result<Option<ModelState>, Error> {
        let ports = &self.context.ports;
        let Some(model) = &ports.model else { return Ok(None) };
        let today = self.context.hospital_time().today();
        let calls = ports.conversations.calls_on(today, Self::CALLERS).await?;
        let uuids: Vec<AccountUuid> = calls.busiest.iter().map(|(uuid, _)| *uuid).collect();
        let accounts = ports.accounts.find_all(&uuids).await?;
        let caller = |(uuid, calls)| ModelCaller {
            uuid,
            account: accounts.iter().find(|account| account.uuid == uuid).map(AccountSummary::from),
            calls,
        };
        let policy = &self.context.policy.chat;
        Ok(Some(ModelState {
            name: model.name().to_owned(),
            calls: calls.calls,
            callers: calls.accounts,
            busiest: calls.busiest.into_iter().map(caller).collect(),
            per_day: policy.per_day,
            at_once: policy.at_once,
            running: self.chat.running(),
            last_failure: self.chat.last_failure(),
        }))
    }
}

impl ServiceWarning {
    /// Whether the condition exists in this state, whose warnings are not known yet.
    fn applies_to(self, state: &ServiceState) -> bool {
        let node = state.files.pinning.map(|pinning| pinning.node);
        match self {
            Self::ClockOffset => state.clock_offset.abs() > CLOCKS_MAY_DIFFER,
            Self::DiskFull => state.files.free_space < state.files.reserve,
            Self::NodeUnavailable => node == Some(NodeStatus::Unavailable),
            Self::NodePublic => node == Some(NodeStatus::Public),
            Self::WebhooksGivenUp => state.webhooks.is_some_and(|backlog| backlog.given_up > 0),
            Self::AuditUnlinked => state.audit_unlinked > 0,
        }
    }
}
