//! The endings of names, by which a part of a name is found along an index.

use std::collections::BTreeSet;

use diesel::{ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{Account, Role};

use super::Conn;
use crate::error::QueryResult;
use crate::rows::{NewNamePartRow, StoredCode as _};
use crate::schema::{account, account_name_part};

/// Rows per statement: with the longest names far below the packet size that start-up requires, and with three columns below
/// the placeholders that a prepared statement may have.
const ROWS: usize = 5000;

/// A byte that no text contains: all texts with a beginning sort before the beginning followed by it.
const BEYOND: u8 = 0xff;

/// Stores the endings of these accounts' names.
pub(super) async fn store(conn: &mut Conn, accounts: &[Account]) -> QueryResult<()> {
    let rows: Vec<_> = accounts.iter().flat_map(NewNamePartRow::all_of).collect();
    for rows in rows.chunks(ROWS) {
        insert_all!(conn, account_name_part::table, rows)?;
    }
    Ok(())
}

/// The ids of the accounts of a role whose name contains the text, in id order; `None` if there are more than this many.
pub(super) async fn ids(
    conn: &mut Conn,
    role: Role,
    text: &str,
    limit: u16,
) -> QueryResult<Option<Vec<i64>>> {
    let (first, beyond) = range(text);
    let ids: Vec<i64> = account_name_part::table
        .filter(account_name_part::role.eq(role.code()))
        .filter(account_name_part::part.ge(first))
        .filter(account_name_part::part.lt(beyond))
        .select(account_name_part::account_id)
        .limit(enough(limit))
        .load(conn)
        .await?;
    Ok(few(ids, limit))
}

/// Like [`ids`], in another order: the uuids.
pub(super) async fn uuids(
    conn: &mut Conn,
    role: Role,
    text: &str,
    limit: u16,
) -> QueryResult<Option<Vec<String>>> {
    let (first, beyond) = range(text);
    let uuids: Vec<Option<String>> = account_name_part::table
        .left_join(account::table.on(account::id.eq(account_name_part::account_id)))
        .filter(account_name_part::role.eq(role.code()))
        .filter(account_name_part::part.ge(first))
        .filter(account_name_part::part.lt(beyond))
        .select(account::uuid.nullable())
        .limit(enough(limit))
        .load(conn)
        .await?;
    Ok(few(uuids.into_iter().flatten().collect(), limit))
}

/// The parts that begin with the text.
pub(super) fn range(text: &str) -> (Vec<u8>, Vec<u8>) {
    let first = text.as_bytes().to_vec();
    let beyond = [text.as_bytes(), &[BEYOND]].concat();
    (first, beyond)
}

/// Number of rows to read: a name may contain the text twice. If it is contained more often (as in 明明明), fewer accounts
/// than this may count as many, which is slower, but right.
fn enough(limit: u16) -> i64 {
    2 * i64::from(limit) + 1
}

fn few<T: Ord>(found: Vec<T>, limit: u16) -> Option<Vec<T>> {
    let is_all = i64::try_from(found.len()).is_ok_and(|number| number < enough(limit));
    let found: BTreeSet<T> = found.into_iter().collect();
    (is_all && found.len() <= usize::from(limit)).then(|| found.into_iter().collect())
}
