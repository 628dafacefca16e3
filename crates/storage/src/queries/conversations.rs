use chrono::NaiveDate;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::chat::{NewTurn, Summary, Turn, TurnId};
use yilin_domain::list::{Page, PageRequest};

use super::{Conn, Db, Outcome, tallies};
use crate::error::is_unique_violation;
use crate::rows::{NewTurnRow, SummaryRow, TurnRow};
use crate::schema::{conversation_summary, conversation_turn, model_call};

paged_list!(conversation_turn, AccountUuid, Turn, TurnId);

fn filtered(account: &AccountUuid) -> conversation_turn::BoxedQuery<'_, Db> {
    conversation_turn::table.filter(conversation_turn::account_uuid.eq(account.to_string())).into_boxed()
}

async fn total(conn: &mut Conn, account: &AccountUuid) -> Outcome<u64> {
    Ok(tallies::counted(filtered(account).count().get_result(conn).await?))
}

async fn load(conn: &mut Conn, rows: conversation_turn::BoxedQuery<'_, Db>) -> Outcome<Vec<Turn>> {
    let rows = rows.select(TurnRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(Turn::try_from).collect::<Result<_, _>>()?)
}

pub(in super::super) async fn append(
    conn: &mut Conn,
    account: AccountUuid,
    turns: &[NewTurn],
) -> Outcome<()> {
    // One by one, so that their ids are in their order.
    for turn in turns {
        let row = NewTurnRow::new(account, turn);
        diesel::insert_into(conversation_turn::table).values(row).execute(conn).await?;
    }
    Ok(())
}

pub(in super::super) async fn clear(conn: &mut Conn, account: AccountUuid) -> Outcome<u64> {
    let account = account.to_string();
    let summary = conversation_summary::table.filter(conversation_summary::account_uuid.eq(account.as_str()));
    diesel::delete(summary).execute(conn).await?;
    let turns = conversation_turn::table.filter(conversation_turn::account_uuid.eq(account.as_str()));
    Ok(u64::try_from(diesel::delete(turns).execute(conn).await?).unwrap_or(u64::MAX))
}

pub(in super::super) async fn summary(conn: &mut Conn, account: AccountUuid) -> Outcome<Option<Summary>> {
    let row: Option<SummaryRow> = conversation_summary::table
        .filter(conversation_summary::account_uuid.eq(account.to_string()))
        .select(SummaryRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(Summary::from))
}

pub(in super::super) async fn save_summary(
    conn: &mut Conn,
    account: AccountUuid,
    summary: &Summary,
) -> Outcome<()> {
    let row = SummaryRow::new(account, summary);
    match diesel::insert_into(conversation_summary::table).values(&row).execute(conn).await {
        Err(error) if is_unique_violation(&error) => {
            let known = conversation_summary::table
                .filter(conversation_summary::account_uuid.eq(account.to_string()));
            diesel::update(known).set(&row).execute(conn).await?;
            Ok(())
        }
        outcome => Ok(outcome.map(drop)?),
    }
}

/// The row is changed before it is made, and changed again if somebody else has made it meanwhile: so
/// of several at once each sees what the one before has counted.
pub(in super::super) async fn count_call(
    conn: &mut Conn,
    account: AccountUuid,
    day: NaiveDate,
    limit: u32,
) -> Outcome<bool> {
    if limit == 0 {
        return Ok(false);
    }
    if count_further(conn, account, day, limit).await? {
        return Ok(true);
    }
    let first = (
        model_call::account_uuid.eq(account.to_string()),
        model_call::called_on.eq(day),
        model_call::calls.eq(1),
    );
    match diesel::insert_into(model_call::table).values(first).execute(conn).await {
        Err(error) if is_unique_violation(&error) => count_further(conn, account, day, limit).await,
        outcome => Ok(outcome.map(|_| true)?),
    }
}

async fn count_further(conn: &mut Conn, account: AccountUuid, day: NaiveDate, limit: u32) -> Outcome<bool> {
    let counted = model_call::table
        .filter(model_call::account_uuid.eq(account.to_string()))
        .filter(model_call::called_on.eq(day))
        .filter(model_call::calls.lt(i32::try_from(limit).unwrap_or(i32::MAX)));
    let changed = diesel::update(counted).set(model_call::calls.eq(model_call::calls + 1));
    Ok(changed.execute(conn).await? > 0)
}

pub(in super::super) async fn forget_calls(conn: &mut Conn, before: NaiveDate) -> Outcome<u64> {
    let old = model_call::table.filter(model_call::called_on.lt(before));
    Ok(u64::try_from(diesel::delete(old).execute(conn).await?).unwrap_or(u64::MAX))
}
