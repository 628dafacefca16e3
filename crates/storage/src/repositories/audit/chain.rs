//! Reading chains.

use std::collections::HashSet;

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _,
    OptionalExtension as _, QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::{AuditEntry, ChainId, ChainOpening};

use super::super::Conn;
use crate::error::QueryResult;
use crate::rows::{BlockRow, ChainRow, PersonRow, chain_id, counted, id_bytes, stored_place};
use crate::schema::{audit_block, audit_chain, audit_person};

/// Number of blocks of a chain read at a time.
const BLOCKS: i64 = 64;

pub(super) async fn openings(conn: &mut Conn) -> QueryResult<Vec<ChainOpening>> {
    let rows: Vec<ChainRow> =
        audit_chain::table.order(audit_chain::id).select(ChainRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(ChainOpening::try_from).collect::<Result<_, _>>()?)
}

pub(super) async fn without_opening(conn: &mut Conn) -> QueryResult<Vec<ChainId>> {
    let chains: Vec<Vec<u8>> = audit_block::table
        .left_join(audit_chain::table.on(audit_chain::id.eq(audit_block::chain)))
        .filter(audit_chain::id.nullable().is_null())
        .order(audit_block::chain)
        .select(audit_block::chain)
        .distinct()
        .load(conn)
        .await?;
    Ok(chains.iter().map(|id| chain_id("audit_block", id)).collect::<Result<_, _>>()?)
}

pub(super) async fn entries(
    conn: &mut Conn,
    chain: ChainId,
    from: u64,
    limit: u16,
) -> QueryResult<Vec<AuditEntry>> {
    // The first entry may be in a block that begins before it.
    let of_chain = audit_block::table.filter(audit_block::chain.eq(id_bytes(chain)));
    let first: Option<i64> = of_chain
        .filter(audit_block::sequence.le(stored_place(from)))
        .order(audit_block::sequence.desc())
        .select(audit_block::sequence)
        .first(conn)
        .await
        .optional()?;
    let mut next = first.unwrap_or_default();
    let mut entries = Vec::new();
    // The length stored in a block may be wrong: the chain ends where no other block follows.
    while entries.len() < usize::from(limit) {
        let blocks = blocks(conn, chain, next).await?;
        let Some(last) = blocks.last() else { break };
        next = last.sequence.saturating_add(1);
        for block in &blocks {
            match block.records() {
                Ok(records) => {
                    let of_block = records.into_iter().map(|record| record.entry);
                    entries.extend(of_block.filter(|entry| entry.sequence >= from));
                }
                Err(corrupt) if entries.is_empty() => return Err(corrupt.into()),
                // The next call, which begins here, fails.
                Err(_) => return Ok(entries),
            }
        }
    }
    entries.truncate(limit.into());
    Ok(entries)
}

/// Result of checking the search index of some blocks.
pub(super) struct Filed {
    /// Position of the first block with an incorrect index.
    pub(super) fault: Option<u64>,
    /// Position of the next block; `None` at the end.
    pub(super) next: Option<i64>,
}

/// Compares the next blocks of a chain with the search index. An incorrect index would hide entries. (Surplus
/// rows of a person hide nothing.)
pub(super) async fn filed(conn: &mut Conn, chain: ChainId, from: i64) -> QueryResult<Filed> {
    let blocks = blocks(conn, chain, from).await?;
    let Some(last) = blocks.last() else { return Ok(Filed { fault: None, next: None }) };
    let next = Some(last.sequence.saturating_add(1));
    let mut wanted = Vec::new();
    for block in &blocks {
        match block.persons()? {
            Some(persons) => wanted.push((block.sequence, persons)),
            None => return Ok(Filed { fault: Some(counted(block.sequence)), next }),
        }
    }
    let stored = persons(conn, wanted.iter().flat_map(|(_, persons)| persons)).await?;
    let fault = wanted.iter().find(|(_, persons)| persons.iter().any(|row| !stored.contains(row)));
    Ok(Filed { fault: fault.map(|(sequence, _)| counted(*sequence)), next })
}

/// The index rows with the same persons, roles and times.
async fn persons(
    conn: &mut Conn,
    like: impl Iterator<Item = &PersonRow> + Clone,
) -> QueryResult<HashSet<PersonRow>> {
    let times = like.clone().map(|row| row.recorded_first);
    let (Some(first), Some(last)) = (times.clone().min(), times.max()) else { return Ok(HashSet::new()) };
    let names: HashSet<_> = like.map(|row| row.person.clone()).collect();
    let rows: Vec<PersonRow> = audit_person::table
        .filter(audit_person::person.eq_any(names))
        .filter(audit_person::role.eq_any(PersonRow::ROLES))
        .filter(audit_person::recorded_first.between(first, last))
        .select(PersonRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The chain's next blocks from this position on.
pub(super) async fn blocks(conn: &mut Conn, chain: ChainId, from: i64) -> QueryResult<Vec<BlockRow>> {
    Ok(audit_block::table
        .filter(audit_block::chain.eq(id_bytes(chain)).and(audit_block::sequence.ge(from)))
        .order(audit_block::sequence)
        .limit(BLOCKS)
        .select(BlockRow::as_select())
        .load(conn)
        .await?)
}
