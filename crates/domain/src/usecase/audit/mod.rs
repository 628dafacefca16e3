//! The audit log: reading, writing, verification and expiry.

mod expire;
mod verification;
mod verify;
mod write;

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _};

pub use expire::{ExpiredChain, ExpiredChains, expired_audit_chains};
pub use verification::VerificationState;
pub use verify::{Verification, verify_audit_chain, verify_audit_log, verify_audit_log_with};
pub use write::{ChainWriter, WriteError};

use super::{Context, ListExport};
use crate::account::{AccountUuid, Actor, Role};
use crate::audit::{AuditFilter, AuditRecord, AuditRecordId};
use crate::error::Error;
use crate::list::{Batches, Page, PageRequest, batches};
use crate::port::{ListFormat, ListHead, Part, PortError};

/// Read access to the audit log. (Its content is up to the transport, which alone knows the origin of a
/// request.)
#[derive(Clone)]
pub struct AuditLog {
    context: Arc<Context>,
}

/// An access to the caller's own data, with the agent's name.
#[derive(Debug, Clone)]
pub struct OwnAccess {
    /// The entry.
    pub record: AuditRecord,
    /// The agent's name; `None` without an agent, or if the account no longer exists.
    pub agent_name: Option<String>,
}

/// An entry with the names of the accounts in it; `None` where there is none, or if the account no longer exists.
#[derive(Debug, Clone)]
pub struct NamedEntry {
    /// The entry.
    pub record: AuditRecord,
    /// The agent's name.
    pub agent_name: Option<String>,
    /// The patient's name.
    pub patient_name: Option<String>,
}

impl AuditLog {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// One page of the log, for admins.
    pub async fn page(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, Error> {
        actor.require(&[Role::Admin])?;
        Ok(self.context.ports.audit.page(filter, page).await?)
    }

    /// At most `limit` entries after this one (or the first ones), newest first, for admins; fewer only at the end. Unlike
    /// the pages of [`Self::page`], they cost the same everywhere in the log. [`Error::NotFound`] if there is no such entry,
    /// or no longer.
    pub async fn after(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        last: Option<AuditRecordId>,
        limit: u16,
    ) -> Result<Vec<NamedEntry>, Error> {
        actor.require(&[Role::Admin])?;
        let records = self.context.ports.audit.batch(filter, last, limit).await?.ok_or(Error::NotFound)?;
        with_names(&self.context, records).await
    }

    /// The complete log, to be written as a file, for admins.
    pub fn export(
        &self,
        actor: &Actor,
        filter: AuditFilter,
        format: ListFormat,
        head: ListHead,
    ) -> Result<ListExport<NamedEntry>, Error> {
        let context = self.context.clone();
        let named = self.all(actor, filter)?.and_then(move |records| {
            let context = context.clone();
            async move { with_names(&context, records).await }
        });
        ListExport::begin(&self.context, named.boxed(), format, head)
    }

    /// The complete log, for admins.
    pub fn all(&self, actor: &Actor, filter: AuditFilter) -> Result<Batches<AuditRecord>, Error> {
        actor.require(&[Role::Admin])?;
        Ok(self.batches(filter))
    }

    /// One page of the accesses to the caller's own data.
    pub async fn own_page(&self, actor: &Actor, page: PageRequest) -> Result<Page<OwnAccess>, Error> {
        let found = self.context.ports.audit.page(&of(actor), page).await?;
        Ok(Page { total: found.total, items: named(&self.context, found.items).await? })
    }

    /// All accesses to the caller's own data.
    pub fn own_all(&self, actor: &Actor) -> Batches<OwnAccess> {
        let context = self.context.clone();
        self.batches(of(actor))
            .and_then(move |records| {
                let context = context.clone();
                async move { named(&context, records).await }
            })
            .boxed()
    }

    fn batches(&self, filter: AuditFilter) -> Batches<AuditRecord> {
        let (audit, filter) = (self.context.ports.audit.clone(), Arc::new(filter));
        batches(
            |record: &AuditRecord| record.id,
            move |last, limit| {
                let (audit, filter) = (audit.clone(), filter.clone());
                async move { audit.batch(&filter, last, limit).await?.ok_or_else(place_lost) }
            },
        )
    }
}

/// A list that is being read cannot go on, and must not look complete: its last entry was removed meanwhile.
fn place_lost() -> Error {
    let source = "the last entry of the list was removed".into();
    PortError::Failed { part: Part::Database, source }.into()
}

fn of(actor: &Actor) -> AuditFilter {
    AuditFilter { patient: Some(actor.uuid), ..AuditFilter::default() }
}

/// Entries with the names of the accounts in them.
async fn with_names(context: &Context, records: Vec<AuditRecord>) -> Result<Vec<NamedEntry>, Error> {
    let people = records.iter().flat_map(|record| {
        let event = &record.entry.event;
        [event.agent.map(|agent| agent.uuid), event.patient]
    });
    let names = names(context, people.flatten().collect()).await?;
    let with_names = |record: AuditRecord| {
        let event = &record.entry.event;
        let agent_name = event.agent.and_then(|agent| names.get(&agent.uuid).cloned());
        let patient_name = event.patient.and_then(|patient| names.get(&patient).cloned());
        NamedEntry { record, agent_name, patient_name }
    };
    Ok(records.into_iter().map(with_names).collect())
}

async fn named(context: &Context, records: Vec<AuditRecord>) -> Result<Vec<OwnAccess>, Error> {
    let agents = records.iter().filter_map(|record| record.entry.event.agent).map(|agent| agent.uuid);
    let names = names(context, agents.collect()).await?;
    let with_name = |record: AuditRecord| {
        let agent = record.entry.event.agent;
        let agent_name = agent.and_then(|agent| names.get(&agent.uuid).cloned());
        OwnAccess { record, agent_name }
    };
    Ok(records.into_iter().map(with_name).collect())
}

/// The names of these accounts, read in one query.
async fn names(
    context: &Context,
    mut accounts: Vec<AccountUuid>,
) -> Result<HashMap<AccountUuid, String>, Error> {
    accounts.sort_unstable();
    accounts.dedup();
    let accounts = context.ports.accounts.find_all(&accounts).await?;
    Ok(accounts.into_iter().map(|account| (account.uuid, account.username.as_str().to_owned())).collect())
}
