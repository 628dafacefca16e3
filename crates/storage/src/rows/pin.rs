//! Rows of pins.

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::file::{ContentId, Pin, PinStatus, StoredFile};
use yilin_domain::time::Timestamp;

use super::code::StoredCode as _;
use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;
use crate::schema::pin;

/// A pin row for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = pin)]
pub(crate) struct PinRow {
    cid: String,
    size: i64,
    status: i16,
}

impl TryFrom<PinRow> for Pin {
    type Error = Corrupt;

    fn try_from(row: PinRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("pin", &row.cid);
        let file = StoredFile {
            cid: columns.value("cid", ContentId::parse(&row.cid))?,
            size: columns.value("size", u64::try_from(row.size))?,
        };
        Ok(Self { file, status: columns.code("status", row.status)? })
    }
}

/// A new pin row.
#[derive(Insertable)]
#[diesel(table_name = pin, treat_none_as_default_value = false)]
pub(crate) struct NewPinRow {
    cid: String,
    size: i64,
    status: i16,
    queued_at: NaiveDateTime,
    pinned_at: Option<NaiveDateTime>,
}

impl NewPinRow {
    pub(crate) fn new(file: &StoredFile, status: PinStatus, at: Timestamp) -> Self {
        let at = stored_time(at);
        Self {
            cid: file.cid.to_string(),
            size: stored_size(file.size),
            status: status.code(),
            queued_at: at,
            pinned_at: (status == PinStatus::Pinned).then_some(at),
        }
    }
}

/// The stored form of a file's size. No file exceeds the range.
pub(crate) fn stored_size(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
