//! Sessions.

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{Changed, EntryDraft, session_digest};
use yilin_domain::port::{PortError, SessionRepository};
use yilin_domain::session::{EndedSession, Session, SessionId, SessionSelection};
use yilin_domain::time::Timestamp;
use yilin_domain::transition::Stale;

use super::audit::outbox;
use super::{Conn, Database};
use crate::error::{QueryResult, ensure_current, is_unique_violation};
use crate::rows::{EndedSessionRow, NewSessionRow, SessionRow, rows_changed, stored_time};
use crate::schema::{account, session};

/// Restricts a statement to the selected sessions that are active at this time.
macro_rules! running {
    ($sessions:expr, $selection:expr, $now:expr) => {{
        let running = $sessions
            .filter(session::ended_at.is_null())
            .filter(session::expires_at.gt(stored_time($now)))
            .into_boxed();
        match $selection {
            SessionSelection::All => running,
            SessionSelection::Of(account) => running.filter(session::account_uuid.eq(account.to_string())),
            SessionSelection::One(id) => running.filter(session::id.eq(id.to_string())),
        }
    }};
}

#[async_trait]
impl SessionRepository for Database {
    /// Updates the account's row first, as a password change and disabling the account do, so that one of the two waits for the other
    /// (or, in a cluster, fails and is rerun) and sees its effect.
    async fn start(
        &self,
        session: &Session,
        password_version: i32,
        entry: Option<EntryDraft>,
    ) -> Result<Result<(), Stale>, PortError> {
        self.engine
            .leaving(entry.clone())
            .save(
                (session.clone(), password_version, entry),
                work!(|conn, (session, password_version, entry)| {
                    let current = account::table
                        .filter(account::uuid.eq(session.account.to_string()))
                        .filter(account::password_version.eq(password_version))
                        .filter(account::disabled.eq(false));
                    let counted =
                        diesel::update(current).set(account::login_count.eq(account::login_count + 1));
                    ensure_current(counted.execute(conn).await?)?;
                    let row = NewSessionRow::new(session, None);
                    diesel::insert_into(session::table).values(row).execute(conn).await?;
                    let account = session.account;
                    outbox::leave(conn, entry.as_ref(), Changed::one("account", account, Some(account))).await
                }),
            )
            .await
    }

    async fn end(
        &self,
        session: &Session,
        at: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<(), PortError> {
        self.engine
            .leaving(entry.clone())
            .write(
                (session.clone(), at, entry),
                work!(|conn, (session, at, entry)| {
                    let running = session::table
                        .filter(session::id.eq(session.id.to_string()))
                        .filter(session::ended_at.is_null());
                    let ending = diesel::update(running).set(session::ended_at.eq(stored_time(*at)));
                    if ending.execute(conn).await? == 0 {
                        let row = NewSessionRow::new(session, Some(*at));
                        match diesel::insert_into(session::table).values(row).execute(conn).await {
                            // It had already ended.
                            Err(error) if is_unique_violation(&error) => return Ok(()),
                            inserted => drop(inserted?),
                        }
                    }
                    let changed = Changed::one("session", session_digest(session.id), None);
                    outbox::leave(conn, entry.as_ref(), changed).await
                }),
            )
            .await
    }

    async fn ended_since(&self, since: Timestamp, now: Timestamp) -> Result<Vec<EndedSession>, PortError> {
        self.engine
            .read(
                (since, now),
                work!(|conn, (since, now)| {
                    let rows = session::table
                        .filter(session::ended_at.ge(stored_time(*since)))
                        .filter(session::expires_at.gt(stored_time(*now)))
                        .select(EndedSessionRow::as_select())
                        .load(conn)
                        .await?;
                    Ok(rows.into_iter().map(EndedSession::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn running(
        &self,
        selection: SessionSelection,
        now: Timestamp,
        limit: u16,
    ) -> Result<Vec<Session>, PortError> {
        self.engine
            .read(
                (selection, now, limit),
                work!(|conn, (selection, now, limit)| {
                    let newest = running!(session::table, selection, *now)
                        .order((session::started_at.desc(), session::id.desc()))
                        .limit((*limit).into());
                    let rows = newest.select(SessionRow::as_select()).load(conn).await?;
                    Ok(rows.into_iter().map(Session::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn end_running(
        &self,
        selection: SessionSelection,
        now: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<u64, PortError> {
        self.engine
            .leaving(entry.clone())
            .write(
                (selection, now, entry),
                work!(|conn, (selection, now, entry)| {
                    let ending = diesel::update(session::table).set(session::ended_at.eq(stored_time(*now)));
                    let ended = running!(ending, selection, *now).execute(conn).await?;
                    if ended > 0 {
                        outbox::leave(conn, entry.as_ref(), Changed::many(ended)).await?;
                    }
                    Ok(rows_changed(ended))
                }),
            )
            .await
    }

    async fn forget_expired(&self, before: Timestamp) -> Result<u64, PortError> {
        self.engine
            .write(
                before,
                work!(|conn, before| {
                    let expired = session::table.filter(session::expires_at.lt(stored_time(*before)));
                    Ok(rows_changed(diesel::delete(expired).execute(conn).await?))
                }),
            )
            .await
    }
}

/// Ends the account's sessions except the kept one.
pub(super) async fn end_all_of(
    conn: &mut Conn,
    account: AccountUuid,
    keep: Option<SessionId>,
    at: Timestamp,
) -> QueryResult<()> {
    let running = session::table
        .filter(session::account_uuid.eq(account.to_string()))
        .filter(session::ended_at.is_null())
        // No session has the empty id.
        .filter(session::id.ne(keep.map_or_else(String::new, |id| id.to_string())));
    diesel::update(running).set(session::ended_at.eq(stored_time(at))).execute(conn).await?;
    Ok(())
}
