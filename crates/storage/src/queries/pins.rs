use chrono::NaiveDateTime;
use diesel::dsl::{count_star, min};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::file::{ContentId, Pin, PinBacklog, PinStatus, StoredFile};
use yilin_domain::time::Timestamp;

use super::{Conn, Outcome};
use crate::error::{QueryError, is_unique_violation};
use crate::rows::{NewPinRow, PinRow, pin_status_code, stored_time};
use crate::schema::{pin, whole_sum};

pub(in super::super) async fn queue(conn: &mut Conn, file: &StoredFile, at: Timestamp) -> Outcome<PinStatus> {
    if insert(conn, file, PinStatus::Queued, at).await? {
        return Ok(PinStatus::Queued);
    }
    // It was there before; nothing ever deletes it.
    let known = find(conn, &file.cid).await?;
    Ok(known.map_or(PinStatus::Queued, |pin| pin.status))
}

pub(in super::super) async fn pinned(conn: &mut Conn, file: &StoredFile, at: Timestamp) -> Outcome<()> {
    if !insert(conn, file, PinStatus::Pinned, at).await? {
        diesel::update(pin::table.filter(pin::cid.eq(file.cid.as_str())))
            .filter(pin::status.eq(pin_status_code(PinStatus::Queued)))
            .set((
                pin::status.eq(pin_status_code(PinStatus::Pinned)),
                pin::pinned_at.eq(Some(stored_time(at))),
            ))
            .execute(conn)
            .await?;
    }
    Ok(())
}

/// Whether the row is new.
async fn insert(conn: &mut Conn, file: &StoredFile, status: PinStatus, at: Timestamp) -> Outcome<bool> {
    let row = NewPinRow::new(file, status, at);
    match diesel::insert_into(pin::table).values(row).execute(conn).await {
        Ok(_) => Ok(true),
        Err(error) if is_unique_violation(&error) => Ok(false),
        Err(error) => Err(QueryError::from(error)),
    }
}

pub(in super::super) async fn find(conn: &mut Conn, cid: &ContentId) -> Outcome<Option<Pin>> {
    let row: Option<PinRow> = pin::table
        .filter(pin::cid.eq(cid.as_str()))
        .select(PinRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(Pin::try_from).transpose()?)
}

pub(in super::super) async fn backlog(conn: &mut Conn) -> Outcome<PinBacklog> {
    let (files, bytes, since): (i64, Option<i64>, Option<NaiveDateTime>) = pin::table
        .filter(pin::status.eq(pin_status_code(PinStatus::Queued)))
        .select((count_star(), whole_sum(pin::size), min(pin::queued_at)))
        .first(conn)
        .await?;
    Ok(PinBacklog {
        files: u64::try_from(files).unwrap_or(0),
        bytes: u64::try_from(bytes.unwrap_or(0)).unwrap_or(0),
        since: since.map(|at| at.and_utc()),
    })
}
