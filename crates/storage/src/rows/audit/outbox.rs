//! Outbox rows.

use chrono::DateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::audit::{AuditAction, AuditEvent, ChainId, OutboxEvent, OutboxId};

use super::super::column_reader::ColumnReader;
use super::{body, id_bytes, stored_micros};
use crate::error::Corrupt;
use crate::schema::audit_outbox;

/// A new outbox row.
#[derive(Insertable)]
#[diesel(table_name = audit_outbox, treat_none_as_default_value = false)]
pub(crate) struct NewOutboxRow {
    writer: Vec<u8>,
    recorded: i64,
    body: String,
}

impl NewOutboxRow {
    pub(crate) fn new(writer: ChainId, event: &AuditEvent) -> Result<Self, serde_json::Error> {
        let (writer, recorded) = (id_bytes(writer), stored_micros(event.recorded));
        Ok(Self { writer, recorded, body: body::written(event)? })
    }
}

/// An outbox row for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_outbox)]
pub(crate) struct OutboxRow {
    id: i64,
    recorded: i64,
    body: String,
}

/// The operation of an entry that stands in for an unreadable row.
const UNREADABLE: &str = "unreadable outbox row";

/// An unreadable row must not block those after it: its event states that it was unreadable, and why.
impl From<OutboxRow> for OutboxEvent {
    fn from(row: OutboxRow) -> Self {
        let reading = ColumnReader::new("audit_outbox", row.id);
        let event = body::read_one(&row.body, &reading);
        Self { id: OutboxId(row.id), event: event.unwrap_or_else(|corrupt| unreadable(&row, &corrupt)) }
    }
}

fn unreadable(row: &OutboxRow, corrupt: &Corrupt) -> AuditEvent {
    AuditEvent {
        recorded: DateTime::from_timestamp_micros(row.recorded).unwrap_or_default(),
        agent: None,
        session: None,
        source: String::new(),
        request: String::new(),
        operation: UNREADABLE.to_owned(),
        action: AuditAction::Execute,
        entity: None,
        patient: None,
        outcome: 500,
        query: format!("row {}, column {}: {}", row.id, corrupt.column, corrupt.reason),
        results: None,
    }
}
