use diesel::{ExpressionMethods as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::session::{EndedSession, Session, SessionId, SessionSelection};
use yilin_domain::time::Timestamp;

use super::{Conn, Outcome};
use crate::error::{QueryError, is_unique_violation};
use crate::rows::{EndedSessionRow, NewSessionRow, SessionRow, stored_time};
use crate::schema::{account, session};

/// Changes the account's row first: a password change does the same, so that of the two one waits
/// for the other (or, in a cluster, fails and is done again) and sees what it did.
pub(in super::super) async fn start(
    conn: &mut Conn,
    session: &Session,
    password_version: i32,
) -> Outcome<()> {
    let current = account::table
        .filter(account::uuid.eq(session.account.to_string()))
        .filter(account::password_version.eq(password_version));
    let changed =
        diesel::update(current).set(account::login_count.eq(account::login_count + 1)).execute(conn).await?;
    if changed == 0 {
        return Err(QueryError::Undo);
    }
    diesel::insert_into(session::table).values(NewSessionRow::new(session, None)).execute(conn).await?;
    Ok(())
}

pub(in super::super) async fn end(conn: &mut Conn, session: &Session, at: Timestamp) -> Outcome<()> {
    let running =
        session::table.filter(session::id.eq(session.id.to_string())).filter(session::ended_at.is_null());
    let ended = diesel::update(running).set(session::ended_at.eq(stored_time(at))).execute(conn).await?;
    if ended > 0 {
        return Ok(());
    }
    let row = NewSessionRow::new(session, Some(at));
    match diesel::insert_into(session::table).values(row).execute(conn).await {
        // It has ended before.
        Err(error) if is_unique_violation(&error) => Ok(()),
        outcome => outcome.map(drop).map_err(QueryError::from),
    }
}

/// Ends the account's sessions but the kept one.
pub(super) async fn end_all_of(
    conn: &mut Conn,
    account: AccountUuid,
    keep: Option<SessionId>,
    at: Timestamp,
) -> Outcome<()> {
    let running = session::table
        .filter(session::account_uuid.eq(account.to_string()))
        .filter(session::ended_at.is_null())
        // No session has the empty id.
        .filter(session::id.ne(keep.map_or_else(String::new, |id| id.to_string())));
    diesel::update(running).set(session::ended_at.eq(stored_time(at))).execute(conn).await?;
    Ok(())
}

pub(in super::super) async fn ended_since(
    conn: &mut Conn,
    since: Timestamp,
    now: Timestamp,
) -> Outcome<Vec<EndedSession>> {
    let rows = session::table
        .filter(session::ended_at.ge(stored_time(since)))
        .filter(session::expires_at.gt(stored_time(now)))
        .select(EndedSessionRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(EndedSession::try_from).collect::<Result<_, _>>()?)
}

pub(in super::super) async fn running(
    conn: &mut Conn,
    selection: SessionSelection,
    now: Timestamp,
    limit: u16,
) -> Outcome<Vec<Session>> {
    let running = session::table
        .filter(session::ended_at.is_null())
        .filter(session::expires_at.gt(stored_time(now)))
        .into_boxed();
    let selected = match selection {
        SessionSelection::All => running,
        SessionSelection::Of(account) => running.filter(session::account_uuid.eq(account.to_string())),
        SessionSelection::One(id) => running.filter(session::id.eq(id.to_string())),
    };
    let newest = selected.order((session::started_at.desc(), session::id.desc())).limit(i64::from(limit));
    let rows = newest.select(SessionRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(Session::try_from).collect::<Result<_, _>>()?)
}

pub(in super::super) async fn end_running(
    conn: &mut Conn,
    selection: SessionSelection,
    now: Timestamp,
) -> Outcome<u64> {
    let running = diesel::update(session::table)
        .filter(session::ended_at.is_null())
        .filter(session::expires_at.gt(stored_time(now)))
        .set(session::ended_at.eq(stored_time(now)))
        .into_boxed();
    let selected = match selection {
        SessionSelection::All => running,
        SessionSelection::Of(account) => running.filter(session::account_uuid.eq(account.to_string())),
        SessionSelection::One(id) => running.filter(session::id.eq(id.to_string())),
    };
    let ended = selected.execute(conn).await?;
    Ok(u64::try_from(ended).unwrap_or(u64::MAX))
}

pub(in super::super) async fn forget_expired(conn: &mut Conn, before: Timestamp) -> Outcome<u64> {
    let expired = session::table.filter(session::expires_at.lt(stored_time(before)));
    let deleted = diesel::delete(expired).execute(conn).await?;
    Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
}
