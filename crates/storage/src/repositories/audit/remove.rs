//! Removal of chains.

use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::{ChainId, ChainRemoval};

use super::super::Conn;
use super::chain;
use crate::error::QueryResult;
use crate::rows::{PersonRow, RemovalRow, id_bytes, stored_place};
use crate::schema::{audit_block, audit_chain, audit_person, audit_removal};

pub(super) async fn removals(conn: &mut Conn) -> QueryResult<Vec<ChainRemoval>> {
    let rows: Vec<RemovalRow> =
        audit_removal::table.order(audit_removal::chain).select(RemovalRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(ChainRemoval::try_from).collect::<Result<_, _>>()?)
}

/// The removal row is inserted first: the triggers prevent deletions without it.
pub(super) async fn remove(conn: &mut Conn, removal: &ChainRemoval) -> QueryResult<bool> {
    let opening = audit_chain::table.find(id_bytes(removal.chain)).select(audit_chain::opened_at);
    let opened_at: Option<i64> = opening.first(conn).await.optional()?;
    if opened_at.is_none() || length(conn, removal.chain).await? != stored_place(removal.entries) {
        return Ok(false);
    }
    let row = RemovalRow::from(removal);
    diesel::insert_into(audit_removal::table).values(row).execute(conn).await?;
    let mut next = 0;
    loop {
        let blocks = chain::blocks(conn, removal.chain, next).await?;
        let Some(last) = blocks.last() else { break };
        next = last.sequence.saturating_add(1);
        for block in &blocks {
            let persons = block.persons()?.unwrap_or_default();
            let names: Vec<_> = persons.iter().map(|row| &row.person).collect();
            let of_block = audit_person::table
                .filter(audit_person::person.eq_any(names))
                .filter(audit_person::role.eq_any(PersonRow::ROLES))
                .filter(audit_person::recorded_first.eq(block.recorded_first))
                .filter(audit_person::block.eq(block.id));
            diesel::delete(of_block).execute(conn).await?;
        }
    }
    let id = id_bytes(removal.chain);
    diesel::delete(audit_block::table.filter(audit_block::chain.eq(&id))).execute(conn).await?;
    diesel::delete(audit_chain::table.find(&id)).execute(conn).await?;
    Ok(true)
}

/// Number of entries of the chain, according to its last block.
async fn length(conn: &mut Conn, chain: ChainId) -> QueryResult<i64> {
    let last: Option<(i64, i64)> = audit_block::table
        .filter(audit_block::chain.eq(id_bytes(chain)))
        .order(audit_block::sequence.desc())
        .select((audit_block::sequence, audit_block::entries))
        .first(conn)
        .await
        .optional()?;
    Ok(last.map_or(0, |(sequence, entries)| sequence.saturating_add(entries)))
}
