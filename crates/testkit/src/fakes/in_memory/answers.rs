//! First answers to requests with a key, in memory.

use std::time::Instant;

use async_trait::async_trait;
use chrono::TimeDelta;
use yilin_domain::account::AccountUuid;
use yilin_domain::idempotency::{Claim, KeyUsed, Receipt, StoredAnswer};
use yilin_domain::port::{AnswerRepository, PortError};

use super::InMemory;
use super::state::State;

/// Caller, route and key.
pub(super) type AnswerKey = (AccountUuid, &'static str, [u8; 32]);

/// An answer, and when it was stored by the store's own clock.
pub(super) struct KeptAnswer {
    stored: StoredAnswer,
    made_at: Instant,
}

impl KeptAnswer {
    fn is_older_than(&self, age: TimeDelta) -> bool {
        self.made_at.elapsed() >= age.to_std().unwrap_or_default()
    }
}

#[async_trait]
impl AnswerRepository for InMemory {
    async fn find(&self, claim: &Claim) -> Result<Option<StoredAnswer>, PortError> {
        Ok(self.begin().await?.kept_answer(claim).cloned())
    }

    async fn forget_answers(&self, age: TimeDelta) -> Result<u64, PortError> {
        let mut state = self.begin().await?;
        let kept = state.answers.len();
        state.answers.retain(|_, answer| !answer.is_older_than(age));
        Ok(u64::try_from(kept - state.answers.len()).unwrap_or(u64::MAX))
    }
}

impl State {
    fn kept_answer(&self, claim: &Claim) -> Option<&StoredAnswer> {
        let kept = self.answers.get(&(claim.caller, claim.route, claim.key))?;
        (!kept.is_older_than(claim.lifetime)).then_some(&kept.stored)
    }

    /// Whether a request may create something.
    pub(super) fn key_is_free<T>(&self, receipt: Option<&Receipt<T>>) -> Result<(), KeyUsed> {
        match receipt {
            Some(receipt) if self.kept_answer(&receipt.claim).is_some() => Err(KeyUsed),
            _ => Ok(()),
        }
    }

    /// Stores the answer about what a request has created.
    pub(super) fn keep_answer<T>(&mut self, receipt: Option<&Receipt<T>>, created: &T) {
        let Some(receipt) = receipt else { return };
        let claim = receipt.claim;
        let stored = StoredAnswer { content: claim.content, answer: receipt.answer(created) };
        let kept = KeptAnswer { stored, made_at: Instant::now() };
        self.answers.insert((claim.caller, claim.route, claim.key), kept);
    }
}
