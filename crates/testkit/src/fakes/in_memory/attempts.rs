//! Log-in attempts, in memory.

use async_trait::async_trait;
use chrono::TimeDelta;
use yilin_domain::port::{LoginAttemptRepository, PortError};
use yilin_domain::session::{Attempt, AttemptKey, AttemptLimits, AttemptVerdict, AttemptWindow};
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
        let known_since = now - TimeDelta::from_std(limits.known_for).unwrap_or(TimeDelta::MAX);
        let is_known = state.known_logins.get(&key.identifier).is_some_and(|last| *last > known_since);
        let admitted = identifier.admit(now, limits.window, limits.per_identifier).and_then(|()| {
            let room = address.admit(now, limits.window, limits.failures_per_address);
            let attempt = Attempt { began: now, counts_at_address: room.is_ok() };
            if is_known { Ok(attempt) } else { room.map(|()| attempt) }
        });
        let attempt = match admitted {
            Ok(attempt) => attempt,
            Err(retry_after) => return Ok(AttemptVerdict::Refused { retry_after }),
        };
        state.attempts_by_identifier.insert(key.identifier.clone(), identifier);
        state.attempts_by_address.insert(key.address.clone(), address);
        Ok(AttemptVerdict::Admitted(attempt))
    }

    async fn succeeded(&self, key: &AttemptKey, attempt: Attempt) -> Result<(), PortError> {
        let Attempt { began, counts_at_address } = attempt;
        let mut state = InMemory::begin(self).await?;
        state.attempts_by_identifier.remove(&key.identifier);
        state.known_logins.insert(key.identifier.clone(), began);
        if counts_at_address && let Some(address) = state.attempts_by_address.get_mut(&key.address) {
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

    async fn forget_known(&self, since: Timestamp) -> Result<u64, PortError> {
        let mut state = InMemory::begin(self).await?;
        let known = state.known_logins.len();
        state.known_logins.retain(|_, last| *last >= since);
        Ok((known - state.known_logins.len()) as u64)
    }
}
