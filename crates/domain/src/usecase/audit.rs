use std::collections::HashMap;
use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _};

use super::Context;
use crate::account::{AccountUuid, Actor, Role};
use crate::audit::{AuditFilter, AuditRecord, ChainFault, ChainHead, ChainVerifier, FaultKind};
use crate::error::Error;
use crate::list::{BATCH_SIZE, Batches, Page, PageRequest, batches};
use crate::port::{AuditRepository, PortError};

/// Reading the audit log. (Writing it is the transport's business: it alone knows where a request
/// comes from.)
#[derive(Clone)]
pub struct AuditLog {
    context: Arc<Context>,
}

/// An access to one's own data, with whoever it was by name.
#[derive(Debug, Clone)]
pub struct OwnAccess {
    /// The entry.
    pub record: AuditRecord,
    /// The agent's name; `None` for nobody, or an account that is gone.
    pub agent_name: Option<String>,
}

impl AuditLog {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context }
    }

    /// One page of the entries, for the admin.
    pub async fn page(
        &self,
        actor: &Actor,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditRecord>, Error> {
        actor.require(&[Role::Admin])?;
        Ok(self.context.ports.audit.page(filter, page).await?)
    }

    /// All entries, for the admin.
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
            move |before| {
                let (audit, filter) = (audit.clone(), filter.clone());
                async move { Ok(audit.batch(&filter, before, BATCH_SIZE).await?) }
            },
        )
    }
}

fn of(actor: &Actor) -> AuditFilter {
    AuditFilter { patient: Some(actor.uuid), ..AuditFilter::default() }
}

async fn named(context: &Context, records: Vec<AuditRecord>) -> Result<Vec<OwnAccess>, Error> {
    let mut agents: Vec<AccountUuid> =
        records.iter().filter_map(|record| record.entry.event.agent).map(|agent| agent.uuid).collect();
    agents.sort_unstable();
    agents.dedup();
    let accounts = context.ports.accounts.find_all(&agents).await?;
    let names: HashMap<_, _> =
        accounts.into_iter().map(|account| (account.uuid, account.username.as_str().to_owned())).collect();
    let with_name = |record: AuditRecord| {
        let agent = record.entry.event.agent;
        let agent_name = agent.and_then(|agent| names.get(&agent.uuid).cloned());
        OwnAccess { record, agent_name }
    };
    Ok(records.into_iter().map(with_name).collect())
}

/// What was found in the audit log.
#[derive(Debug, Default)]
pub struct Verification {
    /// Where the chains end that are whole.
    pub heads: Vec<ChainHead>,
    /// How many entries they have.
    pub entries: u64,
    /// What is wrong: the first fault of each chain.
    pub faults: Vec<ChainFault>,
}

/// Follows every chain of the audit log, and holds it against the heads that were kept.
pub async fn verify_audit_log(
    audit: &dyn AuditRepository,
    kept: &[ChainHead],
) -> Result<Verification, PortError> {
    let mut verification = Verification::default();
    let headless = audit.chains_without_opening().await?;
    let chains = audit.chains().await?;
    for chain in &headless {
        verification.faults.push(ChainFault { chain: *chain, sequence: 0, kind: FaultKind::NoOpening });
    }
    for head in kept {
        let is_there = chains.iter().any(|opening| opening.id == head.chain);
        if !is_there && !headless.contains(&head.chain) {
            let kind = FaultKind::NoSuchChain;
            verification.faults.push(ChainFault { chain: head.chain, sequence: 0, kind });
        }
    }
    'chains: for opening in &chains {
        let mut verifier = ChainVerifier::new(opening, kept);
        let mut from = 0;
        loop {
            let entries = match audit.chain(opening.id, from, BATCH_SIZE).await {
                Ok(entries) => entries,
                Err(error @ PortError::Corrupt { .. }) => {
                    let kind = FaultKind::Unreadable { problem: error.to_string() };
                    verification.faults.push(ChainFault { chain: opening.id, sequence: from, kind });
                    continue 'chains;
                }
                Err(error) => return Err(error),
            };
            for entry in &entries {
                if let Err(fault) = verifier.check(entry) {
                    verification.faults.push(fault);
                    continue 'chains;
                }
            }
            // Until nothing comes: who has tampered with the tables must not make this end early.
            match entries.last() {
                Some(last) => from = last.sequence + 1,
                None => break,
            }
        }
        match verifier.finish() {
            Ok(head) => {
                verification.entries += head.map_or(0, |head| head.sequence + 1);
                verification.heads.extend(head);
            }
            Err(fault) => verification.faults.push(fault),
        }
    }
    Ok(verification)
}
