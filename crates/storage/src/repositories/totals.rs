//! Stored totals, so that records need not be counted for each page: in `tally`, with changes that are not
//! folded yet in `tally_delta`.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::sql_types::SmallInt;
use diesel::{
    CombineDsl as _, ExpressionMethods as _, IntoSql as _, NullableExpressionMethods as _, QueryDsl as _,
};
use diesel_async::RunQueryDsl as _;

use super::{ADD_TO_N, Conn, Db};
use crate::error::{QueryError, QueryResult};
use crate::rows::{
    ColumnReader, Counters, IDS_IN_SPAN, Level, NewDeltaRow, counted, day_of_span, last_id_in, rows_changed,
    span_of_day,
};
use crate::schema::{tally, tally_delta, whole_sum};
use crate::totals::Counter;

/// Number of deltas folded per transaction: few enough not to delay others.
const FOLD: u16 = 500;

/// The rows of `tally` or `tally_delta` that are about these counters. Boxed, because there are few texts.
macro_rules! of_counters {
    ($table:ident, $rows:expr, $counters:expr) => {{
        let mut rows = $rows.into_boxed::<Db>();
        // First, because they are alternatives.
        for code in $counters.codes() {
            rows = rows.or_filter($table::code.eq(code));
        }
        rows.filter($table::kind.eq($counters.kind()))
    }};
}

/// The sum of these counters: tallies and unfolded deltas in one statement, so that a concurrent fold is
/// visible as a whole or not at all.
pub(super) async fn sum(conn: &mut Conn, counters: &Counters) -> QueryResult<u64> {
    let folded = of_counters!(tally, tally::table.select(whole_sum(tally::n)), counters)
        .filter(tally::level.eq(Level::Whole.code()))
        .filter(tally::span.eq(0));
    let deltas = of_counters!(tally_delta, tally_delta::table.select(whole_sum(tally_delta::n)), counters);
    let sums: Vec<Option<i64>> = folded.union_all(deltas).load(conn).await?;
    let total: i64 = sums.into_iter().flatten().sum();
    if total < 0 {
        tracing::error!(total, ?counters, "a stored total is negative; the totals have to be recounted");
    }
    Ok(counted(total))
}

/// Every counter of records by their ids, in one statement, like [`sum`].
pub(super) async fn all(conn: &mut Conn) -> QueryResult<Vec<(Counter, u64)>> {
    let folded = tally::table.filter(tally::level.eq(Level::Whole.code())).select((
        tally::kind,
        tally::code,
        tally::n,
    ));
    let pending = tally_delta::table.group_by((tally_delta::kind, tally_delta::code)).select((
        tally_delta::kind,
        tally_delta::code,
        whole_sum(tally_delta::n).assume_not_null(),
    ));
    let rows: Vec<(i16, i16, i64)> = folded.union_all(pending).load(conn).await?;
    let mut sums = BTreeMap::<(i16, i16), i64>::new();
    for (kind, code, n) in rows {
        *sums.entry((kind, code)).or_default() += n;
    }
    let mut all = Vec::with_capacity(sums.len());
    for ((kind, code), n) in sums {
        let counter = counter(kind, code)?;
        if counter.levels().contains(&Level::Whole) {
            all.push((counter, counted(n)));
        }
    }
    Ok(all)
}

/// The counter of this kind and code.
pub(super) fn counter(kind: i16, code: i16) -> QueryResult<Counter> {
    Ok(ColumnReader::new("tally", kind).present("code", Counter::of_key(kind, code))?)
}

/// The numbers of these counters from a day on: the days that have any, in order.
pub(super) async fn by_day(
    conn: &mut Conn,
    counters: &Counters,
    from: NaiveDate,
) -> QueryResult<Vec<(NaiveDate, Counter, u64)>> {
    let from = span_of_day(from);
    let rows = numbers(conn, counters, (from, i64::MAX)).await?;
    let mut days = Vec::with_capacity(rows.len());
    for ((span, (kind, code)), n) in rows {
        let day = ColumnReader::new("tally", kind).present("span", day_of_span(span))?;
        if n != 0 {
            days.push((day, counter(kind, code)?, counted(n)));
        }
    }
    Ok(days)
}

/// A place in a list in id order, newest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// An id that is not below the record's.
    pub(super) last: i64,
    /// The number of records between.
    pub(super) offset: i64,
}

/// Where the record is that this many others of these counters precede, newest first. Read from the numbers of records
/// per range of ids, so that the records before it are not walked past.
pub(super) async fn place(conn: &mut Conn, counters: &Counters, offset: i64) -> QueryResult<Place> {
    let beginning = Place { last: i64::MAX, offset };
    let mut left = offset;
    let mut within = (0, i64::MAX);
    if counted(offset) <= IDS_IN_SPAN {
        return Ok(beginning);
    }
    for level in [Level::Wide, Level::Span] {
        let mut found = None;
        for (span, n) in sums(conn, counters, level, within).await?.into_iter().rev() {
            if left < n {
                found = Some(span);
                break;
            }
            left -= n;
        }
        // The numbers have changed between the levels.
        let Some(span) = found else { return Ok(beginning) };
        within = level.spans(span);
    }
    Ok(Place { last: last_id_in(within.1), offset: left })
}

/// The numbers of these counters together, by span of a level, from the first to the last of the spans of level
/// [`Level::Span`]; in one statement, like [`sum`].
async fn sums(
    conn: &mut Conn,
    counters: &Counters,
    level: Level,
    (first, last): (i64, i64),
) -> QueryResult<BTreeMap<i64, i64>> {
    const FOLDED: i16 = 0;
    const PENDING: i16 = 1;
    let folded = tally::table.group_by(tally::span).select((
        FOLDED.into_sql::<SmallInt>(),
        tally::span,
        whole_sum(tally::n).assume_not_null(),
    ));
    let folded = of_counters!(tally, folded, counters)
        .filter(tally::level.eq(level.code()))
        .filter(tally::span.between(level.span(first), level.span(last)));
    let pending = tally_delta::table.group_by(tally_delta::span).select((
        PENDING.into_sql::<SmallInt>(),
        tally_delta::span,
        whole_sum(tally_delta::n).assume_not_null(),
    ));
    let pending = of_counters!(tally_delta, pending, counters).filter(tally_delta::span.between(first, last));
    let rows: Vec<(i16, i64, i64)> = folded.union_all(pending).load(conn).await?;
    let mut sums = BTreeMap::new();
    for (source, span, n) in rows {
        let span = if source == FOLDED { span } else { level.span(span) };
        *sums.entry(span).or_default() += n;
    }
    Ok(sums)
}

/// The numbers of these counters, by span of level [`Level::Span`], kind and code, from the first span to the last; in one
/// statement, like [`sum`].
async fn numbers(
    conn: &mut Conn,
    counters: &Counters,
    (first, last): (i64, i64),
) -> QueryResult<BTreeMap<(i64, (i16, i16)), i64>> {
    let folded = tally::table.select((tally::kind, tally::code, tally::span, tally::n));
    let folded = of_counters!(tally, folded, counters)
        .filter(tally::level.eq(Level::Span.code()))
        .filter(tally::span.between(first, last));
    let pending =
        tally_delta::table.select((tally_delta::kind, tally_delta::code, tally_delta::span, tally_delta::n));
    let pending = of_counters!(tally_delta, pending, counters).filter(tally_delta::span.between(first, last));
    let rows: Vec<(i16, i16, i64, i64)> = folded.union_all(pending).load(conn).await?;
    let mut numbers = BTreeMap::new();
    for (kind, code, span, n) in rows {
        *numbers.entry((span, (kind, code))).or_default() += n;
    }
    Ok(numbers)
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
    let deltas: Vec<(i64, i16, i16, i64, i64)> = rows.load(conn).await?;
    if deltas.is_empty() {
        return Ok(0);
    }
    let mut changes = BTreeMap::<(i16, Level, i64, i16), i64>::new();
    for (_, kind, code, span, n) in &deltas {
        for level in counter(*kind, *code)?.levels() {
            *changes.entry((*kind, *level, level.span(*span), *code)).or_default() += n;
        }
    }
    // In the order of the key, so that concurrent folds do not deadlock. All values are numbers.
    let values: Vec<String> = changes
        .into_iter()
        .filter(|(_, n)| *n != 0)
        .map(|((kind, level, span, code), n)| format!("({kind}, {}, {span}, {code}, {n})", level.code()))
        .collect();
    if !values.is_empty() {
        let values = values.join(", ");
        let fold = format!("INSERT INTO tally (kind, level, span, code, n) VALUES {values} {ADD_TO_N}");
        diesel::sql_query(fold).execute(conn).await?;
    }
    let ids: Vec<i64> = deltas.iter().map(|(id, ..)| *id).collect();
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
