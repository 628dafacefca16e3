//! Readiness of the service.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use yilin_domain::port::PortError;
use yilin_storage::{DatabaseClock, Storage};
use yilin_web::Readiness;

/// The service is ready while its database answers and accepts changes.
pub(crate) struct StorageReadiness {
    /// The database.
    pub(crate) storage: Storage,
    /// Its clock.
    pub(crate) clock: Arc<DatabaseClock>,
}

#[async_trait]
impl Readiness for StorageReadiness {
    async fn check(&self) -> Result<(), PortError> {
        self.storage.ready().await
    }

    fn clock_offset(&self) -> TimeDelta {
        self.clock.offset()
    }
}
