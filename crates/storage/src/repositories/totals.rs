//! Stored totals, so that records need not be counted for each page: in `tally`, with changes that are not
//! folded yet in `tally_delta`.

use std::collections::BTreeMap;

use diesel::dsl::count_star;
use diesel::sql_types::SmallInt;
use diesel::{
    CombineDsl as _, ExpressionMethods as _, IntoSql as _, NullableExpressionMethods as _, QueryDsl as _,
};
use diesel_async::RunQueryDsl as _;

use super::{Conn, Db};
use crate::error::{QueryError, QueryResult, is_unique_violation};
use crate::rows::{ColumnReader, NewDeltaRow, counted, rows_changed};
use crate::schema::{account, drug_order, inquiry, tally, tally_delta, whole_sum};
use crate::totals::{Counter, WrongTotal};

/// Number of deltas folded per transaction: few enough not to delay others.
const FOLD: u16 = 500;

/// The sum of these counters: tallies and unfolded deltas in one statement, so that a concurrent fold is
/// visible as a whole or not at all.
pub(super) async fn sum(conn: &mut Conn, counters: &[Counter]) -> QueryResult<u64> {
    if counters.is_empty() {
        return Ok(0);
    }
    let mut folded = tally::table.select(whole_sum(tally::n)).into_boxed::<Db>();
    let mut deltas = tally_delta::table.select(whole_sum(tally_delta::n)).into_boxed::<Db>();
    for counter in counters {
        folded = folded.or_filter(tally::counter.eq(counter.number()));
        deltas = deltas.or_filter(tally_delta::counter.eq(counter.number()));
    }
    let sums: Vec<Option<i64>> = folded.union_all(deltas).load(conn).await?;
    let total: i64 = sums.into_iter().flatten().sum();
    if total < 0 {
        tracing::error!(total, ?counters, "a stored total is negative; the totals have to be recounted");
    }
    Ok(counted(total))
}

/// Every counter, in one statement, like [`sum`].
pub(super) async fn all(conn: &mut Conn) -> QueryResult<Vec<(Counter, u64)>> {
    let folded = tally::table.select((tally::counter, tally::n));
    let pending = tally_delta::table
        .group_by(tally_delta::counter)
        .select((tally_delta::counter, whole_sum(tally_delta::n).assume_not_null()));
    let rows: Vec<(i16, i64)> = folded.union_all(pending).load(conn).await?;
    let mut sums = BTreeMap::<i16, i64>::new();
    for (counter, n) in rows {
        *sums.entry(counter).or_default() += n;
    }
    let of = |(code, n)| {
        let counter = ColumnReader::new("tally", code).present("counter", Counter::of_number(code))?;
        Ok((counter, counted(n)))
    };
    sums.into_iter().map(of).collect()
}

/// Appends changes. Concurrent appends do not block each other.
pub(super) async fn add<D>(conn: &mut Conn, deltas: D) -> QueryResult<()>
where
    D: IntoIterator<Item = NewDeltaRow> + Send,
    D::IntoIter: Send,
{
    let deltas: Vec<_> = deltas.into_iter().collect();
    if !deltas.is_empty() {
        insert_at_commit!(conn, tally_delta::table, deltas)?;
    }
    Ok(())
}

/// Folds some deltas into the tallies; returns how many. If two transactions fold the same deltas, the second
/// finds them gone and is rerun.
pub(super) async fn fold(conn: &mut Conn) -> QueryResult<u64> {
    let rows = tally_delta::table.order(tally_delta::id).limit(FOLD.into());
    let deltas: Vec<(i64, i16, i64)> = rows.load(conn).await?;
    if deltas.is_empty() {
        return Ok(0);
    }
    let mut changes = BTreeMap::<i16, i64>::new();
    for (_, counter, n) in &deltas {
        *changes.entry(*counter).or_default() += n;
    }
    // In counter order, so that concurrent folds do not deadlock.
    for (counter, n) in changes {
        let folded_into = diesel::update(tally::table.filter(tally::counter.eq(counter)))
            .set(tally::n.eq(tally::n + n))
            .execute(conn)
            .await?;
        if folded_into == 0 {
            diesel::insert_into(tally::table)
                .values((tally::counter.eq(counter), tally::n.eq(n)))
                .execute(conn)
                .await?;
        }
    }
    let ids: Vec<i64> = deltas.iter().map(|(id, _, _)| *id).collect();
    let deleted =
        diesel::delete(tally_delta::table.filter(tally_delta::id.eq_any(&ids))).execute(conn).await?;
    if deleted != ids.len() {
        return Err(QueryError::Retry);
    }
    Ok(rows_changed(deleted))
}

/// Whether deltas may be left after folding this many.
pub(super) fn may_have_left_some(folded: u64) -> bool {
    folded >= u64::from(FOLD)
}

/// The stored totals that differ from the number of records.
pub(super) async fn wrong(conn: &mut Conn) -> QueryResult<Vec<WrongTotal>> {
    Ok(recount(conn).await?.into_values().filter_map(Recounted::wrong).collect())
}

/// Corrects wrong totals, and returns them. A compare-and-swap detects a fold or another repair since the
/// count; then everything is counted again.
pub(super) async fn repair(conn: &mut Conn) -> QueryResult<Vec<WrongTotal>> {
    let mut repaired = Vec::new();
    loop {
        let recounted = recount(conn).await?.into_values();
        let wrong: Vec<_> = recounted.filter_map(|known| Some((known, known.wrong()?))).collect();
        if wrong.is_empty() {
            return Ok(repaired);
        }
        for (known, wrong) in wrong {
            if correct(conn, known).await? {
                repaired.push(wrong);
            }
        }
    }
}

/// Sets the stored total to the count; `false` if the tally has changed since.
async fn correct(conn: &mut Conn, known: Recounted) -> QueryResult<bool> {
    let (counter, right) = (known.counter.number(), known.counted - known.pending);
    let Some(folded) = known.folded else {
        let row = (tally::counter.eq(counter), tally::n.eq(right));
        return match diesel::insert_into(tally::table).values(row).execute(conn).await {
            Err(error) if is_unique_violation(&error) => Ok(false),
            inserted => Ok(inserted? > 0),
        };
    };
    let unchanged = tally::table.filter(tally::counter.eq(counter)).filter(tally::n.eq(folded));
    Ok(diesel::update(unchanged).set(tally::n.eq(right)).execute(conn).await? > 0)
}

/// One counter, as stored and as counted.
#[derive(Clone, Copy)]
struct Recounted {
    counter: Counter,
    /// In `tally`, if it has a row there.
    folded: Option<i64>,
    /// In `tally_delta`.
    pending: i64,
    counted: i64,
}

impl Recounted {
    fn wrong(self) -> Option<WrongTotal> {
        let kept = self.folded.unwrap_or_default() + self.pending;
        (kept != self.counted).then_some(WrongTotal {
            counter: self.counter,
            kept,
            counted: counted(self.counted),
        })
    }
}

/// Counts everything and reads the stored totals in one statement, which sees each other transaction as a
/// whole or not at all.
async fn recount(conn: &mut Conn) -> QueryResult<BTreeMap<i16, Recounted>> {
    const INQUIRIES: i16 = 0;
    const DRUG_ORDERS: i16 = 1;
    const ACCOUNTS: i16 = 2;
    const FOLDED: i16 = 3;
    let inquiries = inquiry::table.group_by(inquiry::status).select((
        INQUIRIES.into_sql::<SmallInt>(),
        inquiry::status,
        count_star(),
    ));
    let drug_orders = drug_order::table.group_by(drug_order::status).select((
        DRUG_ORDERS.into_sql::<SmallInt>(),
        drug_order::status,
        count_star(),
    ));
    let accounts = account::table.group_by(account::role).select((
        ACCOUNTS.into_sql::<SmallInt>(),
        account::role,
        count_star(),
    ));
    let folded = tally::table.select((FOLDED.into_sql::<SmallInt>(), tally::counter, tally::n));
    let pending = tally_delta::table.group_by(tally_delta::counter).select((
        (FOLDED + 1).into_sql::<SmallInt>(),
        tally_delta::counter,
        whole_sum(tally_delta::n).assume_not_null(),
    ));
    let rows: Vec<(i16, i16, i64)> = inquiries
        .union_all(drug_orders)
        .union_all(accounts)
        .union_all(folded)
        .union_all(pending)
        .load(conn)
        .await?;
    let mut recounted = BTreeMap::new();
    for (source, code, n) in rows {
        let counter = match source {
            INQUIRIES => {
                ColumnReader::new("inquiry", "of a kind").code("status", code).map(Counter::Inquiries)?
            }
            DRUG_ORDERS => {
                ColumnReader::new("drug_order", "of a kind").code("status", code).map(Counter::DrugOrders)?
            }
            ACCOUNTS => {
                ColumnReader::new("account", "of a kind").code("role", code).map(Counter::Accounts)?
            }
            _ => ColumnReader::new("tally", code).present("counter", Counter::of_number(code))?,
        };
        let known = recounted.entry(counter.number()).or_insert(Recounted {
            counter,
            folded: None,
            pending: 0,
            counted: 0,
        });
        match source {
            INQUIRIES | DRUG_ORDERS | ACCOUNTS => known.counted = n,
            FOLDED => known.folded = Some(n),
            _ => known.pending = n,
        }
    }
    Ok(recounted)
}
