//! Verifications of the audit log, in memory.

use async_trait::async_trait;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{
    Changed, EntryDraft, VerificationProgress, VerificationResult, VerificationRun, VerificationRunId,
};
use yilin_domain::port::{PortError, VerificationRepository, VerificationRunning};
use yilin_domain::time::Timestamp;

use super::InMemory;

#[async_trait]
impl VerificationRepository for InMemory {
    async fn begin(
        &self,
        by: AccountUuid,
        now: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<Result<VerificationRun, VerificationRunning>, PortError> {
        let mut state = self.begin().await?;
        if state.verification_run.is_some_and(|run| run.is_running_at(now)) {
            return Ok(Err(VerificationRunning));
        }
        let run = VerificationRun {
            id: VerificationRunId(state.next_id()),
            started_by: by,
            started_at: now,
            last_heartbeat_at: now,
            progress: VerificationProgress::default(),
        };
        state.verification_run = Some(run);
        state.leave(entry.as_ref(), Changed::one("audit_verification", run.id.0, None));
        Ok(Ok(run))
    }

    async fn advance(
        &self,
        run: VerificationRunId,
        progress: VerificationProgress,
        now: Timestamp,
    ) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        if let Some(running) = state.verification_run.as_mut().filter(|running| running.id == run) {
            running.progress = progress;
            running.last_heartbeat_at = now;
        }
        Ok(())
    }

    async fn finish(
        &self,
        run: Option<VerificationRunId>,
        result: &VerificationResult,
    ) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        state.last_verification = Some(result.clone());
        state.verification_run = state.verification_run.filter(|running| Some(running.id) != run);
        Ok(())
    }

    async fn abandon(&self, run: VerificationRunId) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        state.verification_run = state.verification_run.filter(|running| running.id != run);
        Ok(())
    }

    async fn running(&self) -> Result<Option<VerificationRun>, PortError> {
        Ok(self.begin().await?.verification_run)
    }

    async fn last(&self) -> Result<Option<VerificationResult>, PortError> {
        Ok(self.begin().await?.last_verification.clone())
    }
}
