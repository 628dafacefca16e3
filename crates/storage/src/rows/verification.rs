//! Rows of verifications of the audit log.

use chrono::NaiveDateTime;
use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{
    ChainHead, FaultSummary, VerificationProgress, VerificationResult, VerificationRun, VerificationRunId,
};
use yilin_domain::time::Timestamp;

use super::column_reader::{ColumnReader, stored_time};
use super::count::counted;
use super::import::stored_count;
use crate::error::Corrupt;
use crate::schema::{audit_verification, audit_verification_run};

/// The only row of its table: the run that was started last.
#[derive(AsChangeset, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_verification_run)]
pub(crate) struct VerificationRunRow {
    id: i16,
    pub(crate) run: i64,
    pub(crate) is_running: bool,
    started_by: String,
    started_at: NaiveDateTime,
    last_heartbeat_at: NaiveDateTime,
    chains_to_verify: i64,
    chains: i64,
    entries: i64,
}

impl VerificationRunRow {
    /// The id of the row.
    pub(crate) const ID: i16 = 0;

    /// The row of a run that starts.
    pub(crate) fn started(run: i64, by: AccountUuid, at: Timestamp) -> Self {
        Self {
            id: Self::ID,
            run,
            is_running: true,
            started_by: by.to_string(),
            started_at: stored_time(at),
            last_heartbeat_at: stored_time(at),
            chains_to_verify: 0,
            chains: 0,
            entries: 0,
        }
    }
}

impl TryFrom<VerificationRunRow> for VerificationRun {
    type Error = Corrupt;

    fn try_from(row: VerificationRunRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("audit_verification_run", row.id);
        Ok(Self {
            id: VerificationRunId(row.run),
            started_by: columns.uuid("started_by", &row.started_by)?,
            started_at: row.started_at.and_utc(),
            last_heartbeat_at: row.last_heartbeat_at.and_utc(),
            progress: VerificationProgress {
                chains_to_verify: counted(row.chains_to_verify),
                chains: counted(row.chains),
                entries: counted(row.entries),
            },
        })
    }
}

/// A result for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_verification)]
pub(crate) struct VerificationRow {
    id: i64,
    ended_at: NaiveDateTime,
    started_by: Option<String>,
    chains: i64,
    entries: i64,
    faults: i64,
    removed: i64,
    unlinked: i64,
    first_faults: String,
    heads: String,
}

impl TryFrom<VerificationRow> for VerificationResult {
    type Error = Corrupt;

    fn try_from(row: VerificationRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("audit_verification", row.id);
        let faults = row.first_faults.lines().map(FaultSummary::parse);
        let heads = row.heads.lines().map(ChainHead::parse);
        Ok(Self {
            ended_at: row.ended_at.and_utc(),
            started_by: columns.uuid_or_none("started_by", row.started_by.as_deref())?,
            chains: counted(row.chains),
            entries: counted(row.entries),
            faults: counted(row.faults),
            first_faults: columns.present("first_faults", faults.collect())?,
            removed: counted(row.removed),
            unlinked: counted(row.unlinked),
            heads: columns.present("heads", heads.collect())?,
        })
    }
}

/// A new result row.
#[derive(Insertable)]
#[diesel(table_name = audit_verification, treat_none_as_default_value = false)]
pub(crate) struct NewVerificationRow {
    ended_at: NaiveDateTime,
    started_by: Option<String>,
    chains: i64,
    entries: i64,
    faults: i64,
    removed: i64,
    unlinked: i64,
    first_faults: String,
    heads: String,
}

impl NewVerificationRow {
    pub(crate) fn new(result: &VerificationResult) -> Self {
        Self {
            ended_at: stored_time(result.ended_at),
            started_by: result.started_by.map(|uuid| uuid.to_string()),
            chains: stored_count(result.chains),
            entries: stored_count(result.entries),
            faults: stored_count(result.faults),
            removed: stored_count(result.removed),
            unlinked: stored_count(result.unlinked),
            first_faults: lines(&result.first_faults),
            heads: lines(&result.heads),
        }
    }
}

/// One item per line.
fn lines<T: ToString>(items: &[T]) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join("\n")
}
