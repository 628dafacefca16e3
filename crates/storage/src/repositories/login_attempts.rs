use async_trait::async_trait;
use futures_util::FutureExt as _;
use yilin_domain::port::{LoginAttemptRepository, PortError};
use yilin_domain::session::{AttemptKey, AttemptLimits, AttemptVerdict};
use yilin_domain::time::Timestamp;

use super::Database;
use super::queries::login_attempts;

#[async_trait]
impl LoginAttemptRepository for Database {
    async fn begin(
        &self,
        key: &AttemptKey,
        now: Timestamp,
        limits: AttemptLimits,
    ) -> Result<AttemptVerdict, PortError> {
        let refusal = self
            .engine
            .read((key.clone(), now, limits), |conn, (key, now, limits)| {
                login_attempts::refusal(conn, key, *now, *limits).boxed()
            })
            .await?;
        if let Some(retry_after) = refusal {
            return Ok(AttemptVerdict::Refused { retry_after });
        }
        self.engine
            .write((key.clone(), now, limits), |conn, (key, now, limits)| {
                login_attempts::begin(conn, key, *now, *limits).boxed()
            })
            .await
    }

    async fn succeeded(&self, key: &AttemptKey, began: Timestamp) -> Result<(), PortError> {
        self.engine
            .write((key.clone(), began), |conn, (key, began)| {
                login_attempts::succeeded(conn, key, *began).boxed()
            })
            .await
    }

    async fn forget_idle(&self, since: Timestamp) -> Result<u64, PortError> {
        self.engine.write(since, |conn, since| login_attempts::forget_idle(conn, *since).boxed()).await
    }
}
