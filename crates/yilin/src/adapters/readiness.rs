use async_trait::async_trait;
use yilin_domain::port::PortError;
use yilin_http::Readiness;
use yilin_storage::Storage;

/// The service is ready while its database answers and takes changes.
pub(crate) struct StorageReadiness(pub(crate) Storage);

#[async_trait]
impl Readiness for StorageReadiness {
    async fn check(&self) -> Result<(), PortError> {
        self.0.ready().await
    }
}
