//! Writing the audit log, and following its chains.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, JoinOnDsl as _, NullableExpressionMethods as _,
    QueryDsl as _, SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::{AuditEntry, ChainId, ChainOpening};

use super::{Conn, Outcome};
use crate::error::{QueryError, is_unique_violation};
use crate::rows::{BlockRow, ChainRow, NewBlockRow, Reading, stored_place};
use crate::schema::{audit_block, audit_chain, audit_indexed};

pub(in super::super) async fn open_chain(conn: &mut Conn, opening: &ChainOpening) -> Outcome<()> {
    match diesel::insert_into(audit_chain::table).values(ChainRow::from(opening)).execute(conn).await {
        Ok(_) => {
            let beginning = (audit_indexed::chain.eq(id_of(opening.id)), audit_indexed::next.eq(0));
            diesel::insert_into(audit_indexed::table).values(beginning).execute(conn).await?;
            Ok(())
        }
        Err(error) if is_unique_violation(&error) => {
            let row: ChainRow =
                audit_chain::table.find(id_of(opening.id)).select(ChainRow::as_select()).first(conn).await?;
            if ChainOpening::try_from(row)? == *opening {
                return Ok(());
            }
            Err(QueryError::Other("another audit chain has this id".into()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Cuts entries into blocks.
pub(in super::super) fn blocks(
    chain: ChainId,
    entries: &[AuditEntry],
) -> Result<Vec<NewBlockRow>, serde_json::Error> {
    entries.chunks(BlockRow::ENTRIES.into()).map(|block| NewBlockRow::new(chain, block)).collect()
}

/// Appends blocks. More than one needs a transaction around it.
pub(in super::super) async fn append(conn: &mut Conn, blocks: &[NewBlockRow]) -> Outcome<()> {
    for block in blocks {
        let appended = diesel::insert_into(audit_block::table).values(block).execute(conn).await;
        match appended {
            Err(error) if is_unique_violation(&error) => ensure_repeated(conn, block).await?,
            outcome => outcome.map(drop)?,
        }
    }
    Ok(())
}

/// Its place is taken: by the same block, if the call is a repeated one.
async fn ensure_repeated(conn: &mut Conn, block: &NewBlockRow) -> Outcome<()> {
    let stored: Vec<u8> = audit_block::table
        .filter(audit_block::chain.eq(&block.chain).and(audit_block::sequence.eq(block.sequence)))
        .select(audit_block::links)
        .first(conn)
        .await?;
    if stored == block.links {
        return Ok(());
    }
    Err(QueryError::Other("the place in the audit chain is taken".into()))
}

pub(in super::super) async fn chains(conn: &mut Conn) -> Outcome<Vec<ChainOpening>> {
    let rows: Vec<ChainRow> =
        audit_chain::table.order(audit_chain::id).select(ChainRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(ChainOpening::try_from).collect::<Result<_, _>>()?)
}

pub(in super::super) async fn chains_without_opening(conn: &mut Conn) -> Outcome<Vec<ChainId>> {
    let chains: Vec<Vec<u8>> = audit_block::table
        .left_join(audit_chain::table.on(audit_chain::id.eq(audit_block::chain)))
        .filter(audit_chain::id.nullable().is_null())
        .order(audit_block::chain)
        .select(audit_block::chain)
        .distinct()
        .load(conn)
        .await?;
    chains.iter().map(|id| chain_of("audit_block", id)).collect()
}

/// The chain whose id a row of this table has.
pub(super) fn chain_of(table: &'static str, id: &[u8]) -> Outcome<ChainId> {
    let reading = Reading::new(table, format!("{id:02x?}"));
    Ok(ChainId::from_bytes(reading.value("chain", id.try_into())?))
}

pub(in super::super) async fn chain(
    conn: &mut Conn,
    chain: ChainId,
    from: u64,
    limit: u16,
) -> Outcome<Vec<AuditEntry>> {
    // The block that has the first of them may begin before it.
    let outset = stored_place(from.saturating_sub(u64::from(BlockRow::ENTRIES) - 1));
    let from = stored_place(from);
    let places = places(conn, chain, outset, i64::from(BlockRow::ENTRIES) + i64::from(limit)).await?;
    let mut places = places.into_iter().skip_while(|place| place.end() <= from).peekable();
    let skipped = places.peek().map_or(0, |first| from.saturating_sub(first.sequence).max(0));
    let wanted = skipped.saturating_add(limit.into());
    let mut entries = Vec::new();
    // What the blocks say of themselves may be wrong: who follows a chain must not believe that it ends.
    while let missing @ 1.. = wanted - stored_length(&entries)
        && let Some(first) = places.next()
    {
        let (mut last, mut promised) = (first, first.entries);
        while promised < missing
            && let Some(next) = places.next()
        {
            (last, promised) = (next, promised.saturating_add(next.entries));
        }
        let blocks: Vec<BlockRow> = audit_block::table
            .filter(audit_block::chain.eq(id_of(chain)))
            .filter(audit_block::sequence.between(first.sequence, last.sequence))
            .order(audit_block::sequence)
            .select(BlockRow::as_select())
            .load(conn)
            .await?;
        for block in blocks {
            entries.extend(block.records()?.into_iter().map(|record| record.entry));
        }
    }
    let entries = entries.into_iter().skip(usize::try_from(skipped).unwrap_or_default());
    Ok(entries.take(limit.into()).collect())
}

fn stored_length(entries: &[AuditEntry]) -> i64 {
    i64::try_from(entries.len()).unwrap_or(i64::MAX)
}

/// Where a block stands.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The place of its first entry.
    pub(super) sequence: i64,
    /// How many it has.
    pub(super) entries: i64,
}

impl Place {
    /// The place after its last entry.
    pub(super) fn end(self) -> i64 {
        self.sequence.saturating_add(self.entries)
    }
}

/// Where the chain's blocks stand that begin at this place or later.
pub(super) async fn places(conn: &mut Conn, chain: ChainId, from: i64, limit: i64) -> Outcome<Vec<Place>> {
    let rows: Vec<(i64, i32)> = audit_block::table
        .filter(audit_block::chain.eq(id_of(chain)).and(audit_block::sequence.ge(from)))
        .order(audit_block::sequence)
        .limit(limit)
        .select((audit_block::sequence, audit_block::entries))
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(|(sequence, entries)| Place { sequence, entries: entries.into() }).collect())
}

pub(super) fn id_of(chain: ChainId) -> Vec<u8> {
    chain.bytes().to_vec()
}
