//! A store of answers that a test can make wait.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};
use yilin_domain::idempotency::{Claim, StoredAnswer};
use yilin_domain::port::{AnswerRepository, PortError};

/// The first answers to requests with a key, behind a gate: who looks for one waits while it is closed.
pub(crate) struct GatedAnswers {
    answers: Arc<dyn AnswerRepository>,
    gate: Arc<RwLock<()>>,
    /// Held by everybody who waits.
    waiting: Arc<()>,
}

impl GatedAnswers {
    /// These answers, behind an open gate.
    pub(crate) fn new(answers: Arc<dyn AnswerRepository>) -> Self {
        Self { answers, gate: Arc::default(), waiting: Arc::default() }
    }

    /// Closes the gate until the guard is dropped.
    pub(crate) async fn close(&self) -> OwnedRwLockWriteGuard<()> {
        self.gate.clone().write_owned().await
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        Arc::strong_count(&self.waiting) - 1
    }
}

#[async_trait]
impl AnswerRepository for GatedAnswers {
    async fn find(&self, claim: &Claim) -> Result<Option<StoredAnswer>, PortError> {
        let waiting = self.waiting.clone();
        drop(self.gate.read().await);
        drop(waiting);
        self.answers.find(claim).await
    }

    async fn forget_answers(&self, age: TimeDelta) -> Result<u64, PortError> {
        self.answers.forget_answers(age).await
    }
}
