//! The audit log's inverted index. A term is something that entries can be found by; a posting has the
//! numbers of a term's entries within one segment, which is some thousand entries of one chain. Written
//! that seldom and that densely, the index costs an entry little.

use std::collections::BTreeMap;

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use roaring::RoaringTreemap;
use yilin_domain::audit::{AuditFilter, ChainId};

use super::audit::{id_of, places};
use super::{Conn, Outcome, last_id};
use crate::error::QueryError;
use crate::rows::{BlockRow, SearchKeys};
use crate::schema::{audit_block, audit_indexed, audit_posting, audit_segment};

/// How many entries a segment has at least, but for the last one of a chain that has ended. The more,
/// the fewer postings; and the more entries that are in no segment yet every search has to read.
pub(in super::super) const SEGMENT: u32 = 4096;

/// What entries can be found by, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Term(pub(super) String);

impl Term {
    /// Stands for every entry.
    pub(super) fn every() -> Self {
        Self("every".to_owned())
    }

    fn of_agent(uuid: &str) -> Self {
        Self(format!("agent:{uuid}"))
    }

    fn of_patient(uuid: &str) -> Self {
        Self(format!("patient:{uuid}"))
    }

    fn of_operation(operation: &str) -> Self {
        Self(format!("operation:{operation}"))
    }

    fn of_outcome(outcome: u16) -> Self {
        Self(format!("outcome:{outcome}"))
    }

    /// The terms that all have to be met; times aside.
    pub(super) fn of_filter(filter: &AuditFilter) -> Vec<Self> {
        let mut terms = Vec::new();
        terms.extend(filter.patient.map(|uuid| Self::of_patient(&uuid.to_string())));
        terms.extend(filter.agent.map(|uuid| Self::of_agent(&uuid.to_string())));
        terms.extend(filter.outcome.map(Self::of_outcome));
        terms.extend(filter.operation.as_deref().map(Self::of_operation));
        if terms.is_empty() {
            terms.push(Self::every());
        }
        terms
    }

    /// What an entry can be found by.
    pub(super) fn of_entry(keys: &SearchKeys<'_>) -> impl Iterator<Item = Self> {
        let known = [Self::every(), Self::of_operation(&keys.operation), Self::of_outcome(keys.outcome)];
        let agent = keys.agent.as_deref().map(Self::of_agent);
        let patient = keys.patient.as_deref().map(Self::of_patient);
        known.into_iter().chain(agent).chain(patient)
    }
}

/// Whether it is time to look whether there is enough for a segment, after these places were taken.
pub(in super::super) fn is_due(first: u64, last: u64) -> bool {
    let looks = u64::from(SEGMENT / 4);
    first / looks != last.saturating_add(1) / looks
}

/// A posting, as it is stored. It borrows nothing, so that statements of a fixed number of rows can be
/// told apart by type and kept prepared.
#[derive(Insertable)]
#[diesel(table_name = audit_posting)]
struct PostingRow {
    term: String,
    segment: i64,
    entries: Vec<u8>,
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
        return Err(QueryError::Undo);
    }
    let blocks: Vec<BlockRow> = audit_block::table
        .filter(audit_block::chain.eq(id_of(chain)))
        .filter(audit_block::sequence.ge(next).and(audit_block::sequence.lt(end)))
        .order(audit_block::sequence)
        .select(BlockRow::as_select())
        .load(conn)
        .await?;
    let segment = Segment::of(&blocks);
    let Some((first, last)) = segment.recorded else { return Ok(u64::try_from(found).unwrap_or_default()) };
    diesel::insert_into(audit_segment::table)
        .values((
            audit_segment::chain.eq(id_of(chain)),
            audit_segment::sequence.eq(next),
            audit_segment::recorded_first.eq(first),
            audit_segment::recorded_last.eq(last),
        ))
        .execute(conn)
        .await?;
    let rows = segment.rows(last_id(conn).await?)?;
    insert(conn, rows).await?;
    Ok(u64::try_from(found).unwrap_or_default())
}

/// What is to be written about some blocks.
#[derive(Default)]
struct Segment {
    recorded: Option<(i64, i64)>,
    postings: BTreeMap<Term, RoaringTreemap>,
}

impl Segment {
    fn of(blocks: &[BlockRow]) -> Self {
        let mut segment = Self::default();
        for block in blocks {
            let keys = match block.keys() {
                Ok(keys) => keys,
                // Somebody has tampered with it, which whoever verifies the log is told. The others
                // must be found all the same.
                Err(corrupt) => {
                    tracing::error!(?corrupt, "entries of the audit log cannot be read");
                    continue;
                }
            };
            for (id, keys) in (block.first_entry()..).zip(&keys) {
                let (first, last) = segment.recorded.unwrap_or((keys.recorded, keys.recorded));
                segment.recorded = Some((first.min(keys.recorded), last.max(keys.recorded)));
                for term in Term::of_entry(keys) {
                    segment.postings.entry(term).or_default().insert(id);
                }
            }
        }
        segment
    }

    /// The postings, in the order in which they are stored.
    fn rows(self, segment: i64) -> Result<Vec<PostingRow>, QueryError> {
        let row = |(Term(term), entries)| Ok(PostingRow { term, segment, entries: written(&entries)? });
        self.postings.into_iter().map(row).collect()
    }
}

fn written(entries: &RoaringTreemap) -> Result<Vec<u8>, QueryError> {
    let dense = entries.bitmaps().map(|(high, bitmap)| {
        let mut bitmap = bitmap.clone();
        bitmap.optimize();
        (high, bitmap)
    });
    let dense = RoaringTreemap::from_bitmaps(dense);
    let mut bytes = Vec::with_capacity(dense.serialized_size());
    dense.serialize_into(&mut bytes).map_err(|error| QueryError::Other(error.into()))?;
    Ok(bytes)
}

/// Inserts postings by statements of few sizes: the server keeps those prepared, and preparing one
/// takes longer than running it.
async fn insert(conn: &mut Conn, rows: Vec<PostingRow>) -> Outcome<()> {
    let rows = Box::pin(insert_by::<64>(conn, rows)).await?;
    let rows = insert_by::<8>(conn, rows).await?;
    insert_by::<1>(conn, rows).await.map(drop)
}

/// Inserts `N` rows at a time; gives those that are left, fewer than that.
async fn insert_by<const N: usize>(conn: &mut Conn, mut rows: Vec<PostingRow>) -> Outcome<Vec<PostingRow>> {
    while rows.len() >= N {
        let rest = rows.split_off(N);
        let some: [_; N] = std::mem::replace(&mut rows, rest)
            .try_into()
            .map_err(|_| QueryError::Other("rows of another number".into()))?;
        insert_all!(conn, audit_posting::table, some)?;
    }
    Ok(rows)
}
