use async_trait::async_trait;

use super::PortError;
use crate::account::AccountUuid;
use crate::file::{ContentId, Upload};

/// Remembers who uploaded what.
#[async_trait]
pub trait UploadRepository: Send + Sync {
    /// Remembers an upload. The same account may upload the same content again.
    async fn record(&self, upload: &Upload) -> Result<(), PortError>;

    /// Whether this account has uploaded this content.
    async fn has_uploaded(&self, account: AccountUuid, cid: &ContentId) -> Result<bool, PortError>;
}
