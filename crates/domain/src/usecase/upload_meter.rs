//! Limits on uploads: bytes per account and day, and disk space.

use std::sync::{Arc, Mutex, PoisonError};

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

/// Number of bytes after which the account is charged and the disk is checked. Larger than most files, so
/// that most uploads are charged once, at their end.
const STEP: u64 = 16 << 20;

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

#[derive(Default)]
struct State {
    received: u64,
    charged: u64,
    refused: Option<Error>,
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
            state: Arc::default(),
            context,
        };
        meter.check_room().await?;
        Ok(meter)
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
                    Ok(()) => None,
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
        let due = {
            let mut state = self.lock();
            state.received += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            state.received - state.charged
        };
        if due < STEP {
            return Ok(());
        }
        self.check_room().await?;
        self.charge().await
    }

    async fn check_room(&self) -> Result<(), Error> {
        let reserve = self.context.policy.upload_limits.reserve;
        if reserve > 0 && self.context.ports.files.free_space().await? < reserve {
            return Err(UploadRefused::StorageFull.into());
        }
        Ok(())
    }

    async fn charge(&self) -> Result<(), Error> {
        let due = {
            let state = self.lock();
            state.received - state.charged
        };
        let quotas = &self.context.ports.quotas;
        let taken = quotas.take(self.account, Quota::UploadedBytes, self.day, due, self.per_day).await?;
        self.lock().charged += taken;
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

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
