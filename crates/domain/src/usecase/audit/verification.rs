//! Verifications that admins start.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::{Either, select};

use super::{AuditLog, Verification, verify_audit_log_with};
use crate::account::{AccountUuid, Actor, Role};
use crate::audit::{
    FaultSummary, UNLINKED_FOR, VerificationProgress, VerificationResult, VerificationRun, VerificationRunId,
};
use crate::error::Error;
use crate::port::{PortError, VerificationRunning};
use crate::time::Timestamp;

/// What is known of verifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationState {
    /// The verification that is running.
    pub running: Option<VerificationRun>,
    /// The result of the last one, including those by command.
    pub last: Option<VerificationResult>,
}

impl Verification {
    /// The result to store.
    pub fn result(
        &self,
        ended_at: Timestamp,
        started_by: Option<AccountUuid>,
        unlinked: u64,
    ) -> VerificationResult {
        let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
        VerificationResult {
            ended_at,
            started_by,
            chains: number(self.heads.len()),
            entries: self.entries,
            faults: number(self.faults.len()),
            first_faults: self
                .faults
                .iter()
                .take(VerificationResult::FAULTS)
                .map(FaultSummary::from)
                .collect(),
            removed: number(self.removed.len()),
            unlinked,
            heads: self.heads.iter().take(VerificationResult::HEADS).copied().collect(),
        }
    }
}

impl AuditLog {
    /// The verification that is running, and the result of the last one, for admins.
    pub async fn verification(&self, actor: &Actor) -> Result<VerificationState, Error> {
        actor.require(&[Role::Admin])?;
        let verifications = &self.context.ports.verifications;
        let now = self.context.now();
        let running = verifications.running().await?.filter(|run| run.is_running_at(now));
        Ok(VerificationState { running, last: verifications.last().await? })
    }

    /// An admin starts a verification, unless one is running on any instance. Pass it to
    /// [`Self::run_verification`], in a task of its own, which continues when the client disconnects.
    pub async fn begin_verification(
        &self,
        actor: &Actor,
    ) -> Result<Result<VerificationRun, VerificationRunning>, Error> {
        actor.require(&[Role::Admin])?;
        let (now, entry) = (self.context.now(), self.context.entry(actor));
        Ok(self.context.ports.verifications.begin(actor.uuid, now, entry).await?)
    }

    /// Verifies the audit log, with a heartbeat every [`VerificationRun::HEARTBEAT`], compares it with the heads that
    /// the last verification found, and stores the result.
    pub async fn run_verification(&self, run: VerificationRun) -> Result<VerificationResult, Error> {
        let progress = Arc::new(Mutex::new(run.progress));
        let heartbeat = pin!(self.heartbeat(run.id, progress.clone()));
        let work = pin!(self.verify(run, &progress));
        let outcome = match select(work, heartbeat).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((never, _)) => match never {},
        };
        if outcome.is_err() {
            // If this fails as well, the run ends for want of heartbeats. The first error is the one to report.
            let _ended = self.context.ports.verifications.abandon(run.id).await;
        }
        Ok(outcome?)
    }

    async fn verify(
        &self,
        run: VerificationRun,
        progress: &Mutex<VerificationProgress>,
    ) -> Result<VerificationResult, PortError> {
        let (audit, verifications) = (&self.context.ports.audit, &self.context.ports.verifications);
        let kept = verifications.last().await?.map(|last| last.heads).unwrap_or_default();
        let note = |reached| *progress.lock().unwrap_or_else(PoisonError::into_inner) = reached;
        let verified = verify_audit_log_with(&**audit, &kept, note).await?;
        let clock = &self.context.ports.clock;
        let unlinked = audit.unlinked(clock.now_precisely() - UNLINKED_FOR).await?;
        let result = verified.result(self.context.now(), Some(run.started_by), unlinked);
        verifications.finish(Some(run.id), &result).await?;
        Ok(result)
    }

    /// Concurrent with the work: a chain may take longer to verify than a run without a heartbeat counts as running.
    async fn heartbeat(
        &self,
        run: VerificationRunId,
        progress: Arc<Mutex<VerificationProgress>>,
    ) -> Infallible {
        let ports = &self.context.ports;
        loop {
            ports.clock.sleep(VerificationRun::HEARTBEAT).await;
            let reached = *progress.lock().unwrap_or_else(PoisonError::into_inner);
            // A failed heartbeat is made up by the next one; if the database stays unavailable, the work fails.
            let _sent = ports.verifications.advance(run, reached, self.context.now()).await;
        }
    }
}
