//! Generated accounts and flows for testing the service, created by the same use cases as real ones.

mod flow;
mod people;

use std::sync::Arc;

pub use flow::FlowReport;

use super::setup::hash_once;
use super::{Consultations, Context, DrugOrders, Inquiries};
use crate::account::{Account, Actor, PasswordHash, Role};
use crate::error::Error;
use crate::validation::Invalid;

/// Generated accounts.
#[derive(Debug, Clone)]
pub struct GeneratedAccounts {
    /// Number of accounts created.
    pub created: u64,
    /// Their common password.
    pub password: String,
    /// The first of them.
    pub first: Vec<Account>,
}

/// Generates accounts and flows.
#[derive(Clone)]
pub struct TestData {
    context: Arc<Context>,
    inquiries: Inquiries,
    consultations: Consultations,
    drug_orders: DrugOrders,
}

impl TestData {
    /// Maximum number of accounts or flows per call.
    pub const MAX_NUMBER: u32 = 100_000;
    /// Maximum number of generated accounts returned.
    const SHOWN: usize = 100;
    /// Number of accounts stored at a time.
    const CHUNK: u32 = 1000;

    pub(super) fn new(
        context: Arc<Context>,
        inquiries: Inquiries,
        consultations: Consultations,
        drug_orders: DrugOrders,
    ) -> Self {
        Self { context, inquiries, consultations, drug_orders }
    }

    /// Generates this many accounts of a role, with the initial password.
    pub async fn generate_accounts(
        &self,
        actor: &Actor,
        role: Role,
        number: u32,
    ) -> Result<GeneratedAccounts, Error> {
        actor.require(&[Role::Admin])?;
        let password = self.context.policy.initial_password.clone();
        let hash = hash_once(&*self.context.ports.hasher, &password).await?;
        let mut first = Vec::new();
        let mut missing = number;
        while missing > 0 {
            let chunk = self.insert_people(actor, role, missing.min(Self::CHUNK), &hash).await?;
            missing = missing.saturating_sub(u32::try_from(chunk.len()).unwrap_or(u32::MAX));
            let room = Self::SHOWN.saturating_sub(first.len());
            first.extend(chunk.into_iter().take(room));
        }
        Ok(GeneratedAccounts { created: number.into(), password, first })
    }

    /// Stores generated accounts: at most `number`, fewer if a generated phone number is taken.
    async fn insert_people(
        &self,
        actor: &Actor,
        role: Role,
        number: u32,
        hash: &PasswordHash,
    ) -> Result<Vec<Account>, Error> {
        let ports = &self.context.ports;
        let time = self.context.hospital_time();
        let people = (0..number)
            .map(|_| people::person(&*ports.random, role, hash.clone(), time))
            .collect::<Result<_, _>>()
            .map_err(|problem| Invalid::one("account", problem))?;
        let inserted = ports.accounts.insert(people, self.context.entry(actor)).await?;
        Ok(inserted.into_iter().flatten().collect())
    }
}
