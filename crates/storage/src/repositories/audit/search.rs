//! Searches for entries. A search visits blocks from newest to oldest: all, those of a time range, or those
//! of a person. It does so in units of work that each read a bounded number of blocks, and keeps its cursor
//! between them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::{AuditFilter, AuditRecord, AuditRecordId};
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::PortError;

use super::super::{Conn, Connector};
use crate::engine::Engine;
use crate::error::{QueryResult, failed};
use crate::rows::{BlockRow, NewBlock, PersonRow, counted, stored_micros};
use crate::schema::{audit_block, audit_chain, audit_person, position_in, whole_sum};

/// Maximum number of blocks that a unit of work visits in an index.
const BLOCKS: usize = 4096;

/// Maximum number of a person's blocks read by a unit of work: each may contain many other entries.
const BLOCKS_OF_PERSON: usize = 256;

/// Maximum number of entries read by a unit of work from blocks without index information.
const ENTRIES: u64 = 4096;

/// One page, and the total number of entries.
pub(super) async fn page(
    engine: &Engine<Connector>,
    filter: &AuditFilter,
    page: PageRequest,
) -> Result<Page<AuditRecord>, PortError> {
    let search = Search::new(filter)?;
    if search.is_counted_by_index() {
        let total = total(engine, &search).await?;
        let mut walk = Walk::new(search, page.offset(), page.size.into());
        while walk.take > 0 && walk.cursor.is_some() && page.offset() < total {
            walk.go_on(engine).await?;
        }
        return Ok(Page { total, items: walk.found });
    }
    let mut walk = Walk::new(search, page.offset(), page.size.into());
    walk.go_to_the_end(engine).await?;
    Ok(Page { total: walk.matched, items: walk.found })
}

/// The entries after this one; `None` if it does not exist.
pub(super) async fn batch(
    engine: &Engine<Connector>,
    filter: &AuditFilter,
    last: Option<AuditRecordId>,
    limit: u16,
) -> Result<Option<Vec<AuditRecord>>, PortError> {
    let mut walk = Walk::new(Search::new(filter)?, 0, limit.into());
    if let Some(last) = last {
        let cursor = engine.read(last, work!(|conn, last| cursor_at(conn, *last).await)).await?;
        if cursor.is_none() {
            return Ok(None);
        }
        walk.cursor = cursor;
    }
    while walk.take > 0 && walk.cursor.is_some() {
        walk.go_on(engine).await?;
    }
    Ok(Some(walk.found))
}

/// The total of a search that is counted by an index. Blocks that are only partly in the time range are read.
async fn total(engine: &Engine<Connector>, search: &Search) -> Result<u64, PortError> {
    if search.person.is_none() && search.from.is_none() && search.to.is_none() {
        return engine.read((), work!(|conn, ()| lengths(conn).await)).await;
    }
    let sum = engine.read(search.clone(), work!(|conn, search| sum(conn, search, search.whole()).await));
    let mut total = sum.await?;
    for firsts in search.edges() {
        let mut walk = Walk::new(Search { firsts, ..search.clone() }, 0, 0);
        walk.go_to_the_end(engine).await?;
        total += walk.matched;
    }
    Ok(total)
}

/// The criteria of a search.
#[derive(Clone)]
struct Search {
    filter: Arc<AuditFilter>,
    /// Substrings that the bodies of matching blocks contain.
    parts: Vec<String>,
    /// The person whose blocks are visited, and the role.
    person: Option<(String, i16)>,
    from: Option<i64>,
    to: Option<i64>,
    /// Range of the first recording times of the visited blocks.
    firsts: Range<i64>,
}

impl Search {
    fn new(filter: &AuditFilter) -> Result<Self, PortError> {
        let (from, to) = (filter.from.map(stored_micros), filter.to.map(stored_micros));
        let earliest = from.map_or(i64::MIN, |from| from.saturating_sub(NewBlock::SPAN));
        Ok(Self {
            parts: BlockRow::body_parts(filter).map_err(failed)?,
            person: PersonRow::of_filter(filter),
            firsts: earliest..to.unwrap_or(i64::MAX),
            filter: Arc::new(filter.clone()),
            from,
            to,
        })
    }

    /// Whether an index determines how many entries of a block match the filter, apart from the times.
    fn is_counted_by_index(&self) -> bool {
        self.parts.is_empty() && (self.filter.agent.is_none() || self.filter.patient.is_none())
    }

    /// Range of the first recording times of blocks that are entirely in the time range.
    fn whole(&self) -> Range<i64> {
        let latest = self.to.map_or(i64::MAX, |to| to.saturating_sub(NewBlock::SPAN));
        self.from.unwrap_or(i64::MIN)..latest
    }

    /// The same for blocks that may be partly in it.
    fn edges(&self) -> Vec<Range<i64>> {
        let whole = self.whole();
        if whole.is_empty() {
            return vec![self.firsts.clone()];
        }
        let before = self.from.map(|_| self.firsts.start..whole.start);
        let after = self.to.map(|_| whole.end..self.firsts.end);
        before.into_iter().chain(after).collect()
    }
}

/// The position of a search: what remains are entries of this entry's block with a smaller id, blocks with
/// the same first recording time and a smaller id, and blocks that began earlier.
#[derive(Clone, Copy)]
struct Cursor {
    recorded_first: i64,
    entry: AuditRecordId,
}

impl Cursor {
    const START: Self = Self { recorded_first: i64::MAX, entry: AuditRecordId(i64::MAX) };

    /// The largest id of blocks with the same first recording time.
    fn last_block(self) -> i64 {
        BlockRow::of_entry(AuditRecordId(self.entry.0.saturating_sub(1)))
    }
}

/// A block that may contain matching entries.
struct Candidate {
    recorded_first: i64,
    id: i64,
    /// Number of its entries; of a person's block, of the person's entries.
    entries: u64,
}

/// A search in progress.
struct Walk {
    search: Search,
    /// `None` at the end.
    cursor: Option<Cursor>,
    /// Number of entries to skip.
    skip: u64,
    /// Number of entries still to return.
    take: usize,
    /// Number of matches so far.
    matched: u64,
    found: Vec<AuditRecord>,
}

impl Walk {
    fn new(search: Search, skip: u64, take: usize) -> Self {
        Self { search, cursor: Some(Cursor::START), skip, take, matched: 0, found: Vec::new() }
    }

    /// Visits the next blocks, until the remaining entries are found.
    async fn go_on(&mut self, engine: &Engine<Connector>) -> Result<(), PortError> {
        let may_stop = self.search.is_counted_by_index();
        self.step(engine, may_stop).await
    }

    /// Visits all blocks and counts.
    async fn go_to_the_end(&mut self, engine: &Engine<Connector>) -> Result<(), PortError> {
        while self.cursor.is_some() {
            self.step(engine, false).await?;
        }
        Ok(())
    }

    async fn step(&mut self, engine: &Engine<Connector>, may_stop: bool) -> Result<(), PortError> {
        let Some(cursor) = self.cursor else { return Ok(()) };
        let enough = u64::try_from(self.take).unwrap_or(u64::MAX).saturating_add(self.skip);
        let task = Task {
            search: self.search.clone(),
            cursor,
            skip: self.skip,
            take: self.take,
            enough: may_stop.then_some(enough),
        };
        let step = engine.read(task, work!(|conn, task| step(conn, task).await)).await?;
        self.cursor = step.cursor;
        self.skip = self.skip.saturating_sub(step.matched);
        self.take = self.take.saturating_sub(step.found.len());
        self.matched += step.matched;
        self.found.extend(step.found);
        Ok(())
    }
}

/// A unit of work of a search.
struct Task {
    search: Search,
    cursor: Cursor,
    skip: u64,
    take: usize,
    /// Number of entries that suffice, if the indexes have the number of each block.
    enough: Option<u64>,
}

/// The result of a unit of work.
struct Step {
    matched: u64,
    found: Vec<AuditRecord>,
    cursor: Option<Cursor>,
}

async fn step(conn: &mut Conn, task: &Task) -> QueryResult<Step> {
    // The first block may have been visited partly.
    let enough = task.enough.map(|enough| usize::try_from(enough).unwrap_or(usize::MAX).saturating_add(1));
    let limit = enough.map_or(BLOCKS, |enough| enough.min(BLOCKS));
    let candidates = candidates(conn, &task.search, task.cursor, limit).await?;
    let (passed, matched) = passed_over(task, &candidates);
    let rest = candidates.get(passed..).unwrap_or_default();
    let to_read = rest.get(..to_read(task, rest, matched)).unwrap_or_default();
    let mut step = Step { matched, found: Vec::new(), cursor: None };
    if let (Some(newest), Some(oldest)) = (to_read.first(), to_read.last()) {
        let blocks = blocks(conn, &task.search, oldest.recorded_first, newest.recorded_first).await?;
        let blocks: HashMap<_, _> = blocks.into_iter().map(|block| (block.id, block)).collect();
        for block in to_read.iter().filter_map(|candidate| blocks.get(&candidate.id)) {
            look_into(task, block, &mut step)?;
        }
    }
    let looked_at = passed + to_read.len();
    if looked_at == limit || looked_at < candidates.len() {
        let last = candidates.get(..looked_at).and_then(<[_]>::last);
        step.cursor = last.map(|last| Cursor {
            recorded_first: last.recorded_first,
            entry: AuditRecordId(BlockRow::first_entry(last.id)),
        });
    }
    Ok(step)
}

/// Number of leading blocks that need not be read, because all their entries are skipped, and the number of
/// these entries.
fn passed_over(task: &Task, candidates: &[Candidate]) -> (usize, u64) {
    let whole = task.search.whole();
    let (mut passed, mut entries) = (0, 0);
    for candidate in candidates {
        let is_known = task.enough.is_some()
            && whole.contains(&candidate.recorded_first)
            && candidate.id != BlockRow::of_entry(task.cursor.entry);
        if !is_known || entries + candidate.entries > task.skip {
            break;
        }
        passed += 1;
        entries += candidate.entries;
    }
    (passed, entries)
}

/// Number of blocks to read next.
fn to_read(task: &Task, rest: &[Candidate], passed: u64) -> usize {
    let (mut number, mut entries) = (0, 0);
    for candidate in rest {
        let is_enough = task.enough.is_some_and(|enough| passed + entries >= enough);
        let is_too_much = match task.search.person {
            Some(_) => number >= BLOCKS_OF_PERSON,
            None => number > 0 && entries + candidate.entries > ENTRIES,
        };
        if is_enough || is_too_much {
            break;
        }
        number += 1;
        entries += candidate.entries;
    }
    number
}

fn look_into(task: &Task, block: &BlockRow, step: &mut Step) -> QueryResult<()> {
    let mut admitted = block.admitted(&task.search.filter)?;
    if block.id == BlockRow::of_entry(task.cursor.entry) {
        admitted.retain(|id| *id < task.cursor.entry);
    }
    let mut wanted = Vec::new();
    for id in admitted.into_iter().rev() {
        if step.matched >= task.skip && step.found.len() + wanted.len() < task.take {
            wanted.push(id);
        }
        step.matched += 1;
    }
    if !wanted.is_empty() {
        let records = block.records()?.into_iter().rev();
        step.found.extend(records.filter(|record| wanted.contains(&record.id)));
    }
    Ok(())
}

/// The next blocks after the cursor, from newest to oldest.
async fn candidates(
    conn: &mut Conn,
    search: &Search,
    cursor: Cursor,
    limit: usize,
) -> QueryResult<Vec<Candidate>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let Range { start, end } = search.firsts;
    let (first, last_block) = (cursor.recorded_first, cursor.last_block());
    let rows: Vec<(i64, i64, i64)> = match &search.person {
        None => {
            audit_block::table
                .filter(audit_block::recorded_first.ge(start).and(audit_block::recorded_first.lt(end)))
                .filter(audit_block::recorded_first.le(first))
                .filter(audit_block::recorded_first.lt(first).or(audit_block::id.le(last_block)))
                .order((audit_block::recorded_first.desc(), audit_block::id.desc()))
                .limit(limit)
                .select((audit_block::recorded_first, audit_block::id, audit_block::entries))
                .load(conn)
                .await?
        }
        Some((person, role)) => {
            audit_person::table
                .filter(audit_person::person.eq(person).and(audit_person::role.eq(role)))
                .filter(audit_person::recorded_first.ge(start).and(audit_person::recorded_first.lt(end)))
                .filter(audit_person::recorded_first.le(first))
                .filter(audit_person::recorded_first.lt(first).or(audit_person::block.le(last_block)))
                .order((audit_person::recorded_first.desc(), audit_person::block.desc()))
                .limit(limit)
                .select((audit_person::recorded_first, audit_person::block, audit_person::entries))
                .load(conn)
                .await?
        }
    };
    let candidate =
        |(recorded_first, id, entries)| Candidate { recorded_first, id, entries: counted(entries) };
    Ok(rows.into_iter().map(candidate).collect())
}

/// The blocks with first recording times in this range that may contain matches.
async fn blocks(conn: &mut Conn, search: &Search, oldest: i64, newest: i64) -> QueryResult<Vec<BlockRow>> {
    if let Some((person, role)) = &search.person {
        return Ok(audit_person::table
            .inner_join(audit_block::table.on(audit_block::id.eq(audit_person::block)))
            .filter(audit_person::person.eq(person).and(audit_person::role.eq(role)))
            .filter(audit_person::recorded_first.between(oldest, newest))
            .select(BlockRow::as_select())
            .load(conn)
            .await?);
    }
    let mut rows =
        audit_block::table.filter(audit_block::recorded_first.between(oldest, newest)).into_boxed();
    for part in &search.parts {
        // Filtered in the database, so that other bodies are not transferred.
        rows = rows.filter(position_in(audit_block::body.nullable(), part).gt(0));
    }
    Ok(rows.select(BlockRow::as_select()).load(conn).await?)
}

async fn cursor_at(conn: &mut Conn, entry: AuditRecordId) -> QueryResult<Option<Cursor>> {
    let block = audit_block::table.find(BlockRow::of_entry(entry)).select(audit_block::recorded_first);
    let recorded_first: Option<i64> = block.first(conn).await.optional()?;
    Ok(recorded_first.map(|recorded_first| Cursor { recorded_first, entry }))
}

/// Number of entries in blocks with first recording times in this range.
async fn sum(conn: &mut Conn, search: &Search, firsts: Range<i64>) -> QueryResult<u64> {
    let Range { start, end } = firsts;
    let sum: Option<i64> = match &search.person {
        None => {
            audit_block::table
                .filter(audit_block::recorded_first.ge(start).and(audit_block::recorded_first.lt(end)))
                .select(whole_sum(audit_block::entries))
                .first(conn)
                .await?
        }
        Some((person, role)) => {
            audit_person::table
                .filter(audit_person::person.eq(person).and(audit_person::role.eq(role)))
                .filter(audit_person::recorded_first.ge(start).and(audit_person::recorded_first.lt(end)))
                .select(whole_sum(audit_person::entries))
                .first(conn)
                .await?
        }
    };
    Ok(counted(sum.unwrap_or_default()))
}

/// Number of entries in all chains, by the end of each.
async fn lengths(conn: &mut Conn) -> QueryResult<u64> {
    let end = audit_block::table
        .filter(audit_block::chain.eq(audit_chain::id))
        .order(audit_block::sequence.desc())
        .limit(1)
        .select(audit_block::sequence + audit_block::entries)
        .single_value();
    let ends: Vec<Option<i64>> = audit_chain::table.select(end).load(conn).await?;
    Ok(counted(ends.into_iter().flatten().sum()))
}
