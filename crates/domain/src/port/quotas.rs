use async_trait::async_trait;
use chrono::NaiveDate;

use super::PortError;
use crate::account::AccountUuid;

/// What an account can use only so much of on one day of the hospital's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quota {
    /// Bytes of uploaded files.
    UploadedBytes,
    /// Changes of the phone number.
    PhoneChanges,
}

/// Counts what accounts use on a day, exactly: over all instances, parallel uses included.
#[async_trait]
pub trait QuotaRepository: Send + Sync {
    /// Takes `wanted` of the day's `limit`, or what is left of it, and gives how much was taken.
    async fn take(
        &self,
        account: AccountUuid,
        quota: Quota,
        day: NaiveDate,
        wanted: u64,
        limit: u64,
    ) -> Result<u64, PortError>;

    /// Gives back what was taken on that day and not used.
    async fn give_back(
        &self,
        account: AccountUuid,
        quota: Quota,
        day: NaiveDate,
        amount: u64,
    ) -> Result<(), PortError>;

    /// Forgets the days before this one; gives how many counts.
    async fn forget_quotas(&self, before: NaiveDate) -> Result<u64, PortError>;
}
