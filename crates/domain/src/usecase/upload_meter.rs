//! Limits on uploads: bytes per account and day, and disk space.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chrono::NaiveDate;
use futures_util::{StreamExt as _, stream};

use super::Context;
use crate::account::{AccountUuid, Actor, Role};
use crate::error::{Error, UploadRefused};
use crate::port::{ByteStream, Quota};
use crate::time::Timestamp;

/// Limits on uploads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadLimits {
    /// Maximum bytes per patient and day at the hospital.
    pub per_day_of_patients: u64,
    /// Maximum bytes per day of any other account.
    pub per_day_of_others: u64,
    /// Free bytes on the file store's disk below which uploads are rejected.
    pub reserve: u64,
}

impl UploadLimits {
    /// Maximum bytes per day of an account with this role.
    pub const fn per_day(self, role: Role) -> u64 {
        match role {
            Role::Patient => self.per_day_of_patients,
            Role::Physician | Role::Admin => self.per_day_of_others,
        }
    }
}

/// 2 GiB for patients, 20 GiB for others, and 1 GiB in reserve.
impl Default for UploadLimits {
    fn default() -> Self {
        Self { per_day_of_patients: 2 << 30, per_day_of_others: 20 << 30, reserve: 1 << 30 }
    }
}

/// Number of bytes, of all of an account's uploads in progress together, after which it is charged. Larger than most
/// files, so that most uploads are charged once, at their end.
const STEP: u64 = 16 << 20;

/// Number of bytes, of all uploads in progress together, after which the disk is checked.
const CHECKED: u64 = 1 << 20;

/// The uploads in progress on this instance.
#[derive(Default)]
pub(super) struct UploadsInProgress {
    /// Bytes received since the disk was checked.
    unchecked: AtomicU64,
    /// Whether the disk had no room at the last check. Then every upload checks before it goes on.
    is_full: AtomicBool,
    /// Bytes received and not charged yet, by account.
    uncharged: Mutex<HashMap<AccountUuid, u64>>,
    /// Charges for uploads that were dropped, because the client is gone.
    refunds: Mutex<Vec<Refund>>,
}

/// A charge to be given back.
struct Refund {
    account: AccountUuid,
    day: NaiveDate,
    bytes: u64,
}

impl UploadsInProgress {
    /// Whether the disk is to be checked after this many bytes more.
    fn is_check_due(&self, bytes: u64) -> bool {
        let unchecked = self.unchecked.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        let is_due = unchecked >= CHECKED || self.is_full.load(Ordering::Relaxed);
        if is_due {
            self.unchecked.store(0, Ordering::Relaxed);
        }
        is_due
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountUuid, u64>> {
        self.uncharged.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refunds(&self) -> MutexGuard<'_, Vec<Refund>> {
        self.refunds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of one upload that is not charged yet; it ends with the upload.
struct Uncharged {
    context: Arc<Context>,
    account: AccountUuid,
    bytes: u64,
}

impl Uncharged {
    /// Adds bytes; returns how many of this account are not charged now.
    fn add(&mut self, bytes: u64) -> u64 {
        self.bytes = self.bytes.saturating_add(bytes);
        let mut all = self.context.uploads.lock();
        let of_account = all.entry(self.account).or_default();
        *of_account = of_account.saturating_add(bytes);
        *of_account
    }

    /// Removes bytes that were charged.
    fn settle(&mut self, bytes: u64) {
        let bytes = bytes.min(self.bytes);
        self.bytes -= bytes;
        let mut all = self.context.uploads.lock();
        if let Some(of_account) = all.get_mut(&self.account) {
            *of_account = of_account.saturating_sub(bytes);
            if *of_account == 0 {
                all.remove(&self.account);
            }
        }
    }
}

impl Drop for Uncharged {
    fn drop(&mut self) {
        self.settle(self.bytes);
    }
}

/// Charges an account for the bytes of one upload as they arrive.
#[derive(Clone)]
pub(super) struct UploadMeter {
    context: Arc<Context>,
    account: AccountUuid,
    day: NaiveDate,
    per_day: u64,
    now: Timestamp,
    state: Arc<Mutex<State>>,
}

struct State {
    uncharged: Uncharged,
    day: NaiveDate,
    charged: u64,
    /// Whether the content has arrived completely. What then stores the file, and records it, finishes even if the client
    /// goes away and nobody waits for it any more; so only its failure gives the charge back.
    is_complete: bool,
    refused: Option<Error>,
}

/// What was charged for an upload that was dropped before it was complete, or that could not be recorded, is given back
/// later: nothing can be awaited here.
impl Drop for State {
    fn drop(&mut self) {
        if self.charged > 0 && !self.is_complete {
            let Uncharged { context, account, .. } = &self.uncharged;
            context.uploads.refunds().push(Refund { account: *account, day: self.day, bytes: self.charged });
        }
    }
}

impl UploadMeter {
    /// Begins an upload; rejects it if there is no room for a single byte.
    pub(super) async fn begin(context: Arc<Context>, actor: &Actor) -> Result<Self, Error> {
        let now = context.now();
        let meter = Self {
            account: actor.uuid,
            day: context.policy.zone.day(now),
            per_day: context.policy.upload_limits.per_day(actor.role),
            now,
            state: Arc::new(Mutex::new(State {
                uncharged: Uncharged { context: context.clone(), account: actor.uuid, bytes: 0 },
                day: context.policy.zone.day(now),
                charged: 0,
                is_complete: false,
                refused: None,
            })),
            context,
        };
        meter.give_back_dropped().await?;
        meter.check_room().await?;
        Ok(meter)
    }

    /// Gives back what was charged for uploads that were dropped.
    async fn give_back_dropped(&self) -> Result<(), Error> {
        loop {
            let Some(Refund { account, day, bytes }) = self.context.uploads.refunds().pop() else {
                return Ok(());
            };
            let given = self.context.ports.quotas.give_back(account, Quota::UploadedBytes, day, bytes).await;
            if let Err(error) = given {
                self.context.uploads.refunds().push(Refund { account, day, bytes });
                return Err(error.into());
            }
        }
    }

    /// The upload was stored, but not recorded: nobody can use it, and the charge is given back.
    pub(super) fn not_recorded(self) {
        self.lock().is_complete = false;
    }

    /// The same content, which ends in an error once the upload is rejected.
    pub(super) fn watch(&self, content: ByteStream) -> ByteStream {
        let pieces = stream::unfold(Some((content, self.clone())), |watched| async move {
            let (mut content, meter) = watched?;
            match content.next().await {
                Some(Ok(bytes)) => match meter.received(&bytes).await {
                    Ok(()) => Some((Ok(bytes), Some((content, meter)))),
                    Err(error) => Some((Err(meter.refuse(error)), None)),
                },
                // The remaining bytes are charged before the file is stored.
                None => match meter.charge().await {
                    Ok(()) => {
                        meter.lock().is_complete = true;
                        None
                    }
                    Err(error) => Some((Err(meter.refuse(error)), None)),
                },
                Some(Err(error)) => Some((Err(error), None)),
            }
        });
        pieces.boxed()
    }

    /// The upload was not stored: refunds the charge, and returns why it was rejected, if it was.
    pub(super) async fn failed(self) -> Result<Option<Error>, Error> {
        let (charged, refused) = {
            let mut state = self.lock();
            (std::mem::take(&mut state.charged), state.refused.take())
        };
        if charged > 0 {
            let quotas = &self.context.ports.quotas;
            quotas.give_back(self.account, Quota::UploadedBytes, self.day, charged).await?;
        }
        Ok(refused)
    }

    async fn received(&self, bytes: &Bytes) -> Result<(), Error> {
        let bytes = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let of_account = self.lock().uncharged.add(bytes);
        if self.context.uploads.is_check_due(bytes) {
            self.check_room().await?;
        }
        if of_account < STEP { Ok(()) } else { self.charge().await }
    }

    async fn check_room(&self) -> Result<(), Error> {
        let reserve = self.context.policy.upload_limits.reserve;
        let is_full = reserve > 0 && self.context.ports.files.free_space().await? < reserve;
        self.context.uploads.is_full.store(is_full, Ordering::Relaxed);
        if is_full { Err(UploadRefused::StorageFull.into()) } else { Ok(()) }
    }

    async fn charge(&self) -> Result<(), Error> {
        let due = self.lock().uncharged.bytes;
        let quotas = &self.context.ports.quotas;
        let taken = quotas.take(self.account, Quota::UploadedBytes, self.day, due, self.per_day).await?;
        {
            let mut state = self.lock();
            state.uncharged.settle(taken);
            state.charged += taken;
        }
        if taken < due {
            let retry_after = self.context.policy.zone.until_next_day(self.now);
            return Err(UploadRefused::TooMuchToday { retry_after }.into());
        }
        Ok(())
    }

    fn refuse(&self, error: Error) -> std::io::Error {
        self.lock().refused = Some(error);
        std::io::Error::other("the upload was rejected")
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
