//! Log-in attempts, in memory.

use async_trait::async_trait;
use yilin_domain::port::{LoginAttemptRepository, PortError};
use yilin_domain::session::{AttemptKey, AttemptLimits, AttemptVerdict, AttemptWindow};
use yilin_domain::time::Timestamp;

use super::InMemory;

#[async_trait]
impl LoginAttemptRepository for InMemory {
    async fn begin(
        &self,
        key: &AttemptKey,
        now: Timestamp,
        limits: AttemptLimits,
    ) -> Result<AttemptVerdict, PortError> {
        let mut state = InMemory::begin(self).await?;
        let mut identifier = state.attempts_by_identifier.get(&key.identifier).cloned().unwrap_or_default();
        let mut address = state.attempts_by_address.get(&key.address).cloned().unwrap_or_default();
        let admitted = identifier
            .admit(now, limits.window, limits.per_identifier)
            .and_then(|()| address.admit(now, limits.window, limits.failures_per_address));
        if let Err(retry_after) = admitted {
            return Ok(AttemptVerdict::Refused { retry_after });
        }
        state.attempts_by_identifier.insert(key.identifier.clone(), identifier);
        state.attempts_by_address.insert(key.address.clone(), address);
        Ok(AttemptVerdict::Admitted)
    }

    async fn succeeded(&self, key: &AttemptKey, began: Timestamp) -> Result<(), PortError> {
        let mut state = InMemory::begin(self).await?;
        state.attempts_by_identifier.remove(&key.identifier);
        if let Some(address) = state.attempts_by_address.get_mut(&key.address) {
            address.forgive(began);
        }
        Ok(())
    }

    async fn forget_idle(&self, since: Timestamp) -> Result<u64, PortError> {
        let mut state = InMemory::begin(self).await?;
        let mut forgotten = 0;
        let mut keep = |window: &AttemptWindow| {
            let is_recent = window.attempts.iter().any(|at| *at >= since);
            forgotten += u64::from(!is_recent);
            is_recent
        };
        state.attempts_by_identifier.retain(|_, window| keep(window));
        state.attempts_by_address.retain(|_, window| keep(window));
        Ok(forgotten)
    }
}
