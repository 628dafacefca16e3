//! Conversations with the language model.

use async_trait::async_trait;
use chrono::NaiveDate;
use diesel::dsl::count_star;
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::chat::{NewTurn, Summary, Turn, TurnId};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{CallsOfDay, ConversationRepository, PortError};

use super::audit::outbox;
use super::{Conn, Database, Db};
use crate::error::{QueryResult, is_unique_violation};
use crate::rows::{ColumnReader, Counters, NewTurnRow, SummaryRow, TurnRow, counted, rows_changed};
use crate::schema::{conversation_summary, conversation_turn, model_call, sum_of_numbers};

paged_list!(conversation_turn, AccountUuid, Turn, TurnId);

#[async_trait]
impl ConversationRepository for Database {
    async fn append(
        &self,
        account: AccountUuid,
        turns: &[NewTurn],
        entry: Option<EntryDraft>,
    ) -> Result<(), PortError> {
        self.engine
            .leaving(entry.clone())
            .write(
                (account, turns.to_vec(), entry),
                work!(|conn, (account, turns, entry)| {
                    // One by one, so that their ids are in order.
                    for turn in turns {
                        let row = NewTurnRow::new(*account, turn);
                        diesel::insert_into(conversation_turn::table).values(row).execute(conn).await?;
                    }
                    if turns.is_empty() {
                        return Ok(());
                    }
                    outbox::leave(conn, entry.as_ref(), Changed::of(*account)).await
                }),
            )
            .await
    }

    async fn page(&self, account: AccountUuid, page: PageRequest) -> Result<Page<Turn>, PortError> {
        let args = (account, page);
        self.engine.read(args, work!(|conn, (account, page)| read_page(conn, account, *page).await)).await
    }

    async fn batch(
        &self,
        account: AccountUuid,
        before: Option<TurnId>,
        limit: u16,
    ) -> Result<Vec<Turn>, PortError> {
        let args = (account, before, limit);
        self.engine
            .read_many(
                args,
                work!(|conn, (account, before, limit)| read_batch(conn, account, *before, *limit).await),
            )
            .await
    }

    async fn clear(&self, account: AccountUuid, entry: Option<EntryDraft>) -> Result<u64, PortError> {
        self.engine
            .leaving(entry.clone())
            .write(
                (account, entry),
                work!(|conn, (owner, entry)| {
                    let account = &owner.to_string();
                    let summary =
                        conversation_summary::table.filter(conversation_summary::account_uuid.eq(account));
                    let summaries = diesel::delete(summary).execute(conn).await?;
                    let turns = conversation_turn::table.filter(conversation_turn::account_uuid.eq(account));
                    let turns = diesel::delete(turns).execute(conn).await?;
                    if summaries + turns > 0 {
                        outbox::leave(conn, entry.as_ref(), Changed::of(*owner)).await?;
                    }
                    Ok(rows_changed(turns))
                }),
            )
            .await
    }

    async fn summary(&self, account: AccountUuid) -> Result<Option<Summary>, PortError> {
        self.engine
            .read(
                account.to_string(),
                work!(|conn, account| {
                    let row: Option<SummaryRow> = conversation_summary::table
                        .filter(conversation_summary::account_uuid.eq(account))
                        .select(SummaryRow::as_select())
                        .first(conn)
                        .await
                        .optional()?;
                    Ok(row.map(Summary::from))
                }),
            )
            .await
    }

    async fn save_summary(&self, account: AccountUuid, summary: &Summary) -> Result<(), PortError> {
        self.engine
            .write(
                (account, summary.clone()),
                work!(|conn, (account, summary)| {
                    let row = SummaryRow::new(*account, summary);
                    match diesel::insert_into(conversation_summary::table).values(&row).execute(conn).await {
                        Err(error) if is_unique_violation(&error) => {
                            let known = conversation_summary::table
                                .filter(conversation_summary::account_uuid.eq(account.to_string()));
                            diesel::update(known).set(&row).execute(conn).await?;
                            Ok(())
                        }
                        inserted => Ok(inserted.map(drop)?),
                    }
                }),
            )
            .await
    }

    /// Updates the row before inserting it, and again if it was inserted meanwhile: so each of several
    /// concurrent calls sees the count of the previous one.
    async fn count_call(&self, account: AccountUuid, day: NaiveDate, limit: u32) -> Result<bool, PortError> {
        if limit == 0 {
            return Ok(false);
        }
        self.engine
            .write(
                (account.to_string(), day, limit),
                work!(|conn, (account, day, limit)| {
                    if count_further(conn, account, *day, *limit).await? {
                        return Ok(true);
                    }
                    let first = (
                        model_call::account_uuid.eq(account),
                        model_call::called_on.eq(day),
                        model_call::calls.eq(1),
                    );
                    match diesel::insert_into(model_call::table).values(first).execute(conn).await {
                        Err(error) if is_unique_violation(&error) => {
                            count_further(conn, account, *day, *limit).await
                        }
                        inserted => Ok(inserted.map(|_| true)?),
                    }
                }),
            )
            .await
    }

    async fn calls_on(&self, day: NaiveDate, limit: u16) -> Result<CallsOfDay, PortError> {
        self.engine
            .read(
                (day, limit),
                work!(|conn, (day, limit)| {
                    let of_day = model_call::table.filter(model_call::called_on.eq(day));
                    let (accounts, calls): (i64, Option<i64>) =
                        of_day.select((count_star(), sum_of_numbers(model_call::calls))).first(conn).await?;
                    let rows: Vec<(String, i32)> = of_day
                        .order((model_call::calls.desc(), model_call::account_uuid))
                        .limit((*limit).into())
                        .select((model_call::account_uuid, model_call::calls))
                        .load(conn)
                        .await?;
                    let busy = |(uuid, calls): (String, i32)| {
                        let account = ColumnReader::new("model_call", &uuid).uuid("account_uuid", &uuid)?;
                        Ok((account, u32::try_from(calls).unwrap_or_default()))
                    };
                    let busiest = rows.into_iter().map(busy).collect::<QueryResult<_>>()?;
                    let (calls, accounts) = (counted(calls.unwrap_or_default()), counted(accounts));
                    Ok(CallsOfDay { calls, accounts, busiest })
                }),
            )
            .await
    }

    async fn forget_calls(&self, before: NaiveDate) -> Result<u64, PortError> {
        self.engine
            .write(
                before,
                work!(|conn, before| {
                    let old = model_call::table.filter(model_call::called_on.lt(before));
                    Ok(rows_changed(diesel::delete(old).execute(conn).await?))
                }),
            )
            .await
    }
}

async fn count_further(conn: &mut Conn, account: &str, day: NaiveDate, limit: u32) -> QueryResult<bool> {
    let below_limit = model_call::table
        .filter(model_call::account_uuid.eq(account))
        .filter(model_call::called_on.eq(day))
        .filter(model_call::calls.lt(i32::try_from(limit).unwrap_or(i32::MAX)));
    let counting = diesel::update(below_limit).set(model_call::calls.eq(model_call::calls + 1));
    Ok(counting.execute(conn).await? > 0)
}

fn filtered(account: &AccountUuid) -> conversation_turn::BoxedQuery<'_, Db> {
    conversation_turn::table.filter(conversation_turn::account_uuid.eq(account.to_string())).into_boxed()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the filters of other lists are passed so")]
fn counters(_account: &AccountUuid) -> Option<Counters> {
    None
}

async fn load(conn: &mut Conn, rows: conversation_turn::BoxedQuery<'_, Db>) -> QueryResult<Vec<Turn>> {
    let rows = rows.select(TurnRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(Turn::try_from).collect::<Result<_, _>>()?)
}
