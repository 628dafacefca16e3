//! Rows of sessions.

use chrono::NaiveDateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::session::{EndedSession, Session, SessionId};
use yilin_domain::time::Timestamp;

use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;
use crate::schema::session;

/// An ended session, for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = session)]
pub(crate) struct EndedSessionRow {
    id: String,
    expires_at: NaiveDateTime,
}

impl TryFrom<EndedSessionRow> for EndedSession {
    type Error = Corrupt;

    fn try_from(row: EndedSessionRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("session", &row.id);
        Ok(Self {
            id: columns.present("id", SessionId::parse(&row.id))?,
            expires_at: row.expires_at.and_utc(),
        })
    }
}

/// An active session, for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = session)]
pub(crate) struct SessionRow {
    id: String,
    account_uuid: String,
    started_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    client_address: String,
}

impl TryFrom<SessionRow> for Session {
    type Error = Corrupt;

    fn try_from(row: SessionRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("session", &row.id);
        Ok(Self {
            id: columns.present("id", SessionId::parse(&row.id))?,
            account: columns.uuid("account_uuid", &row.account_uuid)?,
            started_at: row.started_at.and_utc(),
            expires_at: row.expires_at.and_utc(),
            client_address: row.client_address,
        })
    }
}

/// A new session row.
#[derive(Insertable)]
#[diesel(table_name = session, treat_none_as_default_value = false)]
pub(crate) struct NewSessionRow {
    id: String,
    account_uuid: String,
    started_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    ended_at: Option<NaiveDateTime>,
    client_address: String,
}

impl NewSessionRow {
    /// Maximum number of characters stored of an address.
    const ADDRESS_CHARS: usize = 255;

    pub(crate) fn new(session: &Session, ended_at: Option<Timestamp>) -> Self {
        Self {
            id: session.id.to_string(),
            account_uuid: session.account.to_string(),
            started_at: stored_time(session.started_at),
            expires_at: stored_time(session.expires_at),
            ended_at: ended_at.map(stored_time),
            client_address: session.client_address.chars().take(Self::ADDRESS_CHARS).collect(),
        }
    }
}
