//! The port that stores verifications of the audit log.

use async_trait::async_trait;

use super::PortError;
use crate::account::AccountUuid;
use crate::audit::{
    EntryDraft, VerificationProgress, VerificationResult, VerificationRun, VerificationRunId,
};
use crate::time::Timestamp;

/// Another verification is running.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another verification is running")]
pub struct VerificationRunning;

/// Stores the verification of the audit log that is running, at most one over all instances, and results of earlier ones.
#[async_trait]
pub trait VerificationRepository: Send + Sync {
    /// Stores that a verification starts. Refused while another one is running: see
    /// [`VerificationRun::is_running_at`]. Of several at once, one starts.
    async fn begin(
        &self,
        by: AccountUuid,
        now: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<Result<VerificationRun, VerificationRunning>, PortError>;

    /// Records progress and a heartbeat, unless the verification has ended or another one has started since.
    async fn advance(
        &self,
        run: VerificationRunId,
        progress: VerificationProgress,
        now: Timestamp,
    ) -> Result<(), PortError>;

    /// Stores a result; if it is that of this run, the run ends. Of older results, some are deleted.
    async fn finish(
        &self,
        run: Option<VerificationRunId>,
        result: &VerificationResult,
    ) -> Result<(), PortError>;

    /// Ends a run without a result.
    async fn abandon(&self, run: VerificationRunId) -> Result<(), PortError>;

    /// The run that was started last and has not ended.
    async fn running(&self) -> Result<Option<VerificationRun>, PortError>;

    /// The result that was stored last.
    async fn last(&self) -> Result<Option<VerificationResult>, PortError>;
}
