//! The service's secrets.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::port::{PortError, SecretRepository};

use super::Database;
use crate::error::{QueryError, is_unique_violation};
use crate::schema::secret;

#[async_trait]
impl SecretRepository for Database {
    async fn get_or_insert(&self, name: &str, candidate: Vec<u8>) -> Result<Vec<u8>, PortError> {
        self.engine
            .write(
                (name.to_owned(), candidate),
                work!(|conn, (name, candidate)| {
                    let stored: Option<Vec<u8>> = secret::table
                        .filter(secret::name.eq(name))
                        .select(secret::value)
                        .first(conn)
                        .await
                        .optional()?;
                    if let Some(value) = stored {
                        return Ok(value);
                    }
                    let row = (secret::name.eq(name), secret::value.eq(candidate));
                    match diesel::insert_into(secret::table).values(row).execute(conn).await {
                        Ok(_) => Ok(candidate.clone()),
                        // Another instance was faster: its candidate is the secret.
                        Err(error) if is_unique_violation(&error) => Err(QueryError::Retry),
                        Err(error) => Err(error.into()),
                    }
                }),
            )
            .await
    }
}
