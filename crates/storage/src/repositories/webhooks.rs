//! The queue of webhook deliveries.

use async_trait::async_trait;
use chrono::NaiveDateTime;
use diesel::dsl::{count_star, min, sql};
use diesel::sql_types::Bool;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::event::EventId;
use yilin_domain::port::{PortError, WebhookRepository};
use yilin_domain::time::Timestamp;
use yilin_domain::webhook::{Delivery, DeliveryFailure, GivenUp, WebhookBacklog};

use super::audit::outbox;
use super::{Conn, Database, events};
use crate::error::QueryResult;
use crate::rows::{DeliveryRow, EventRow, NewDeliveryRow, counted, rows_changed, stored_time};
use crate::schema::{event, event_cursor, webhook_delivery};
use crate::statement::Unvarying;

/// The cursor of the last queued event.
const QUEUED: i16 = 1;

/// Queued, or being sent.
const WAITS: i16 = 0;
/// Given up.
const GIVEN_UP: i16 = 1;

/// No earlier event of the record is queued.
const IS_FIRST: &str = "NOT EXISTS (SELECT 1 FROM webhook_delivery AS earlier \
    WHERE earlier.subject_kind = webhook_delivery.subject_kind \
    AND earlier.subject_id = webhook_delivery.subject_id \
    AND earlier.state = 0 AND earlier.sequence < webhook_delivery.sequence)";

/// The row of a delivery, unless it has been claimed again since.
macro_rules! under_claim {
    ($delivery:expr) => {
        webhook_delivery::table
            .filter(webhook_delivery::sequence.eq($delivery.event.id.0))
            .filter(webhook_delivery::state.eq(WAITS))
            .filter(webhook_delivery::claim.eq($delivery.claim))
    };
}

#[async_trait]
impl WebhookRepository for Database {
    async fn queue(&self, limit: u16, now: Timestamp) -> Result<u64, PortError> {
        // Usually there is nothing to do, and a read is cheaper than a transaction.
        if !self.engine.read((), work!(|conn, ()| is_behind(conn).await)).await? {
            return Ok(0);
        }
        self.engine.write((limit, now), work!(|conn, (limit, now)| queue(conn, *limit, *now).await)).await
    }

    async fn claim(&self, now: Timestamp, until: Timestamp, limit: u16) -> Result<Vec<Delivery>, PortError> {
        let due = self.engine.read((now, limit), work!(|conn, (now, limit)| due(conn, *now, *limit).await));
        let due = due.await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        self.engine.write((due, until), work!(|conn, (due, until)| claim(conn, due, *until).await)).await
    }

    async fn delivered(&self, delivery: &Delivery) -> Result<(), PortError> {
        self.engine
            .write(
                *delivery,
                work!(|conn, delivery| {
                    diesel::delete(under_claim!(delivery)).execute(conn).await?;
                    Ok(())
                }),
            )
            .await
    }

    async fn postpone(
        &self,
        delivery: &Delivery,
        until: Timestamp,
        failure: &DeliveryFailure,
    ) -> Result<(), PortError> {
        self.engine
            .write(
                (*delivery, until, failure.clone()),
                work!(|conn, (delivery, until, failure)| {
                    let change = diesel::update(under_claim!(delivery)).set((
                        webhook_delivery::failures.eq(webhook_delivery::failures + 1),
                        webhook_delivery::due_at.eq(stored_time(*until)),
                        webhook_delivery::was_down.eq(failure.is_down),
                        webhook_delivery::failure.eq(failure.reason.as_str()),
                    ));
                    Unvarying(change).execute(conn).await?;
                    Ok(())
                }),
            )
            .await
    }

    async fn give_up(&self, delivery: &Delivery, failure: &DeliveryFailure) -> Result<(), PortError> {
        self.engine
            .write(
                (*delivery, failure.clone()),
                work!(|conn, (delivery, failure)| {
                    let change = diesel::update(under_claim!(delivery)).set((
                        webhook_delivery::failures.eq(webhook_delivery::failures + 1),
                        webhook_delivery::state.eq(GIVEN_UP),
                        webhook_delivery::was_down.eq(failure.is_down),
                        webhook_delivery::failure.eq(failure.reason.as_str()),
                    ));
                    Unvarying(change).execute(conn).await?;
                    Ok(())
                }),
            )
            .await
    }

    async fn hasten(&self, now: Timestamp, limit: u16) -> Result<u64, PortError> {
        self.engine
            .write(
                (now, limit),
                work!(|conn, (now, limit)| {
                    let now = stored_time(*now);
                    let late = webhook_delivery::table
                        .filter(webhook_delivery::state.eq(WAITS))
                        .filter(webhook_delivery::due_at.gt(now))
                        .filter(webhook_delivery::was_down.eq(true))
                        .order(webhook_delivery::due_at)
                        .limit((*limit).into())
                        .select((webhook_delivery::sequence, webhook_delivery::claim));
                    let mut late: Vec<(i64, i32)> = late.load(conn).await?;
                    late.sort_unstable();
                    let mut hastened = 0;
                    for (sequence, claim) in late {
                        let row = webhook_delivery::table
                            .filter(webhook_delivery::sequence.eq(sequence))
                            .filter(webhook_delivery::claim.eq(claim))
                            // Not one that has been claimed meanwhile.
                            .filter(webhook_delivery::was_down.eq(true));
                        let change = (webhook_delivery::due_at.eq(now), webhook_delivery::was_down.eq(false));
                        hastened += Unvarying(diesel::update(row).set(change)).execute(conn).await?;
                    }
                    Ok(rows_changed(hastened))
                }),
            )
            .await
    }

    async fn backlog(&self) -> Result<WebhookBacklog, PortError> {
        self.engine
            .read(
                (),
                work!(|conn, ()| {
                    let of = |state| webhook_delivery::table.filter(webhook_delivery::state.eq(state));
                    let (waiting, since): (i64, Option<NaiveDateTime>) = of(WAITS)
                        .select((count_star(), min(webhook_delivery::queued_at)))
                        .first(conn)
                        .await?;
                    let given_up: i64 = of(GIVEN_UP).select(count_star()).first(conn).await?;
                    Ok(WebhookBacklog {
                        waiting: counted(waiting),
                        since: since.map(|at| at.and_utc()),
                        given_up: counted(given_up),
                    })
                }),
            )
            .await
    }

    async fn given_up(&self, after: EventId, limit: u16) -> Result<Vec<GivenUp>, PortError> {
        self.engine
            .read(
                (after, limit),
                work!(|conn, (after, limit)| {
                    let rows: Vec<DeliveryRow> = webhook_delivery::table
                        .filter(webhook_delivery::state.eq(GIVEN_UP))
                        .filter(webhook_delivery::sequence.gt(after.0))
                        .order(webhook_delivery::sequence)
                        .limit((*limit).into())
                        .load(conn)
                        .await?;
                    Ok(rows.into_iter().map(GivenUp::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn retry(
        &self,
        which: Option<EventId>,
        now: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<u64, PortError> {
        self.engine
            .leaving(entry.clone())
            .write(
                (which, now, entry),
                work!(|conn, (which, now, entry)| {
                    let now = stored_time(*now);
                    let change = (
                        webhook_delivery::state.eq(WAITS),
                        webhook_delivery::failures.eq(0),
                        webhook_delivery::queued_at.eq(now),
                        webhook_delivery::due_at.eq(now),
                        webhook_delivery::was_down.eq(false),
                    );
                    let given_up = webhook_delivery::table.filter(webhook_delivery::state.eq(GIVEN_UP));
                    let changed = match which {
                        Some(EventId(id)) => {
                            let one = given_up.filter(webhook_delivery::sequence.eq(*id));
                            diesel::update(one).set(change).execute(conn).await?
                        }
                        None => diesel::update(given_up).set(change).execute(conn).await?,
                    };
                    if changed > 0 {
                        let about = match which {
                            Some(id) => Changed::one("event", id, None),
                            None => Changed::many(changed),
                        };
                        outbox::leave(conn, entry.as_ref(), about).await?;
                    }
                    Ok(rows_changed(changed))
                }),
            )
            .await
    }
}

async fn queued(conn: &mut Conn) -> QueryResult<Option<i64>> {
    let cursor = event_cursor::table.filter(event_cursor::name.eq(QUEUED));
    Ok(cursor.select(event_cursor::sequence).first(conn).await.optional()?)
}

/// Whether there are events that have not been queued, or no cursor yet.
async fn is_behind(conn: &mut Conn) -> QueryResult<bool> {
    let queued = queued(conn).await?;
    let newest = events::last_number(conn).await?;
    Ok(queued.is_none_or(|queued| queued < newest))
}

async fn queue(conn: &mut Conn, limit: u16, now: Timestamp) -> QueryResult<u64> {
    let Some(queued) = queued(conn).await? else {
        let newest = events::last_number(conn).await?;
        let begun = (event_cursor::name.eq(QUEUED), event_cursor::sequence.eq(newest));
        diesel::insert_or_ignore_into(event_cursor::table).values(begun).execute(conn).await?;
        return Ok(0);
    };
    // No event will be added among the numbered ones, so the cursor skips none.
    let rows = event::table.filter(event::sequence.gt(queued)).order(event::sequence).limit(limit.into());
    let new: Vec<EventRow> = rows.load(conn).await?;
    let Some(last) = new.last().map(|row| row.id) else { return Ok(0) };
    let cursor =
        event_cursor::table.filter(event_cursor::name.eq(QUEUED)).filter(event_cursor::sequence.eq(queued));
    let moved = diesel::update(cursor).set(event_cursor::sequence.eq(last));
    if Unvarying(moved).execute(conn).await? == 0 {
        return Ok(0);
    }
    let rows: Vec<_> = new.into_iter().map(|row| NewDeliveryRow::new(row, WAITS, now)).collect();
    let count = rows_changed(rows.len());
    insert_all!(conn, webhook_delivery::table, rows)?;
    Ok(count)
}

/// Due deliveries that are the first of their record, with their claim numbers.
async fn due(conn: &mut Conn, now: Timestamp, limit: u16) -> QueryResult<Vec<(i64, i32)>> {
    let mut due: Vec<(i64, i32)> = webhook_delivery::table
        .filter(webhook_delivery::state.eq(WAITS))
        .filter(webhook_delivery::due_at.le(stored_time(now)))
        .filter(sql::<Bool>(IS_FIRST))
        .order((webhook_delivery::due_at, webhook_delivery::sequence))
        .limit(limit.into())
        .select((webhook_delivery::sequence, webhook_delivery::claim))
        .load(conn)
        .await?;
    // In a fixed order, to avoid deadlocks between instances.
    due.sort_unstable();
    Ok(due)
}

async fn claim(conn: &mut Conn, due: &[(i64, i32)], until: Timestamp) -> QueryResult<Vec<Delivery>> {
    let mut claimed = Vec::with_capacity(due.len());
    for (sequence, known) in due {
        let claim = known.wrapping_add(1);
        let row = webhook_delivery::table
            .filter(webhook_delivery::sequence.eq(*sequence))
            .filter(webhook_delivery::state.eq(WAITS))
            .filter(webhook_delivery::claim.eq(*known));
        let change = (
            webhook_delivery::claim.eq(claim),
            webhook_delivery::due_at.eq(stored_time(until)),
            webhook_delivery::was_down.eq(false),
        );
        if Unvarying(diesel::update(row).set(change)).execute(conn).await? == 1 {
            let row: DeliveryRow = webhook_delivery::table.find(*sequence).first(conn).await?;
            claimed.push(row.claimed(claim)?);
        }
    }
    Ok(claimed)
}
