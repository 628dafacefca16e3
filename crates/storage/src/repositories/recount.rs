//! Recounting the stored totals.

use std::collections::BTreeMap;

use diesel::sql_types::{BigInt, SmallInt};
use diesel::{BoolExpressionMethods as _, ExpressionMethods as _, QueryDsl as _, QueryableByName};
use diesel_async::RunQueryDsl as _;

use super::totals::counter;
use super::{Conn, day_number};
use crate::error::{QueryError, QueryResult, is_unique_violation};
use crate::rows::{ColumnReader, counted};
use crate::schema::tally;
use crate::totals::WrongTotal;

/// The stored totals that differ from the number of records.
pub(super) async fn wrong(conn: &mut Conn) -> QueryResult<Vec<WrongTotal>> {
    recount(conn).await?.iter().filter_map(|(key, sums)| sums.wrong(key).transpose()).collect()
}

/// Corrects wrong totals, and returns them. A compare-and-swap detects a fold or another repair since the
/// count; then everything is counted again.
pub(super) async fn repair(conn: &mut Conn) -> QueryResult<Vec<WrongTotal>> {
    let mut repaired = Vec::new();
    loop {
        let mut is_right = true;
        for (key, sums) in recount(conn).await? {
            let Some(wrong) = sums.wrong(&key)? else { continue };
            is_right = false;
            if correct(conn, key, sums).await? {
                repaired.push(wrong);
            }
        }
        if is_right {
            return Ok(repaired);
        }
    }
}

/// Sets the stored total to the count; `false` if the tally has changed since.
async fn correct(conn: &mut Conn, key: Key, sums: Sums) -> QueryResult<bool> {
    let Key { kind, level, span, code } = key;
    let right = sums.counted - sums.pending;
    let Some(folded) = sums.folded else {
        let row = (
            tally::kind.eq(kind),
            tally::level.eq(level),
            tally::span.eq(span),
            tally::code.eq(code),
            tally::n.eq(right),
        );
        return match diesel::insert_into(tally::table).values(row).execute(conn).await {
            Err(error) if is_unique_violation(&error) => Ok(false),
            inserted => Ok(inserted? > 0),
        };
    };
    let row = tally::kind.eq(kind).and(tally::level.eq(level));
    let row = row.and(tally::span.eq(span)).and(tally::code.eq(code));
    let unchanged = tally::table.filter(row).filter(tally::n.eq(folded));
    Ok(diesel::update(unchanged).set(tally::n.eq(right)).execute(conn).await? > 0)
}

/// The key of a row of `tally`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    kind: i16,
    level: i16,
    span: i64,
    code: i16,
}

/// One number, as stored and as counted.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// In `tally`, if it has a row there.
    folded: Option<i64>,
    /// In `tally_delta`.
    pending: i64,
    counted: i64,
}

impl Sums {
    fn wrong(self, key: &Key) -> QueryResult<Option<WrongTotal>> {
        let kept = self.folded.unwrap_or_default() + self.pending;
        if kept == self.counted {
            return Ok(None);
        }
        let counter = counter(key.kind, key.code)?;
        let columns = ColumnReader::new("tally", format!("{key:?}"));
        let part = columns.present("level", counter.part(key.level, key.span))?;
        Ok(Some(WrongTotal { counter, part, kept, counted: counted(self.counted) }))
    }
}

#[derive(QueryableByName)]
struct CountedRow {
    #[diesel(sql_type = SmallInt)]
    source: i16,
    #[diesel(sql_type = SmallInt)]
    kind: i16,
    #[diesel(sql_type = SmallInt)]
    level: i16,
    #[diesel(sql_type = BigInt)]
    span: i64,
    #[diesel(sql_type = SmallInt)]
    code: i16,
    #[diesel(sql_type = BigInt)]
    n: i64,
}

const COUNTED: i16 = 0;
const PENDING: i16 = 1;
const FOLDED: i16 = 2;

/// Counts everything and reads the stored totals in one statement, which sees each other transaction as a
/// whole or not at all.
async fn recount(conn: &mut Conn) -> QueryResult<BTreeMap<Key, Sums>> {
    let appointed = day_number("appointment_day");
    let created = day_number("created_on");
    let of = |kind, table, span: &str, code| {
        format!(
            "SELECT {COUNTED} AS source, {kind} AS kind, 0 AS level, {span} AS span, {code} AS code, COUNT(*) AS n \
             FROM {table} GROUP BY 4, 5"
        )
    };
    let by_id = "CAST(id >> 10 AS SIGNED)";
    let text = [
        of(0, "inquiry", by_id, "status"),
        of(1, "drug_order", by_id, "status"),
        of(2, "account", by_id, "role"),
        of(3, "inquiry", &appointed, "visit_type"),
        of(4, "drug_order", &created, "0"),
        format!(
            "SELECT {PENDING}, kind, 0, span, code, CAST(SUM(n) AS SIGNED) FROM tally_delta GROUP BY kind, span, code"
        ),
        format!("SELECT {FOLDED}, kind, level, span, code, n FROM tally"),
    ];
    let rows: Vec<CountedRow> = diesel::sql_query(text.join(" UNION ALL ")).load(conn).await?;
    let mut recounted = BTreeMap::<Key, Sums>::new();
    for CountedRow { source, kind, level, span, code, n } in rows {
        if source == FOLDED {
            recounted.entry(Key { kind, level, span, code }).or_default().folded = Some(n);
            continue;
        }
        for level in counter(kind, code)?.levels() {
            let key = Key { kind, level: level.code(), span: level.span(span), code };
            let sums = recounted.entry(key).or_default();
            match source {
                COUNTED => sums.counted += n,
                PENDING => sums.pending += n,
                _ => return Err(QueryError::Other("the recount has another source".into())),
            }
        }
    }
    Ok(recounted)
}
