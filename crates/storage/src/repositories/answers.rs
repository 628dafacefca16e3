//! First answers to requests with a key.

use async_trait::async_trait;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::idempotency::{Claim, KeyUsed, Receipt, StoredAnswer};
use yilin_domain::port::{AnswerRepository, PortError};

use super::{Conn, Database, now};
use crate::error::{QueryError, QueryResult, is_unique_violation};
use crate::rows::{rows_changed, stored_time};
use crate::schema::idempotent_answer;

/// The row of a claim's key.
macro_rules! row {
    ($claim:expr) => {
        idempotent_answer::table
            .filter(idempotent_answer::caller.eq($claim.caller.to_string()))
            .filter(idempotent_answer::route.eq($claim.route))
            .filter(idempotent_answer::key_digest.eq($claim.key.as_slice()))
    };
}

#[async_trait]
impl AnswerRepository for Database {
    async fn find(&self, claim: &Claim) -> Result<Option<StoredAnswer>, PortError> {
        self.engine
            .read(
                *claim,
                work!(|conn, claim| {
                    let rows = row!(claim).select((
                        idempotent_answer::body_digest,
                        idempotent_answer::answer,
                        idempotent_answer::made_at,
                    ));
                    let found = rows.first::<(Vec<u8>, String, NaiveDateTime)>(conn).await.optional()?;
                    let Some((content, answer, made_at)) = found else { return Ok(None) };
                    if made_at <= latest_expired(conn, claim).await? {
                        return Ok(None);
                    }
                    let content = content
                        .try_into()
                        .map_err(|_| QueryError::Other("a digest of 32 bytes has another length".into()))?;
                    Ok(Some(StoredAnswer { content, answer }))
                }),
            )
            .await
    }

    async fn forget_answers(&self, age: TimeDelta) -> Result<u64, PortError> {
        self.engine
            .write(
                age,
                work!(|conn, age| {
                    let before = stored_time(now(conn).await? - *age);
                    let old = idempotent_answer::table.filter(idempotent_answer::made_at.lt(before));
                    Ok(rows_changed(diesel::delete(old).execute(conn).await?))
                }),
            )
            .await
    }
}

/// Takes the key of a request that is about to create something. A transaction that has the same key makes
/// this one wait for its end.
pub(super) async fn claim<T>(
    conn: &mut Conn,
    receipt: Option<&Receipt<T>>,
) -> QueryResult<Result<(), KeyUsed>> {
    let Some(Receipt { claim, .. }) = receipt else { return Ok(Ok(())) };
    let values = (
        idempotent_answer::body_digest.eq(claim.content.as_slice()),
        idempotent_answer::answer.eq(""),
        idempotent_answer::made_at.eq(stored_time(now(conn).await?)),
    );
    let key = (
        idempotent_answer::caller.eq(claim.caller.to_string()),
        idempotent_answer::route.eq(claim.route),
        idempotent_answer::key_digest.eq(claim.key.as_slice()),
    );
    match diesel::insert_into(idempotent_answer::table).values((key, values)).execute(conn).await {
        Ok(_) => return Ok(Ok(())),
        Err(error) if is_unique_violation(&error) => {}
        Err(error) => return Err(error.into()),
    }
    // Looked at before it is changed: those that waited for the row share a lock on it, and changing it
    // would make them wait for each other.
    let made_at =
        row!(claim).select(idempotent_answer::made_at).first::<NaiveDateTime>(conn).await.optional()?;
    let expired = latest_expired(conn, claim).await?;
    if made_at.is_some_and(|made_at| made_at > expired) {
        return Ok(Err(KeyUsed));
    }
    let expired = row!(claim).filter(idempotent_answer::made_at.le(expired));
    let taken_over = diesel::update(expired).set(values).execute(conn).await?;
    Ok(if taken_over > 0 { Ok(()) } else { Err(KeyUsed) })
}

/// Stores the answer to the request that has taken its key.
pub(super) async fn keep<T>(conn: &mut Conn, receipt: Option<&Receipt<T>>, created: &T) -> QueryResult<()> {
    let Some(receipt) = receipt else { return Ok(()) };
    let answer = idempotent_answer::answer.eq(receipt.answer(created));
    diesel::update(row!(&receipt.claim)).set(answer).execute(conn).await?;
    Ok(())
}

/// Gives the key back of a request that creates nothing.
pub(super) async fn release<T>(conn: &mut Conn, receipt: Option<&Receipt<T>>) -> QueryResult<()> {
    let Some(Receipt { claim, .. }) = receipt else { return Ok(()) };
    diesel::delete(row!(claim)).execute(conn).await?;
    Ok(())
}

/// The time at which the newest answers were made that do not count any more.
async fn latest_expired(conn: &mut Conn, claim: &Claim) -> QueryResult<NaiveDateTime> {
    Ok(stored_time(now(conn).await? - claim.lifetime))
}
