//! Secrets, in memory.

use async_trait::async_trait;
use yilin_domain::port::{PortError, SecretRepository};

use super::InMemory;

#[async_trait]
impl SecretRepository for InMemory {
    async fn get_or_insert(&self, name: &str, candidate: Vec<u8>) -> Result<Vec<u8>, PortError> {
        Ok(self.begin().await?.secrets.entry(name.to_owned()).or_insert(candidate).clone())
    }
}
