use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::file::{ContentId, Pin, PinStatus, StoredFile};
use yilin_domain::time::Timestamp;

use super::code::{pin_status_code, pin_status_of};
use super::reading::{Reading, stored_time};
use crate::error::Corrupt;
use crate::schema::pin;

/// A pin, as it is read.
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
        let reading = Reading::new("pin", &row.cid);
        let file = StoredFile {
            cid: reading.value("cid", ContentId::parse(&row.cid))?,
            size: reading.value("size", u64::try_from(row.size))?,
        };
        Ok(Self { file, status: reading.code("status", row.status, pin_status_of)? })
    }
}

/// A pin, as it is stored.
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
            status: pin_status_code(status),
            queued_at: at,
            pinned_at: (status == PinStatus::Pinned).then_some(at),
        }
    }
}

/// A file's size as it is stored. No file is as large as what does not fit.
pub(crate) fn stored_size(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}
