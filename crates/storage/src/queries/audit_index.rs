//! The audit log's inverted index. A term is something that entries can be found by; a posting has the
//! numbers of a term's entries within one segment, which is some thousand entries of one chain. Written
//! that seldom and that densely, the index costs an entry little, which indexes of the database do not.

use std::ops::Range;

use diesel::sql_types::BigInt;
use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, Insertable as _, IntoSql as _,
    OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::ChainId;
use yilin_domain::transition::Stale;

use super::audit::{id_of, places};
use super::tallies::counted;
use super::{Conn, Outcome, last_id};
use crate::error::QueryError;
use crate::rows::{BlockRow, PostingRow, SearchKeys};
use crate::schema::{audit_block, audit_chain, audit_indexed, audit_posting, audit_segment};

/// How many entries a segment has at least, but for the last one of a chain that has ended. The more,
/// the fewer postings; and the more entries that are in no segment yet every search has to read.
pub(in super::super) const SEGMENT: u32 = 4096;

/// Whether it is time to look whether there is enough for a segment, after these places were taken.
pub(in super::super) fn is_due(first: u64, last: u64) -> bool {
    let looks = u64::from(SEGMENT / 4);
    first / looks != last.saturating_add(1) / looks
}

/// Makes a segment of the chain's next blocks, if they have at least so many entries; gives how many
/// they have. Undone if somebody else was faster.
pub(in super::super) async fn index(conn: &mut Conn, chain: ChainId, at_least: u32) -> Outcome<u64> {
    let next = audit_indexed::table.find(id_of(chain)).select(audit_indexed::next);
    let Some(next) = next.first::<i64>(conn).await.optional()? else { return Ok(0) };
    let mut end = next;
    let mut found = 0;
    for place in places(conn, chain, next, i64::from(SEGMENT)).await? {
        if found >= i64::from(SEGMENT) {
            break;
        }
        found += place.entries;
        end = place.end();
    }
    if found < i64::from(at_least.max(1)) {
        return Ok(0);
    }
    // First, so that two who do the same find out before they have done the work.
    let claimed = audit_indexed::table.find(id_of(chain)).filter(audit_indexed::next.eq(next));
    if diesel::update(claimed).set(audit_indexed::next.eq(end)).execute(conn).await? == 0 {
        return Err(QueryError::Stale(Stale));
    }
    let blocks = blocks(conn, chain, next..end).await?;
    let keys = keys(&blocks);
    let Some((first, last)) = recorded(&keys) else { return Ok(counted(found)) };
    diesel::insert_into(audit_segment::table)
        .values((
            audit_segment::chain.eq(id_of(chain)),
            audit_segment::sequence.eq(next),
            audit_segment::recorded_first.eq(first),
            audit_segment::recorded_last.eq(last),
        ))
        .execute(conn)
        .await?;
    let rows = PostingRow::of(last_id(conn).await?, &keys).map_err(QueryError::Other)?;
    insert_all!(conn, audit_posting::table, &rows)?;
    Ok(counted(found))
}

/// Forgets the index, so that each chain is read until it is indexed again.
pub(in super::super) async fn empty(conn: &mut Conn) -> Outcome<()> {
    diesel::delete(audit_posting::table).execute(conn).await?;
    diesel::delete(audit_segment::table).execute(conn).await?;
    diesel::delete(audit_indexed::table).execute(conn).await?;
    audit_chain::table
        .select((audit_chain::id, 0.into_sql::<BigInt>()))
        .insert_into(audit_indexed::table)
        .into_columns((audit_indexed::chain, audit_indexed::next))
        .execute(conn)
        .await?;
    Ok(())
}

/// The chain's blocks that begin at these places.
pub(super) async fn blocks(conn: &mut Conn, chain: ChainId, places: Range<i64>) -> Outcome<Vec<BlockRow>> {
    Ok(audit_block::table
        .filter(audit_block::chain.eq(id_of(chain)))
        .filter(audit_block::sequence.ge(places.start).and(audit_block::sequence.lt(places.end)))
        .order(audit_block::sequence)
        .select(BlockRow::as_select())
        .load(conn)
        .await?)
}

/// When the first and the last of them were recorded.
pub(super) fn recorded(keys: &[(u64, SearchKeys<'_>)]) -> Option<(i64, i64)> {
    let recorded = keys.iter().map(|(_, keys)| keys.recorded);
    Some((recorded.clone().min()?, recorded.max()?))
}

/// The numbers of the blocks' entries, and what they can be found by.
pub(super) fn keys(blocks: &[BlockRow]) -> Vec<(u64, SearchKeys<'_>)> {
    let mut numbered = Vec::new();
    for block in blocks {
        match block.keys() {
            Ok(keys) => numbered.extend((block.first_entry()..).zip(keys)),
            // Somebody has tampered with it, which whoever verifies the log is told. The others must be
            // found all the same.
            Err(corrupt) => tracing::error!(?corrupt, "entries of the audit log cannot be read"),
        }
    }
    numbered
}
