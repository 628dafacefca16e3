//! Uploads.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::file::{ContentId, Upload};
use yilin_domain::port::{PortError, UploadRepository};

use super::Database;
use super::audit::outbox;
use crate::error::is_unique_violation;
use crate::rows::{stored_size, stored_time};
use crate::schema::upload;

#[async_trait]
impl UploadRepository for Database {
    async fn record(&self, upload: &Upload, entry: Option<EntryDraft>) -> Result<(), PortError> {
        self.engine
            .leaving(entry.clone())
            .write(
                (upload.clone(), entry),
                work!(|conn, (uploaded, entry)| {
                    let inserted = diesel::insert_into(upload::table)
                        .values((
                            upload::account_uuid.eq(uploaded.by.to_string()),
                            upload::cid.eq(uploaded.cid.as_str()),
                            upload::size.eq(stored_size(uploaded.size)),
                            upload::uploaded_at.eq(stored_time(uploaded.at)),
                        ))
                        .execute(conn)
                        .await;
                    match inserted {
                        // The same account has uploaded the same content before.
                        Err(error) if is_unique_violation(&error) => return Ok(()),
                        inserted => drop(inserted?),
                    }
                    outbox::leave(conn, entry.as_ref(), Changed::one("file", &uploaded.cid, None)).await
                }),
            )
            .await
    }

    async fn has_uploaded(&self, account: AccountUuid, cid: &ContentId) -> Result<bool, PortError> {
        self.engine
            .read(
                (account, cid.clone()),
                work!(|conn, (account, cid)| {
                    let found: Vec<i64> = upload::table
                        .filter(upload::account_uuid.eq(account.to_string()))
                        .filter(upload::cid.eq(cid.as_str()))
                        .select(upload::size)
                        .load(conn)
                        .await?;
                    Ok(!found.is_empty())
                }),
            )
            .await
    }
}
