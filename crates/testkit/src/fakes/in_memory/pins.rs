//! Pins, in memory.

use std::collections::hash_map::Entry;

use async_trait::async_trait;
use yilin_domain::file::{ContentId, Pin, PinBacklog, PinStatus, StoredFile};
use yilin_domain::port::{PinRepository, PortError};
use yilin_domain::time::Timestamp;

use super::InMemory;

#[async_trait]
impl PinRepository for InMemory {
    async fn queue(&self, file: &StoredFile, at: Timestamp) -> Result<PinStatus, PortError> {
        let mut state = self.begin().await?;
        let queued = Pin { file: file.clone(), status: PinStatus::Queued };
        Ok(state.pins.entry(file.cid.clone()).or_insert((queued, at)).0.status)
    }

    async fn pinned(&self, file: &StoredFile, at: Timestamp) -> Result<(), PortError> {
        match self.begin().await?.pins.entry(file.cid.clone()) {
            Entry::Occupied(mut known) => known.get_mut().0.status = PinStatus::Pinned,
            Entry::Vacant(unknown) => {
                unknown.insert((Pin { file: file.clone(), status: PinStatus::Pinned }, at));
            }
        }
        Ok(())
    }

    async fn pin(&self, cid: &ContentId) -> Result<Option<Pin>, PortError> {
        Ok(self.begin().await?.pins.get(cid).map(|(pin, _)| pin.clone()))
    }

    async fn backlog(&self) -> Result<PinBacklog, PortError> {
        let state = self.begin().await?;
        let waiting = || state.pins.values().filter(|(pin, _)| pin.status == PinStatus::Queued);
        Ok(PinBacklog {
            files: waiting().count() as u64,
            bytes: waiting().map(|(pin, _)| pin.file.size).sum(),
            since: waiting().map(|(_, since)| *since).min(),
        })
    }
}
