//! Events.

use async_trait::async_trait;
use chrono::NaiveDateTime;
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::event::{Audience, Event, EventBatch, EventId, EventType, NewEvent, Parties, Subject};
use yilin_domain::id::InquiryId;
use yilin_domain::port::{EventRepository, PortError};
use yilin_domain::time::Timestamp;

use super::{Conn, Database, Db};
use crate::error::{QueryError, QueryResult};
use crate::rows::{ColumnReader, EventRow, NewEventRow, NewPendingEventRow, rows_changed, stored_time};
use crate::schema::{event, event_cursor, event_outbox, inquiry};
use crate::statement::Unvarying;

/// The cursor of the last assigned number.
const NUMBERED: i16 = 0;

/// Number of events examined per read, if few of them are for the reader.
const WINDOW: i64 = 10_000;

#[async_trait]
impl EventRepository for Database {
    async fn number(&self, limit: u16) -> Result<u64, PortError> {
        // Usually there is nothing to do, and a read is cheaper than a transaction.
        if self.engine.read((), work!(|conn, ()| is_something_pending(conn).await)).await? {
            self.engine.write(limit, work!(|conn, limit| number(conn, *limit).await)).await
        } else {
            Ok(0)
        }
    }

    async fn announce_overdue(&self, now: Timestamp, limit: u16) -> Result<u64, PortError> {
        let overdue =
            self.engine.read((now, limit), work!(|conn, (now, limit)| overdue(conn, *now, *limit).await));
        let overdue = overdue.await?;
        if overdue.is_empty() {
            return Ok(0);
        }
        let args = (overdue, now);
        self.engine.write(args, work!(|conn, (overdue, now)| announce(conn, overdue, *now).await)).await
    }

    async fn newest(&self) -> Result<EventId, PortError> {
        self.engine.read((), work!(|conn, ()| Ok(EventId(last_number(conn).await?)))).await
    }

    async fn read(&self, after: EventId, audience: Audience, limit: u16) -> Result<EventBatch, PortError> {
        let args = (after, audience, limit);
        self.engine
            .read(args, work!(|conn, (after, audience, limit)| read(conn, *after, *audience, *limit).await))
            .await
    }

    async fn forget(&self, before: Timestamp, limit: u16) -> Result<u64, PortError> {
        let oldest = self
            .engine
            .read((before, limit), work!(|conn, (before, limit)| last_before(conn, *before, *limit).await));
        let Some(last) = oldest.await? else { return Ok(0) };
        self.engine
            .write(
                last,
                work!(|conn, last| {
                    let forgotten = event::table.filter(event::sequence.le(*last));
                    Ok(rows_changed(diesel::delete(forgotten).execute(conn).await?))
                }),
            )
            .await
    }
}

/// Stores an event, in the transaction of the transition it announces.
pub(super) async fn record(conn: &mut Conn, event: &NewEvent) -> QueryResult<()> {
    let row = NewPendingEventRow::from(event);
    insert_at_commit!(conn, event_outbox::table, [row])?;
    Ok(())
}

/// Stores the event that announces a transition, if there is one.
pub(super) async fn record_announced(conn: &mut Conn, event: Option<NewEvent>) -> QueryResult<()> {
    match event {
        Some(event) => record(conn, &event).await,
        None => Ok(()),
    }
}

async fn is_something_pending(conn: &mut Conn) -> QueryResult<bool> {
    let first = event_outbox::table.select(event_outbox::id).order(event_outbox::id).limit(1);
    Ok(first.first::<i64>(conn).await.optional()?.is_some())
}

/// The last assigned number.
pub(super) async fn last_number(conn: &mut Conn) -> QueryResult<i64> {
    let cursor = event_cursor::table.filter(event_cursor::name.eq(NUMBERED));
    Ok(cursor.select(event_cursor::sequence).first(conn).await?)
}

/// The cursor is read before the outbox: if it is unchanged when it is advanced, the outbox has not been emptied
/// concurrently.
async fn number(conn: &mut Conn, limit: u16) -> QueryResult<u64> {
    let last = last_number(conn).await?;
    let rows = event_outbox::table.order(event_outbox::id).limit(limit.into());
    let pending: Vec<EventRow> = rows.load(conn).await?;
    let ids: Vec<i64> = pending.iter().map(|row| row.id).collect();
    let numbers = last + 1..;
    let numbered: Vec<NewEventRow> = pending
        .into_iter()
        .zip(numbers)
        .map(|(row, sequence)| NewEventRow::numbered(row, sequence))
        .collect();
    let count = i64::from(u16::try_from(ids.len()).unwrap_or(limit));
    if count == 0 {
        return Ok(0);
    }
    let cursor =
        event_cursor::table.filter(event_cursor::name.eq(NUMBERED)).filter(event_cursor::sequence.eq(last));
    let moved = diesel::update(cursor).set(event_cursor::sequence.eq(last + count));
    if Unvarying(moved).execute(conn).await? == 0 {
        return Ok(0);
    }
    insert_all!(conn, event::table, numbered)?;
    let taken =
        diesel::delete(event_outbox::table.filter(event_outbox::id.eq_any(&ids))).execute(conn).await?;
    if taken == ids.len() { Ok(rows_changed(taken)) } else { Err(QueryError::Retry) }
}

/// The last number is read before the events, so that all events up to it are visible.
async fn read(conn: &mut Conn, after: EventId, audience: Audience, limit: u16) -> QueryResult<EventBatch> {
    let newest = last_number(conn).await?;
    let EventId(after) = after;
    let upto = newest.min(after.saturating_add(WINDOW));
    if upto <= after {
        return Ok(EventBatch { events: Vec::new(), reached: EventId(after), incomplete: false });
    }
    let within = event::table
        .filter(event::sequence.gt(after))
        .filter(event::sequence.le(upto))
        .order(event::sequence)
        .limit(limit.into())
        .into_boxed::<Db>();
    let rows: Vec<EventRow> = match audience {
        Audience::Everyone => within,
        Audience::Party(account) => {
            let uuid = account.to_string();
            within.filter(
                event::patient_uuid
                    .eq(uuid.clone())
                    .or(event::physician_uuid.eq(Some(uuid.clone())))
                    .or(event::former_physician_uuid.eq(Some(uuid))),
            )
        }
    }
    .load(conn)
    .await?;
    let oldest: Option<i64> =
        event::table.select(event::sequence).order(event::sequence).first(conn).await.optional()?;
    let events: Vec<Event> = rows.into_iter().map(Event::try_from).collect::<Result<_, _>>()?;
    let is_full = events.len() >= usize::from(limit);
    let reached = events.last().filter(|_| is_full).map_or(EventId(upto), |event| event.id);
    Ok(EventBatch { events, reached, incomplete: oldest.is_none_or(|oldest| oldest > after + 1) })
}

/// Inquiries with a missed deadline that has not been announced, with the deadline.
async fn overdue(conn: &mut Conn, now: Timestamp, limit: u16) -> QueryResult<Vec<(i64, NaiveDateTime)>> {
    let missed = inquiry::table
        .filter(inquiry::unannounced_due_at.lt(stored_time(now)))
        .order((inquiry::unannounced_due_at, inquiry::id))
        .limit(limit.into())
        .select((inquiry::id, inquiry::unannounced_due_at));
    Ok(missed.load(conn).await?)
}

/// Announces those whose deadline is still the same and has not been announced meanwhile.
async fn announce(conn: &mut Conn, overdue: &[(i64, NaiveDateTime)], now: Timestamp) -> QueryResult<u64> {
    let mut announced = 0;
    for (id, due_at) in overdue {
        let missed =
            inquiry::table.filter(inquiry::id.eq(*id)).filter(inquiry::unannounced_due_at.eq(*due_at));
        let change = diesel::update(missed).set(inquiry::announced_due_at.eq(Some(*due_at)));
        if Unvarying(change).execute(conn).await? == 0 {
            continue;
        }
        let (status, patient, physician): (i16, String, Option<String>) = inquiry::table
            .find(*id)
            .select((inquiry::status, inquiry::patient_uuid, inquiry::physician_uuid))
            .first(conn)
            .await?;
        let columns = ColumnReader::new("inquiry", *id);
        let event = NewEvent {
            event_type: EventType::InquiryOverdue,
            at: now,
            subject: Subject::Inquiry(InquiryId(*id), columns.code("status", status)?),
            parties: Parties {
                patient: columns.uuid("patient_uuid", &patient)?,
                physician: columns.uuid_or_none("physician_uuid", physician.as_deref())?,
                former_physician: None,
            },
        };
        record(conn, &event).await?;
        announced += 1;
    }
    Ok(announced)
}

/// The last of the oldest events before this time.
async fn last_before(conn: &mut Conn, before: Timestamp, limit: u16) -> QueryResult<Option<i64>> {
    let oldest =
        event::table.select((event::sequence, event::happened_at)).order(event::sequence).limit(limit.into());
    let rows: Vec<(i64, NaiveDateTime)> = oldest.load(conn).await?;
    let before = stored_time(before);
    Ok(rows.into_iter().take_while(|(_, at)| *at < before).map(|(sequence, _)| sequence).last())
}
