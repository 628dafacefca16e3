//! The outbox.

use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::{AuditEvent, ChainId, Changed, EntryDraft, OutboxEvent, OutboxId};
use yilin_domain::time::Timestamp;
use yilin_domain::transition::Stale;

use super::super::Conn;
use crate::error::{QueryError, QueryResult};
use crate::rows::{NewOutboxRow, OutboxRow, counted, id_bytes, stored_micros};
use crate::schema::audit_outbox;

/// Completes the entry of a change and inserts it into the outbox, in the transaction of the change.
pub(in super::super) async fn leave(
    conn: &mut Conn,
    entry: Option<&EntryDraft>,
    changed: Changed,
) -> QueryResult<()> {
    let Some(entry) = entry else { return Ok(()) };
    insert(conn, entry.writer(), &entry.event(changed)).await?;
    entry.written();
    Ok(())
}

/// Inserts an event into the outbox.
pub(super) async fn insert(conn: &mut Conn, writer: ChainId, event: &AuditEvent) -> QueryResult<()> {
    let row = NewOutboxRow::new(writer, event).map_err(|error| QueryError::Other(error.into()))?;
    insert_at_commit!(conn, audit_outbox::table, [row])?;
    Ok(())
}

pub(super) async fn events(
    conn: &mut Conn,
    writer: ChainId,
    abandoned: Timestamp,
    limit: u16,
) -> QueryResult<Vec<OutboxEvent>> {
    let is_due =
        audit_outbox::writer.eq(id_bytes(writer)).or(audit_outbox::recorded.lt(stored_micros(abandoned)));
    let rows: Vec<OutboxRow> = audit_outbox::table
        .filter(is_due)
        .order(audit_outbox::id)
        .limit(limit.into())
        .select(OutboxRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(OutboxEvent::from).collect())
}

/// Removes events; rolls back if another writer has removed some of them.
pub(super) async fn take(conn: &mut Conn, linked: &[OutboxId]) -> QueryResult<()> {
    if linked.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = linked.iter().map(|id| id.0).collect();
    let taken =
        diesel::delete(audit_outbox::table.filter(audit_outbox::id.eq_any(ids))).execute(conn).await?;
    if taken == linked.len() { Ok(()) } else { Err(Stale.into()) }
}

pub(super) async fn unlinked(conn: &mut Conn, before: Timestamp) -> QueryResult<u64> {
    let waiting = audit_outbox::table.filter(audit_outbox::recorded.lt(stored_micros(before)));
    Ok(counted(waiting.count().get_result(conn).await?))
}
