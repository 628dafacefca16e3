use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;

use super::{Conn, Outcome};
use crate::error::{QueryError, is_unique_violation};
use crate::schema::secret;

pub(in super::super) async fn get_or_insert(
    conn: &mut Conn,
    name: &str,
    candidate: &[u8],
) -> Outcome<Vec<u8>> {
    let stored: Option<Vec<u8>> =
        secret::table.filter(secret::name.eq(name)).select(secret::value).first(conn).await.optional()?;
    if let Some(value) = stored {
        return Ok(value);
    }
    let row = (secret::name.eq(name), secret::value.eq(candidate));
    match diesel::insert_into(secret::table).values(row).execute(conn).await {
        Ok(_) => Ok(candidate.to_vec()),
        // Another instance was faster: its candidate is the secret.
        Err(error) if is_unique_violation(&error) => Err(QueryError::Again),
        Err(error) => Err(error.into()),
    }
}
