//! Quotas, in memory.

use async_trait::async_trait;
use chrono::NaiveDate;
use yilin_domain::account::AccountUuid;
use yilin_domain::port::{PortError, Quota, QuotaRepository};

use super::InMemory;

#[async_trait]
impl QuotaRepository for InMemory {
    async fn take(
        &self,
        account: AccountUuid,
        quota: Quota,
        day: NaiveDate,
        wanted: u64,
        limit: u64,
    ) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let used = state.quotas.entry((account, quota, day)).or_default();
        let taken = wanted.min(limit.saturating_sub(*used));
        *used += taken;
        Ok(taken)
    }

    async fn give_back(
        &self,
        account: AccountUuid,
        quota: Quota,
        day: NaiveDate,
        amount: u64,
    ) -> Result<(), PortError> {
        *self.begin().await?.quotas.entry((account, quota, day)).or_default() -= amount;
        Ok(())
    }

    async fn forget_quotas(&self, before: NaiveDate) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let known = state.quotas.len();
        state.quotas.retain(|(_, _, day), _| *day >= before);
        Ok((known - state.quotas.len()) as u64)
    }
}
