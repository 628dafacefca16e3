//! Finding entries of the audit log: along the index, and by reading what is not in it yet.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use roaring::RoaringTreemap;
use yilin_domain::audit::{AuditFilter, AuditRecord, AuditRecordId};
use yilin_domain::list::{Page, PageRequest};

use super::{Conn, Outcome};
use crate::rows::{BlockRow, PostingRow, Reading, Term, stored_micros};
use crate::schema::{audit_block, audit_indexed, audit_posting, audit_segment};

/// One page, newest first.
pub(in super::super) async fn page(
    conn: &mut Conn,
    filter: &AuditFilter,
    page: PageRequest,
) -> Outcome<Page<AuditRecord>> {
    let found = numbers(conn, filter).await?;
    let before = found.len().saturating_sub(page.offset());
    let items = records(conn, &found, before, page.size.into()).await?;
    Ok(Page { total: found.len(), items })
}

/// The next entries with a number below `before`, newest first.
pub(in super::super) async fn batch(
    conn: &mut Conn,
    filter: &AuditFilter,
    before: Option<AuditRecordId>,
    limit: u16,
) -> Outcome<Vec<AuditRecord>> {
    let found = numbers(conn, filter).await?;
    let before = match before.map(|AuditRecordId(before)| u64::try_from(before).unwrap_or_default()) {
        Some(0) => 0,
        Some(before) => found.rank(before - 1),
        None => found.len(),
    };
    records(conn, &found, before, limit.into()).await
}

/// The numbers of all entries that the filter lets through.
async fn numbers(conn: &mut Conn, filter: &AuditFilter) -> Outcome<RoaringTreemap> {
    let terms = Term::of_filter(filter);
    let times = filter.from.map_or(i64::MIN, stored_micros)..filter.to.map_or(i64::MAX, stored_micros);
    // Before the postings are read: what becomes part of them meanwhile is then found twice instead of
    // never.
    let mut found = RoaringTreemap::new();
    let unindexed = unindexed(conn).await?;
    visit(conn, &unindexed, |block| {
        found |= admitted(&block, &terms, &times)?;
        Ok(())
    })
    .await?;
    let mut indexed: Option<Postings> = None;
    for term in &terms {
        let postings = postings(conn, term, &times).await?;
        indexed = Some(match indexed {
            Some(Postings { all, unsure }) => Postings { all: all & postings.all, unsure },
            None => postings,
        });
    }
    let Some(Postings { mut all, mut unsure }) = indexed else { return Ok(found) };
    // Of segments that begin or end outside the times wanted, some entries may be.
    unsure &= &all;
    all -= &unsure;
    found |= all;
    let mut sure = RoaringTreemap::new();
    visit(conn, &blocks_of(&unsure), |block| {
        sure |= admitted(&block, &terms, &times)? & &unsure;
        Ok(())
    })
    .await?;
    Ok(found | sure)
}

/// The numbers of the blocks that are in no segment yet.
async fn unindexed(conn: &mut Conn) -> Outcome<Vec<i64>> {
    let is_beyond =
        audit_block::chain.eq(audit_indexed::chain).and(audit_block::sequence.ge(audit_indexed::next));
    Ok(audit_indexed::table
        .inner_join(audit_block::table.on(is_beyond))
        .select(audit_block::id)
        .load(conn)
        .await?)
}

/// The numbers of the block's entries that the filter lets through.
fn admitted(block: &BlockRow, terms: &[Term<'_>], times: &Range<i64>) -> Outcome<RoaringTreemap> {
    let keys = block.keys()?;
    let numbered = (block.first_entry()..).zip(&keys);
    let admitted = numbered.filter(|(_, keys)| {
        let of_entry: Vec<_> = Term::of_entry(keys).collect();
        times.contains(&keys.recorded) && terms.iter().all(|term| of_entry.contains(term))
    });
    Ok(admitted.map(|(number, _)| number).collect())
}

struct Postings {
    all: RoaringTreemap,
    /// Those of them whose time has to be looked at.
    unsure: RoaringTreemap,
}

/// A term's entries, in segments that may have some of the times wanted.
async fn postings(conn: &mut Conn, term: &Term<'_>, times: &Range<i64>) -> Outcome<Postings> {
    let rows: Vec<(PostingRow, i64, i64)> = audit_posting::table
        .inner_join(audit_segment::table.on(audit_segment::id.eq(audit_posting::segment)))
        .filter(audit_posting::bucket.eq(term.bucket()))
        .filter(audit_segment::recorded_last.ge(times.start).and(audit_segment::recorded_first.lt(times.end)))
        .select((PostingRow::as_select(), audit_segment::recorded_first, audit_segment::recorded_last))
        .load(conn)
        .await?;
    let mut postings = Postings { all: RoaringTreemap::new(), unsure: RoaringTreemap::new() };
    for (row, first, last) in rows {
        let entries = row.entries(term)?;
        if first < times.start || last >= times.end {
            postings.unsure |= &entries;
        }
        postings.all |= entries;
    }
    Ok(postings)
}

/// The numbers of the blocks that have these entries.
fn blocks_of(entries: &RoaringTreemap) -> Vec<i64> {
    let ids: BTreeSet<i64> = entries.iter().map(BlockRow::of_entry).collect();
    ids.into_iter().collect()
}

/// Shows these blocks, some at a time: they may be large, and many.
async fn visit(
    conn: &mut Conn,
    ids: &[i64],
    mut look: impl FnMut(BlockRow) -> Outcome<()> + Send,
) -> Outcome<()> {
    /// How many blocks are in memory at the same time.
    const BLOCKS: usize = 128;
    for ids in ids.chunks(BLOCKS) {
        let rows = audit_block::table.filter(audit_block::id.eq_any(ids)).select(BlockRow::as_select());
        for block in rows.load(conn).await? {
            look(block)?;
        }
    }
    Ok(())
}

/// So many of these entries, newest first: those just before a place among them.
async fn records(
    conn: &mut Conn,
    found: &RoaringTreemap,
    before: u64,
    number: u64,
) -> Outcome<Vec<AuditRecord>> {
    let places = before.saturating_sub(number)..before;
    let wanted: RoaringTreemap = places.filter_map(|place| found.select(place)).collect();
    let mut records = BTreeMap::new();
    visit(conn, &blocks_of(&wanted), |block| {
        let is_wanted = |record: &AuditRecord| u64::try_from(record.id.0).is_ok_and(|id| wanted.contains(id));
        let found = block.records()?.into_iter().filter(is_wanted);
        records.extend(found.map(|record| (record.id, record)));
        Ok(())
    })
    .await?;
    let record = |id: u64| {
        let reading = Reading::new("audit_posting", id);
        let id = AuditRecordId(reading.value("entries", i64::try_from(id))?);
        reading.present("entries", records.remove(&id))
    };
    Ok(wanted.iter().rev().map(record).collect::<Result<_, _>>()?)
}
