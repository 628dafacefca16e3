//! Outbox rows.

use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::audit::{AuditEvent, ChainId, OutboxEvent, OutboxId};

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
    body: String,
}

impl TryFrom<OutboxRow> for OutboxEvent {
    type Error = Corrupt;

    fn try_from(row: OutboxRow) -> Result<Self, Corrupt> {
        let reading = ColumnReader::new("audit_outbox", row.id);
        Ok(Self { id: OutboxId(row.id), event: body::read_one(&row.body, &reading)? })
    }
}
