//! Whether the audit log's index says what the entries say. Whoever can write to the database could
//! otherwise keep entries from being found, or let somebody find those of another, without touching one.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::ChainId;

use super::audit::{chain_of, id_of, places};
use super::audit_index::{SEGMENT, blocks, keys, recorded};
use super::tallies::counted;
use super::{Conn, Outcome};
use crate::error::AuditIndexFault;
use crate::rows::{BlockRow, PostingRow, Term};
use crate::schema::{audit_chain, audit_indexed, audit_posting, audit_segment};

const INDEXED: &str = "audit_indexed";

/// A segment, and where the chain's next one begins.
pub(in super::super) struct Segment {
    id: i64,
    chain: ChainId,
    sequence: i64,
    end: i64,
    recorded: (i64, i64),
}

impl Segment {
    /// What is wrong if it does not say what its entries say.
    pub(in super::super) fn fault(&self) -> AuditIndexFault {
        AuditIndexFault { chain: self.chain, sequence: counted(self.sequence) }
    }
}

/// Every segment, and what can be seen to be wrong without a look into them.
pub(in super::super) async fn segments(conn: &mut Conn) -> Outcome<(Vec<Segment>, Vec<AuditIndexFault>)> {
    let (mut segments, mut faults) = (Vec::new(), Vec::new());
    for stranger in strangers(conn).await? {
        faults.push(AuditIndexFault { chain: chain_of(INDEXED, &stranger)?, sequence: 0 });
    }
    // By one statement: a chain that is being opened is in both tables or in neither.
    let chains: Vec<(Vec<u8>, Option<i64>)> = audit_chain::table
        .left_join(audit_indexed::table.on(audit_indexed::chain.eq(audit_chain::id)))
        .order(audit_chain::id)
        .select((audit_chain::id, audit_indexed::next.nullable()))
        .load(conn)
        .await?;
    for (chain, next) in chains {
        let chain = chain_of(INDEXED, &chain)?;
        // What is beyond is read, and may be part of a segment before this has come to its end.
        let known = of_chain(conn, chain, next.unwrap_or_default()).await?;
        if next.is_none_or(|next| next > 0) && known.iter().all(|segment| segment.sequence != 0) {
            faults.push(AuditIndexFault { chain, sequence: 0 });
        }
        segments.extend(known);
    }
    Ok((segments, faults))
}

async fn of_chain(conn: &mut Conn, chain: ChainId, next: i64) -> Outcome<Vec<Segment>> {
    let rows: Vec<(i64, i64, i64, i64)> = audit_segment::table
        .filter(audit_segment::chain.eq(id_of(chain)).and(audit_segment::sequence.lt(next)))
        .order(audit_segment::sequence)
        .select((
            audit_segment::id,
            audit_segment::sequence,
            audit_segment::recorded_first,
            audit_segment::recorded_last,
        ))
        .load(conn)
        .await?;
    let ends: Vec<_> = rows.iter().skip(1).map(|(_, sequence, ..)| *sequence).chain([next]).collect();
    let segment =
        |((id, sequence, first, last), end)| Segment { id, chain, sequence, end, recorded: (first, last) };
    Ok(rows.into_iter().zip(ends).map(segment).collect())
}

/// Chains that are in the index although they were never opened.
async fn strangers(conn: &mut Conn) -> Outcome<Vec<Vec<u8>>> {
    let mut strangers: Vec<Vec<u8>> = audit_indexed::table
        .left_join(audit_chain::table.on(audit_chain::id.eq(audit_indexed::chain)))
        .filter(audit_chain::id.nullable().is_null())
        .select(audit_indexed::chain)
        .load(conn)
        .await?;
    let in_segments: Vec<Vec<u8>> = audit_segment::table
        .left_join(audit_chain::table.on(audit_chain::id.eq(audit_segment::chain)))
        .filter(audit_chain::id.nullable().is_null())
        .select(audit_segment::chain)
        .distinct()
        .load(conn)
        .await?;
    strangers.extend(in_segments);
    strangers.sort_unstable();
    strangers.dedup();
    Ok(strangers)
}

/// Whether the segment says what its entries say.
pub(in super::super) async fn is_right(conn: &mut Conn, segment: &Segment) -> Outcome<bool> {
    // More than any segment has are not read: other segments are missing.
    let most = i64::from(SEGMENT);
    let mut places = places(conn, segment.chain, segment.sequence, most + 1).await?;
    places.retain(|place| place.sequence < segment.end);
    let entries: i64 = places.iter().map(|place| place.entries).sum();
    if places.len() > SEGMENT as usize || entries >= most + i64::from(BlockRow::ENTRIES) {
        return Ok(false);
    }
    let blocks = blocks(conn, segment.chain, segment.sequence..segment.end).await?;
    let keys = keys(&blocks);
    if recorded(&keys) != Some(segment.recorded) {
        return Ok(false);
    }
    let rows: Vec<PostingRow> = audit_posting::table
        .filter(audit_posting::bucket.eq_any(Term::buckets()))
        .filter(audit_posting::segment.eq(segment.id))
        .select(PostingRow::as_select())
        .load(conn)
        .await?;
    Ok(PostingRow::are_of(&rows, &keys))
}
