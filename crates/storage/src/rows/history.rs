//! Rows of the histories of inquiries and drug orders.

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable};
use yilin_domain::account::AccountUuid;
use yilin_domain::drug_order::DrugOrderStatus;
use yilin_domain::id::Version;
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::transition::{HistoryEntry, Provenance};

use super::code::StoredCode;
use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;
use crate::schema::{drug_order_history, inquiry_history};

/// A history row of either kind, for reading: record, version, who, when, from, to, physician.
#[derive(Queryable)]
pub(crate) struct HistoryRow {
    record: i64,
    version: i32,
    made_by: String,
    made_at: NaiveDateTime,
    from_status: Option<i16>,
    to_status: i16,
    physician_uuid: Option<String>,
}

impl HistoryRow {
    /// The history entry; `table` is the table it comes from.
    pub(super) fn entry<S: StoredCode>(self, table: &'static str) -> Result<HistoryEntry<S>, Corrupt> {
        let columns = ColumnReader::new(table, format!("{}/{}", self.record, self.version));
        Ok(HistoryEntry {
            version: Version(self.version),
            provenance: Provenance {
                by: columns.uuid("made_by", &self.made_by)?,
                at: self.made_at.and_utc(),
            },
            from: self.from_status.map(|code| columns.code("from_status", code)).transpose()?,
            to: columns.code("to_status", self.to_status)?,
            physician: columns.uuid_or_none("physician_uuid", self.physician_uuid.as_deref())?,
        })
    }
}

macro_rules! new_history_row {
    ($(#[$doc:meta])* $name:ident, $table:ident, $record:ident, $status:ty) => {
        $(#[$doc])*
        #[derive(Insertable)]
        #[diesel(table_name = $table, treat_none_as_default_value = false)]
        pub(crate) struct $name {
            $record: i64,
            version: i32,
            made_by: String,
            made_at: NaiveDateTime,
            from_status: Option<i16>,
            to_status: i16,
            physician_uuid: Option<String>,
        }

        impl $name {
            pub(crate) fn new(
                record: i64,
                version: Version,
                provenance: Provenance,
                (from, to): (Option<$status>, $status),
                physician: Option<AccountUuid>,
            ) -> Self {
                Self {
                    $record: record,
                    version: version.0,
                    made_by: provenance.by.to_string(),
                    made_at: stored_time(provenance.at),
                    from_status: from.map(StoredCode::code),
                    to_status: to.code(),
                    physician_uuid: physician.map(|uuid| uuid.to_string()),
                }
            }
        }
    };
}

new_history_row!(
    /// A new row of an inquiry's history.
    NewInquiryHistoryRow,
    inquiry_history,
    inquiry_id,
    InquiryStatus
);
new_history_row!(
    /// A new row of a drug order's history.
    NewDrugOrderHistoryRow,
    drug_order_history,
    drug_order_id,
    DrugOrderStatus
);
