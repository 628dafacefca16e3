use std::ops::RangeInclusive;

use diesel::{CombineDsl as _, ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;

use super::{Conn, Outcome};
use crate::error::QueryError;
use crate::rows::NewDeltaRow;
use crate::schema::{tally, tally_delta, whole_sum};

/// How many deltas are folded in one transaction: few enough that it holds up nobody.
const FOLD: u16 = 500;

/// The sum of these counters: the tallies and the deltas that are not folded yet, in one statement,
/// so that a fold at the same time is seen either not at all or as a whole.
pub(super) async fn sum(conn: &mut Conn, counters: RangeInclusive<i16>) -> Outcome<u64> {
    let (first, last) = counters.into_inner();
    let folded = tally::table.filter(tally::counter.between(first, last)).select(whole_sum(tally::n));
    let deltas = tally_delta::table
        .filter(tally_delta::counter.between(first, last))
        .select(whole_sum(tally_delta::n));
    let sums: Vec<Option<i64>> = folded.union_all(deltas).load(conn).await?;
    Ok(counted(sums.into_iter().flatten().sum()))
}

/// A number of rows as the ports give it.
pub(super) fn counted(n: i64) -> u64 {
    // Below zero only if somebody tampered with the tables; a list that is there is shown anyway.
    u64::try_from(n).unwrap_or_default()
}

/// Appends changes. Appending makes no two transactions wait for each other.
pub(super) async fn add<D>(conn: &mut Conn, deltas: D) -> Outcome<()>
where
    D: IntoIterator<Item = NewDeltaRow> + Send,
    D::IntoIter: Send,
{
    let deltas: Vec<_> = deltas.into_iter().collect();
    match deltas.as_slice() {
        [] => {}
        // Of fixed length, the statement is prepared once per connection.
        [one] => insert_all!(conn, tally_delta::table, [*one])?,
        [one, two] => insert_all!(conn, tally_delta::table, [*one, *two])?,
        all => insert_all!(conn, tally_delta::table, all)?,
    }
    Ok(())
}

/// Folds some deltas into the tallies; gives how many. Whoever loses a race for the same deltas
/// finds them gone and starts over.
pub(in super::super) async fn fold(conn: &mut Conn) -> Outcome<u64> {
    let rows = tally_delta::table.order(tally_delta::id).limit(FOLD.into());
    let deltas: Vec<(i64, i16, i64)> = rows.load(conn).await?;
    if deltas.is_empty() {
        return Ok(0);
    }
    let mut changes = std::collections::BTreeMap::<i16, i64>::new();
    for (_, counter, n) in &deltas {
        *changes.entry(*counter).or_default() += n;
    }
    // In the order of counters, so that two folds at once do not lock each other out.
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
        return Err(QueryError::Again);
    }
    Ok(u64::try_from(deleted).unwrap_or(u64::MAX))
}

/// Whether a fold of this many may have left some.
pub(in super::super) fn may_have_left_some(folded: u64) -> bool {
    folded >= u64::from(FOLD)
}
