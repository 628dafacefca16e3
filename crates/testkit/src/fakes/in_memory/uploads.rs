//! Uploads, in memory.

use async_trait::async_trait;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::file::{ContentId, Upload};
use yilin_domain::port::{PortError, UploadRepository};

use super::InMemory;

#[async_trait]
impl UploadRepository for InMemory {
    async fn record(&self, upload: &Upload, entry: Option<EntryDraft>) -> Result<(), PortError> {
        let mut state = self.begin().await?;
        if state.uploads.insert((upload.by, upload.cid.clone())) {
            state.leave(entry.as_ref(), Changed::one("file", &upload.cid, None));
        }
        Ok(())
    }

    async fn has_uploaded(&self, account: AccountUuid, cid: &ContentId) -> Result<bool, PortError> {
        Ok(self.begin().await?.uploads.contains(&(account, cid.clone())))
    }
}
