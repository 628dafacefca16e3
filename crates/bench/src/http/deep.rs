//! The statements that find a page deep in the list of all inquiries.

use std::collections::BTreeMap;

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use crate::Outcome;

/// Ids in a span, and spans in a wide one.
const IDS: i64 = 1024;
const SPANS: i64 = 64;

/// A sum: whether it is not folded yet, and its span.
type Number = (i64, i64, i64);

/// The id of the record that so many others precede, newest first: found by the numbers of records per wide span, then per span,
/// and then along the ids.
pub(super) async fn first_of_page(conn: &mut Conn, offset: u64) -> Outcome<i64> {
    let mut left = i64::try_from(offset)?;
    let mut last = i64::MAX;
    if left > IDS {
        let mut within = (0, i64::MAX);
        for width in [SPANS, 1] {
            let span = span_of(conn, width, within, &mut left).await?;
            within = (span * width, (span + 1) * width - 1);
        }
        last = (within.1 + 1) * IDS - 1;
    }
    let first = "SELECT id FROM inquiry WHERE id <= ? ORDER BY id DESC LIMIT 1 OFFSET ?";
    let first: Option<i64> = conn.exec_first(first, (last, left)).await?;
    Ok(first.ok_or("no such page")?)
}

/// The span of this width that holds the place, of which it subtracts what precedes the span.
async fn span_of(conn: &mut Conn, width: i64, within: (i64, i64), left: &mut i64) -> Outcome<i64> {
    let numbers = "SELECT 0, span, CAST(SUM(n) AS SIGNED) FROM tally WHERE kind = 0 AND level = ? AND span BETWEEN ? AND ? \
                   GROUP BY span UNION ALL SELECT 1, span, CAST(SUM(n) AS SIGNED) FROM tally_delta WHERE kind = 0 \
                   AND span BETWEEN ? AND ? GROUP BY span";
    let (first, last) = within;
    let level = i64::from(width > 1);
    let numbers: Vec<Number> = conn.exec(numbers, (level, first / width, last / width, first, last)).await?;
    let mut sums = BTreeMap::<i64, i64>::new();
    for (is_pending, span, n) in numbers {
        *sums.entry(if is_pending == 1 { span / width } else { span }).or_default() += n;
    }
    for (span, n) in sums.into_iter().rev() {
        if *left < n {
            return Ok(span);
        }
        *left -= n;
    }
    Err("no such page".into())
}
