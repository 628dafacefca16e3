//! Appending to chains.

use diesel::{
    BoolExpressionMethods as _, ExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::audit::{ChainOpening, OutboxId};
use yilin_domain::port::Appended;

use super::super::{Conn, inserted_id};
use super::outbox;
use crate::error::{QueryError, QueryResult};
use crate::rows::{ChainRow, NewBlock, PersonRow, id_bytes};
use crate::schema::{audit_block, audit_chain, audit_person};

pub(super) async fn open_chain(conn: &mut Conn, opening: &ChainOpening) -> QueryResult<()> {
    let known = audit_chain::table.find(id_bytes(opening.id)).select(ChainRow::as_select());
    let Some(row) = known.first::<ChainRow>(conn).await.optional()? else {
        diesel::insert_into(audit_chain::table).values(ChainRow::from(opening)).execute(conn).await?;
        return Ok(());
    };
    if ChainOpening::try_from(row)? == *opening {
        Ok(())
    } else {
        Err(QueryError::Other("another audit chain has this id".into()))
    }
}

pub(super) async fn append(
    conn: &mut Conn,
    blocks: &[NewBlock],
    linked: &[OutboxId],
) -> QueryResult<Appended> {
    let mut is_repeated = false;
    for block in blocks {
        match place(conn, block).await? {
            BlockSlot::Free => insert(conn, block).await?,
            BlockSlot::Repeated => is_repeated = true,
            BlockSlot::Taken => {
                return Err(QueryError::Other("the position in the audit chain is taken".into()));
            }
            BlockSlot::Gone => return Ok(Appended::ChainGone),
        }
    }
    if !is_repeated {
        outbox::take(conn, linked).await?;
    }
    Ok(Appended::Stored)
}

/// What occupies a block's position.
enum BlockSlot {
    Free,
    /// The block itself: the call is repeated.
    Repeated,
    /// Another block.
    Taken,
    /// Nothing, and the previous block is missing too.
    Gone,
}

async fn place(conn: &mut Conn, block: &NewBlock) -> QueryResult<BlockSlot> {
    let (chain, sequence) = (&block.row.chain, block.row.sequence);
    let last: Option<(i64, i64)> = audit_block::table
        .filter(audit_block::chain.eq(chain).and(audit_block::sequence.le(sequence)))
        .order(audit_block::sequence.desc())
        .select((audit_block::sequence, audit_block::entries))
        .first(conn)
        .await
        .optional()?;
    match last {
        Some((found, _)) if found == sequence => {
            let links: Vec<u8> = audit_block::table
                .filter(audit_block::chain.eq(chain).and(audit_block::sequence.eq(sequence)))
                .select(audit_block::links)
                .first(conn)
                .await?;
            Ok(if links == block.row.links { BlockSlot::Repeated } else { BlockSlot::Taken })
        }
        Some((found, entries)) if found.saturating_add(entries) == sequence => Ok(BlockSlot::Free),
        Some((found, entries)) if found.saturating_add(entries) > sequence => Ok(BlockSlot::Taken),
        None if sequence == 0 => {
            let opening = audit_chain::table.find(chain).select(audit_chain::opened_at);
            let opened_at: Option<i64> = opening.first(conn).await.optional()?;
            Ok(if opened_at.is_some() { BlockSlot::Free } else { BlockSlot::Gone })
        }
        _ => Ok(BlockSlot::Gone),
    }
}

async fn insert(conn: &mut Conn, block: &NewBlock) -> QueryResult<()> {
    diesel::insert_into(audit_block::table).values(&block.row).execute(conn).await?;
    // The database fills in the block's id, which saves a query.
    let values = |row: &PersonRow| {
        (
            audit_person::person.eq(row.person.clone()),
            audit_person::role.eq(row.role),
            audit_person::recorded_first.eq(row.recorded_first),
            audit_person::block.eq(inserted_id()),
            audit_person::entries.eq(row.entries),
        )
    };
    let persons: Vec<_> = block.persons(0).collect();
    match &*persons {
        [] => {}
        // With a fixed length, the statement is prepared once per connection.
        [one] => insert_all!(conn, audit_person::table, [values(one)])?,
        [one, two] => insert_all!(conn, audit_person::table, [values(one), values(two)])?,
        all => insert_all!(conn, audit_person::table, all.iter().map(values).collect::<Vec<_>>())?,
    }
    Ok(())
}
