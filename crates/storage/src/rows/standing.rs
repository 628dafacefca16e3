//! Rows of the times that accounts were disabled and enabled.

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::account::{AccountUuid, Standing};
use yilin_domain::reason::Reason;
use yilin_domain::transition::Provenance;

use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;
use crate::schema::account_standing;

/// One time, as it is read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = account_standing)]
pub(crate) struct StandingRow {
    id: i64,
    disabled: bool,
    made_by: String,
    made_at: NaiveDateTime,
    reason: String,
}

impl TryFrom<StandingRow> for Standing {
    type Error = Corrupt;

    fn try_from(row: StandingRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("account_standing", row.id);
        Ok(Self {
            disabled: row.disabled,
            by: columns.uuid("made_by", &row.made_by)?,
            at: row.made_at.and_utc(),
            reason: columns.value("reason", Reason::parse(&row.reason))?,
        })
    }
}

/// One time, as it is stored.
#[derive(Insertable)]
#[diesel(table_name = account_standing)]
pub(crate) struct NewStandingRow {
    account_uuid: String,
    disabled: bool,
    made_by: String,
    made_at: NaiveDateTime,
    reason: String,
}

impl NewStandingRow {
    pub(crate) fn new(account: AccountUuid, disabled: bool, provenance: &Provenance) -> Self {
        Self {
            account_uuid: account.to_string(),
            disabled,
            made_by: provenance.by.to_string(),
            made_at: stored_time(provenance.at),
            reason: provenance.reason.as_ref().map_or_else(String::new, |reason| reason.as_str().to_owned()),
        }
    }
}
