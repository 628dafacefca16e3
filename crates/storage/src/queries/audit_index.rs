//! The audit log's inverted index. A term is something that entries can be found by; a posting has the
//! numbers of a term's entries within one segment, which is some thousand entries of one chain. Written
//! that seldom and that densely, the index costs an entry little.

use std::borrow::Cow;
use std::collections::BTreeMap;

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, Insertable, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use roaring::RoaringTreemap;
use yilin_domain::audit::{AuditFilter, ChainId};

use super::audit::{id_of, places};
use super::tallies::counted;
use super::{Conn, Outcome, last_id};
use crate::error::QueryError;
use crate::rows::{BlockRow, SearchKeys};
use crate::schema::{audit_block, audit_indexed, audit_posting, audit_segment};

/// How many entries a segment has at least, but for the last one of a chain that has ended. The more,
/// the fewer postings; and the more entries that are in no segment yet every search has to read.
pub(in super::super) const SEGMENT: u32 = 4096;

/// What entries can be found by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Term<'a> {
    Every,
    Agent(Cow<'a, str>),
    Patient(Cow<'a, str>),
    Operation(Cow<'a, str>),
    Outcome(u16),
}

impl<'a> Term<'a> {
    /// The terms that all have to be met; times aside.
    pub(super) fn of_filter(filter: &'a AuditFilter) -> Vec<Self> {
        let mut terms = Vec::new();
        terms.extend(filter.patient.map(|uuid| Self::Patient(uuid.to_string().into())));
        terms.extend(filter.agent.map(|uuid| Self::Agent(uuid.to_string().into())));
        terms.extend(filter.outcome.map(Self::Outcome));
        terms.extend(filter.operation.as_deref().map(|operation| Self::Operation(operation.into())));
        if terms.is_empty() {
            terms.push(Self::Every);
        }
        terms
    }

    /// What an entry can be found by.
    pub(super) fn of_entry(keys: &'a SearchKeys<'_>) -> impl Iterator<Item = Self> {
        let known = [Self::Every, Self::Operation((&*keys.operation).into()), Self::Outcome(keys.outcome)];
        let agent = keys.agent.map(|uuid| Self::Agent(uuid.into()));
        let patient = keys.patient.map(|uuid| Self::Patient(uuid.into()));
        known.into_iter().chain(agent).chain(patient)
    }
}

/// As it is stored.
impl std::fmt::Display for Term<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Every => f.write_str("every"),
            Self::Agent(uuid) => write!(f, "agent:{uuid}"),
            Self::Patient(uuid) => write!(f, "patient:{uuid}"),
            Self::Operation(operation) => write!(f, "operation:{operation}"),
            Self::Outcome(outcome) => write!(f, "outcome:{outcome}"),
        }
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
    let keys = keys(&blocks);
    let recorded = keys.iter().map(|(_, keys)| keys.recorded);
    let (Some(first), Some(last)) = (recorded.clone().min(), recorded.max()) else {
        return Ok(counted(found));
    };
    diesel::insert_into(audit_segment::table)
        .values((
            audit_segment::chain.eq(id_of(chain)),
            audit_segment::sequence.eq(next),
            audit_segment::recorded_first.eq(first),
            audit_segment::recorded_last.eq(last),
        ))
        .execute(conn)
        .await?;
    let rows = postings(&keys, last_id(conn).await?)?;
    insert(conn, rows).await?;
    Ok(counted(found))
}

/// The numbers of the blocks' entries, and what they can be found by.
fn keys(blocks: &[BlockRow]) -> Vec<(u64, SearchKeys<'_>)> {
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

/// The postings of a segment, like terms together as they are stored.
fn postings(keys: &[(u64, SearchKeys<'_>)], segment: i64) -> Result<Vec<PostingRow>, QueryError> {
    let mut postings = BTreeMap::<Term<'_>, RoaringTreemap>::new();
    for (number, keys) in keys {
        for term in Term::of_entry(keys) {
            postings.entry(term).or_default().insert(*number);
        }
    }
    let row = |(term, entries): (Term<'_>, _)| {
        Ok(PostingRow { term: term.to_string(), segment, entries: written(&entries)? })
    };
    postings.into_iter().map(row).collect()
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
