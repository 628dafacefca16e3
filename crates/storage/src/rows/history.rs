use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable};
use yilin_domain::account::AccountUuid;
use yilin_domain::id::Version;
use yilin_domain::transition::{HistoryEntry, Provenance};

use super::reading::{Reading, stored_time};
use crate::error::Corrupt;
use crate::schema::{drug_order_history, inquiry_history};

/// An entry of either history, as it is read: record, version, who, when, from, to, physician.
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
    /// The entry, in a history whose status codes mean this.
    pub(super) fn entry<S>(
        self,
        table: &'static str,
        meaning: fn(i16) -> Option<S>,
    ) -> Result<HistoryEntry<S>, Corrupt> {
        let reading = Reading::new(table, format!("{}/{}", self.record, self.version));
        Ok(HistoryEntry {
            version: Version(self.version),
            provenance: Provenance {
                by: reading.uuid("made_by", &self.made_by)?,
                at: self.made_at.and_utc(),
            },
            from: self.from_status.map(|code| reading.code("from_status", code, meaning)).transpose()?,
            to: reading.code("to_status", self.to_status, meaning)?,
            physician: reading.uuid_or_none("physician_uuid", self.physician_uuid.as_deref())?,
        })
    }
}

macro_rules! new_history_row {
    ($(#[$doc:meta])* $name:ident, $table:ident, $record:ident) => {
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
                (from_status, to_status): (Option<i16>, i16),
                physician: Option<AccountUuid>,
            ) -> Self {
                Self {
                    $record: record,
                    version: version.0,
                    made_by: provenance.by.to_string(),
                    made_at: stored_time(provenance.at),
                    from_status,
                    to_status,
                    physician_uuid: physician.map(|uuid| uuid.to_string()),
                }
            }
        }
    };
}

new_history_row!(
    /// An entry of an inquiry's history, as it is stored.
    NewInquiryHistoryRow,
    inquiry_history,
    inquiry_id
);
new_history_row!(
    /// An entry of a drug order's history, as it is stored.
    NewDrugOrderHistoryRow,
    drug_order_history,
    drug_order_id
);
