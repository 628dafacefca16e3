//! Requests with a key are done once, however often they are sent.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::Context;
use crate::error::Error;
use crate::idempotency::{Claim, Once, Receipt};

/// Does requests with a key once.
///
/// The first answer is stored by the port that creates the record, in the same transaction, so that over a
/// crash and over several instances there is one record and one answer.
#[derive(Clone)]
pub struct OnceOnly {
    context: Arc<Context>,
    under_way: Arc<Mutex<HashSet<Claim>>>,
}

impl OnceOnly {
    pub(super) fn new(context: Arc<Context>) -> Self {
        Self { context, under_way: Arc::default() }
    }

    /// Does a request that has no receipt; one that has is done unless it was done before. While one is under
    /// way here, the same one again is refused; on another instance it waits in the database for the first.
    pub async fn run<T, F>(
        &self,
        receipt: Option<Receipt<T>>,
        create: impl FnOnce(Option<Receipt<T>>) -> F,
    ) -> Result<Once<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let Some(receipt) = receipt else { return create(None).await.map(Once::Created) };
        let claim = receipt.claim;
        let _under_way = self.enter(claim).ok_or(Error::KeyInUse)?;
        if let Some(answer) = self.before(&claim).await? {
            return Ok(Once::Before(answer));
        }
        match create(Some(receipt)).await {
            // Another instance was faster.
            Err(Error::KeyUsed(_)) => self.before(&claim).await?.map(Once::Before).ok_or(Error::KeyInUse),
            created => created.map(Once::Created),
        }
    }

    /// The first answer to the same request.
    async fn before(&self, claim: &Claim) -> Result<Option<String>, Error> {
        match self.context.ports.answers.find(claim).await? {
            None => Ok(None),
            Some(stored) if stored.content == claim.content => Ok(Some(stored.answer)),
            Some(_) => Err(Error::KeyMismatch),
        }
    }

    fn enter(&self, claim: Claim) -> Option<UnderWay<'_>> {
        // Whatever its content: of two requests with one key the second is answered when the first is.
        let claim = Claim { content: [0; 32], ..claim };
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        // Made only if it was inserted: dropping one takes the claim out again.
        under_way.insert(claim).then(|| UnderWay { all: &self.under_way, claim })
    }
}

/// A request while it is under way on this instance; over when this is dropped.
struct UnderWay<'a> {
    all: &'a Mutex<HashSet<Claim>>,
    claim: Claim,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.claim);
    }
}
