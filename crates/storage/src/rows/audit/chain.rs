//! Chains and their removals.

use chrono::DateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::audit::{AuditHash, ChainId, ChainOpening, ChainRemoval};

use super::super::column_reader::ColumnReader;
use super::{stored_micros, stored_place};
use crate::error::Corrupt;
use crate::schema::{audit_chain, audit_removal};

/// The stored form of a chain id.
pub(crate) fn id_bytes(chain: ChainId) -> Vec<u8> {
    chain.bytes().to_vec()
}

/// The chain id in a row of this table.
pub(crate) fn chain_id(table: &'static str, id: &[u8]) -> Result<ChainId, Corrupt> {
    let reading = ColumnReader::new(table, format!("{id:02x?}"));
    Ok(ChainId::from_bytes(reading.value("chain", id.try_into())?))
}

/// The opening of a chain, for writing and reading.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_chain, treat_none_as_default_value = false)]
pub(crate) struct ChainRow {
    id: Vec<u8>,
    instance: String,
    opened_at: i64,
}

impl From<&ChainOpening> for ChainRow {
    fn from(opening: &ChainOpening) -> Self {
        Self {
            id: id_bytes(opening.id),
            instance: opening.instance.clone(),
            opened_at: stored_micros(opening.opened_at),
        }
    }
}

impl TryFrom<ChainRow> for ChainOpening {
    type Error = Corrupt;

    fn try_from(row: ChainRow) -> Result<Self, Corrupt> {
        let reading = ColumnReader::new("audit_chain", &row.instance);
        Ok(Self {
            id: chain_id("audit_chain", &row.id)?,
            opened_at: reading.present("opened_at", DateTime::from_timestamp_micros(row.opened_at))?,
            instance: row.instance,
        })
    }
}

/// The removal of a chain, for writing and reading.
#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_removal, treat_none_as_default_value = false)]
pub(crate) struct RemovalRow {
    chain: Vec<u8>,
    entries: i64,
    hash: Vec<u8>,
    removed_at: i64,
}

impl From<&ChainRemoval> for RemovalRow {
    fn from(removal: &ChainRemoval) -> Self {
        Self {
            chain: id_bytes(removal.chain),
            entries: stored_place(removal.entries),
            hash: removal.hash.0.to_vec(),
            removed_at: stored_micros(removal.removed_at),
        }
    }
}

impl TryFrom<RemovalRow> for ChainRemoval {
    type Error = Corrupt;

    fn try_from(row: RemovalRow) -> Result<Self, Corrupt> {
        let chain = chain_id("audit_removal", &row.chain)?;
        let reading = ColumnReader::new("audit_removal", chain);
        Ok(Self {
            chain,
            entries: reading.value("entries", u64::try_from(row.entries))?,
            hash: AuditHash(reading.value("hash", row.hash.as_slice().try_into())?),
            removed_at: reading.present("removed_at", DateTime::from_timestamp_micros(row.removed_at))?,
        })
    }
}
