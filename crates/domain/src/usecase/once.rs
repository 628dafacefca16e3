//! Requests with a key are done once, however often they are sent.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_channel::oneshot;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, Shared, select};

use super::Context;
use crate::error::Error;
use crate::idempotency::{Claim, Once, Receipt};

/// Resolves when a request has ended.
type Ended = Shared<BoxFuture<'static, ()>>;

/// Does requests with a key once.
///
/// The first answer is stored by the port that creates the record, in the same transaction, so that over a
/// crash and over several instances there is one record and one answer.
#[derive(Clone)]
pub struct OnceOnly {
    context: Arc<Context>,
    under_way: Arc<Mutex<HashMap<Claim, Ended>>>,
}

impl OnceOnly {
    /// How long [`Self::run_after`] waits.
    pub const PATIENCE: Duration = Duration::from_secs(8);

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
        let place = self.enter(receipt.claim).map_err(|_ended| Error::KeyInUse)?;
        self.run_in(place, receipt, create).await
    }

    /// The same for a person, who has to be shown something: while the same request is under way here, this one waits for
    /// its end, and is refused only if that takes longer than [`Self::PATIENCE`].
    pub async fn run_after<T, F>(
        &self,
        receipt: Option<Receipt<T>>,
        create: impl FnOnce(Option<Receipt<T>>) -> F,
    ) -> Result<Once<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let Some(receipt) = receipt else { return create(None).await.map(Once::Created) };
        let place = self.enter_after(receipt.claim).await?;
        self.run_in(place, receipt, create).await
    }

    async fn run_in<T, F>(
        &self,
        _place: UnderWay<'_>,
        receipt: Receipt<T>,
        create: impl FnOnce(Option<Receipt<T>>) -> F,
    ) -> Result<Once<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let claim = receipt.claim;
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

    /// A place for a request, or the end of the one that has it.
    fn enter(&self, claim: Claim) -> Result<UnderWay<'_>, Ended> {
        // Whatever its content: of two requests with one key the second is answered when the first is.
        let claim = Claim { content: [0; 32], ..claim };
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        match under_way.entry(claim) {
            Entry::Occupied(first) => Err(first.get().clone()),
            Entry::Vacant(place) => {
                let (ends, ended) = oneshot::channel::<()>();
                place.insert(ended.map(|_dropped| ()).boxed().shared());
                Ok(UnderWay { all: &self.under_way, claim, _ends: ends })
            }
        }
    }

    async fn enter_after(&self, claim: Claim) -> Result<UnderWay<'_>, Error> {
        let entering = pin!(async {
            loop {
                match self.enter(claim) {
                    Ok(place) => return place,
                    Err(ended) => ended.await,
                }
            }
        });
        match select(entering, self.context.ports.clock.sleep(Self::PATIENCE)).await {
            Either::Left((place, _)) => Ok(place),
            Either::Right(_) => Err(Error::KeyInUse),
        }
    }
}

/// A request while it is under way on this instance; over when this is dropped.
struct UnderWay<'a> {
    all: &'a Mutex<HashMap<Claim, Ended>>,
    claim: Claim,
    /// Dropped after the claim was taken out: those who wait for it find the place free.
    _ends: oneshot::Sender<()>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.claim);
    }
}
