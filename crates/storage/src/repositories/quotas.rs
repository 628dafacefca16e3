//! Daily quotas of accounts.

use async_trait::async_trait;
use chrono::NaiveDate;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::AccountUuid;
use yilin_domain::port::{PortError, Quota, QuotaRepository};

use super::{Conn, Database};
use crate::error::{QueryResult, is_unique_violation};
use crate::rows::{StoredCode as _, rows_changed, stored_count};
use crate::schema::quota_use;

/// Key of a count.
#[derive(Debug, Clone, Copy)]
struct Count {
    account: AccountUuid,
    quota: Quota,
    day: NaiveDate,
}

#[diesel::dsl::auto_type]
fn row(count: Count) -> _ {
    let (account, quota): (String, i16) = (count.account.to_string(), count.quota.code());
    let day: NaiveDate = count.day;
    quota_use::table
        .filter(quota_use::account_uuid.eq(account))
        .filter(quota_use::quota.eq(quota))
        .filter(quota_use::used_on.eq(day))
}

/// Adds to a count, creating its row if necessary.
async fn add(conn: &mut Conn, count: Count, amount: i64) -> QueryResult<()> {
    let adding = quota_use::amount.eq(quota_use::amount + amount);
    if diesel::update(row(count)).set(adding).execute(conn).await? > 0 {
        return Ok(());
    }
    let first = (
        quota_use::account_uuid.eq(count.account.to_string()),
        quota_use::quota.eq(count.quota.code()),
        quota_use::used_on.eq(count.day),
        quota_use::amount.eq(amount),
    );
    match diesel::insert_into(quota_use::table).values(first).execute(conn).await {
        // A concurrent unit of work was faster; this waits for it.
        Err(error) if is_unique_violation(&error) => {
            diesel::update(row(count)).set(adding).execute(conn).await?;
            Ok(())
        }
        inserted => Ok(inserted.map(drop)?),
    }
}

/// Adds first, which locks the row until the transaction ends, and then subtracts the excess.
async fn take(conn: &mut Conn, count: Count, wanted: i64, limit: i64) -> QueryResult<i64> {
    add(conn, count, wanted).await?;
    let used: i64 = row(count).select(quota_use::amount).first(conn).await?;
    let too_much = used.saturating_sub(limit).clamp(0, wanted);
    if too_much > 0 {
        add(conn, count, -too_much).await?;
    }
    Ok(wanted - too_much)
}

#[async_trait]
impl QuotaRepository for Database {
    async fn take(
        &self,
        account: AccountUuid,
        quota: Quota,
        day: NaiveDate,
        wanted: u64,
        limit: u64,
    ) -> Result<u64, PortError> {
        let count = Count { account, quota, day };
        let (wanted, limit) = (stored_count(wanted), stored_count(limit));
        if wanted == 0 {
            return Ok(0);
        }
        let taken = self.engine.write(
            (count, wanted, limit),
            work!(|conn, (count, wanted, limit)| take(conn, *count, *wanted, *limit).await),
        );
        Ok(u64::try_from(taken.await?).unwrap_or(0))
    }

    async fn give_back(
        &self,
        account: AccountUuid,
        quota: Quota,
        day: NaiveDate,
        amount: u64,
    ) -> Result<(), PortError> {
        let count = Count { account, quota, day };
        self.engine
            .write(
                (count, stored_count(amount)),
                work!(|conn, (count, amount)| add(conn, *count, -*amount).await),
            )
            .await
    }

    async fn forget_quotas(&self, before: NaiveDate) -> Result<u64, PortError> {
        self.engine
            .write(
                before,
                work!(|conn, before| {
                    let old = quota_use::table.filter(quota_use::used_on.lt(before));
                    Ok(rows_changed(diesel::delete(old).execute(conn).await?))
                }),
            )
            .await
    }
}
