//! The port that counts daily quotas.

use async_trait::async_trait;
use chrono::NaiveDate;

use super::PortError;
use crate::account::AccountUuid;

/// A resource with a daily limit per account; the day is the hospital's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quota {
    /// Bytes of uploaded files.
    UploadedBytes,
    /// Phone number changes.
    PhoneChanges,
}

/// Counts daily use per account, exactly: over all instances and concurrent calls.
#[async_trait]
pub trait QuotaRepository: Send + Sync {
    /// Takes `wanted` of the day's `limit`, or the rest of it, and returns how much was taken.
    async fn take(
        &self,
        account: AccountUuid,
        quota: Quota,
        day: NaiveDate,
        wanted: u64,
        limit: u64,
    ) -> Result<u64, PortError>;

    /// Returns what was taken on that day and not used.
    async fn give_back(
        &self,
        account: AccountUuid,
        quota: Quota,
        day: NaiveDate,
        amount: u64,
    ) -> Result<(), PortError>;

    /// Deletes the counts of days before this one; returns how many.
    async fn forget_quotas(&self, before: NaiveDate) -> Result<u64, PortError>;
}
