//! Files that the IPFS node has, and files queued for it.

use async_trait::async_trait;
use chrono::NaiveDateTime;
use diesel::dsl::{count_star, min};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::file::{ContentId, Pin, PinBacklog, PinStatus, StoredFile};
use yilin_domain::port::{PinRepository, PortError};
use yilin_domain::time::Timestamp;

use super::{Conn, Database};
use crate::error::{QueryResult, is_unique_violation};
use crate::rows::{NewPinRow, PinRow, StoredCode as _, counted, stored_time};
use crate::schema::{pin, whole_sum};

#[async_trait]
impl PinRepository for Database {
    async fn queue(&self, file: &StoredFile, at: Timestamp) -> Result<PinStatus, PortError> {
        self.engine
            .write(
                (file.clone(), at),
                work!(|conn, (file, at)| {
                    if insert(conn, file, PinStatus::Queued, *at).await? {
                        return Ok(PinStatus::Queued);
                    }
                    // The row existed before; rows are never deleted.
                    let known = find(conn, &file.cid).await?;
                    Ok(known.map_or(PinStatus::Queued, |pin| pin.status))
                }),
            )
            .await
    }

    async fn pinned(&self, file: &StoredFile, at: Timestamp) -> Result<(), PortError> {
        self.engine
            .write(
                (file.clone(), at),
                work!(|conn, (file, at)| {
                    if !insert(conn, file, PinStatus::Pinned, *at).await? {
                        let queued = pin::table
                            .filter(pin::cid.eq(file.cid.as_str()))
                            .filter(pin::status.eq(PinStatus::Queued.code()));
                        let pinned = (
                            pin::status.eq(PinStatus::Pinned.code()),
                            pin::pinned_at.eq(Some(stored_time(*at))),
                        );
                        diesel::update(queued).set(pinned).execute(conn).await?;
                    }
                    Ok(())
                }),
            )
            .await
    }

    async fn pin(&self, cid: &ContentId) -> Result<Option<Pin>, PortError> {
        self.engine.read(cid.clone(), work!(|conn, cid| find(conn, cid).await)).await
    }

    async fn backlog(&self) -> Result<PinBacklog, PortError> {
        self.engine
            .read(
                (),
                work!(|conn, ()| {
                    let (files, bytes, since): (i64, Option<i64>, Option<NaiveDateTime>) = pin::table
                        .filter(pin::status.eq(PinStatus::Queued.code()))
                        .select((count_star(), whole_sum(pin::size), min(pin::queued_at)))
                        .first(conn)
                        .await?;
                    Ok(PinBacklog {
                        files: counted(files),
                        bytes: counted(bytes.unwrap_or(0)),
                        since: since.map(|at| at.and_utc()),
                    })
                }),
            )
            .await
    }
}

/// Whether the row is new.
async fn insert(conn: &mut Conn, file: &StoredFile, status: PinStatus, at: Timestamp) -> QueryResult<bool> {
    let row = NewPinRow::new(file, status, at);
    match diesel::insert_into(pin::table).values(row).execute(conn).await {
        Ok(_) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn find(conn: &mut Conn, cid: &ContentId) -> QueryResult<Option<Pin>> {
    let row: Option<PinRow> = pin::table
        .filter(pin::cid.eq(cid.as_str()))
        .select(PinRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(Pin::try_from).transpose()?)
}
