//! Rows of conversations and their summaries.

use chrono::NaiveDateTime;
use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use yilin_domain::account::AccountUuid;
use yilin_domain::chat::{Coverage, NewTurn, Speaker, Summary, Turn, TurnId};
use yilin_domain::id::MedicalRecordId;

use super::code::StoredCode as _;
use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;
use crate::schema::{conversation_summary, conversation_turn};

/// A turn row for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = conversation_turn)]
pub(crate) struct TurnRow {
    id: i64,
    speaker: i16,
    content: String,
    sent: Option<String>,
    is_cut_off: bool,
    model: String,
    said_at: NaiveDateTime,
}

impl TryFrom<TurnRow> for Turn {
    type Error = Corrupt;

    fn try_from(row: TurnRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("conversation_turn", row.id);
        let said = NewTurn {
            speaker: columns.code("speaker", row.speaker)?,
            text: row.content,
            sent: row.sent,
            is_cut_off: row.is_cut_off,
            model: row.model,
            at: row.said_at.and_utc(),
        };
        Ok(Self { id: TurnId(row.id), said })
    }
}

/// A new turn row.
#[derive(Insertable)]
#[diesel(table_name = conversation_turn, treat_none_as_default_value = false)]
pub(crate) struct NewTurnRow {
    account_uuid: String,
    speaker: i16,
    is_generated: bool,
    content: String,
    sent: Option<String>,
    is_cut_off: bool,
    model: String,
    said_at: NaiveDateTime,
}

impl NewTurnRow {
    pub(crate) fn new(account: AccountUuid, turn: &NewTurn) -> Self {
        Self {
            account_uuid: account.to_string(),
            speaker: turn.speaker.code(),
            is_generated: turn.speaker == Speaker::Assistant,
            content: turn.text.clone(),
            sent: turn.sent.clone(),
            is_cut_off: turn.is_cut_off,
            model: turn.model.clone(),
            said_at: stored_time(turn.at),
        }
    }
}

/// A summary row, for writing and reading.
#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = conversation_summary, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct SummaryRow {
    account_uuid: String,
    content: String,
    turn_id: Option<i64>,
    medical_record_id: Option<i64>,
    model: String,
    made_at: NaiveDateTime,
}

impl SummaryRow {
    pub(crate) fn new(account: AccountUuid, summary: &Summary) -> Self {
        Self {
            account_uuid: account.to_string(),
            content: summary.text.clone(),
            turn_id: summary.coverage.turn.map(|turn| turn.0),
            medical_record_id: summary.coverage.record.map(|record| record.0),
            model: summary.model.clone(),
            made_at: stored_time(summary.at),
        }
    }
}

impl From<SummaryRow> for Summary {
    fn from(row: SummaryRow) -> Self {
        let coverage =
            Coverage { turn: row.turn_id.map(TurnId), record: row.medical_record_id.map(MedicalRecordId) };
        Self { text: row.content, coverage, model: row.model, at: row.made_at.and_utc() }
    }
}
