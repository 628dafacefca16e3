use chrono::DateTime;
use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::audit::{AuditEntry, AuditHash, AuditRecord, AuditRecordId, ChainId, ChainOpening};
use yilin_domain::time::Timestamp;

use super::audit_body;
use super::column_reader::ColumnReader as Reading;
use crate::error::Corrupt;
use crate::schema::{audit_block, audit_chain};

/// A point in time as the audit log stores it: microseconds since 1970.
pub(crate) fn stored_micros(at: Timestamp) -> i64 {
    at.timestamp_micros()
}

/// A place in a chain as it is stored. No chain is as long as what does not fit.
pub(crate) fn stored_place(sequence: u64) -> i64 {
    i64::try_from(sequence).unwrap_or(i64::MAX)
}

/// How a chain began, as it is stored and read.
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
            id: opening.id.bytes().to_vec(),
            instance: opening.instance.clone(),
            opened_at: stored_micros(opening.opened_at),
        }
    }
}

impl TryFrom<ChainRow> for ChainOpening {
    type Error = Corrupt;

    fn try_from(row: ChainRow) -> Result<Self, Corrupt> {
        let reading = Reading::new("audit_chain", &row.instance);
        Ok(Self {
            id: ChainId::from_bytes(reading.value("id", row.id.as_slice().try_into())?),
            opened_at: reading.present("opened_at", DateTime::from_timestamp_micros(row.opened_at))?,
            instance: row.instance,
        })
    }
}

/// Entries that are written together, as they are stored.
#[derive(Insertable)]
#[diesel(table_name = audit_block, treat_none_as_default_value = false)]
pub(crate) struct NewBlockRow {
    pub(crate) chain: Vec<u8>,
    pub(crate) sequence: i64,
    entries: i32,
    pub(crate) links: Vec<u8>,
    body: String,
}

impl NewBlockRow {
    /// A block of these entries, which follow each other: at most [`BlockRow::ENTRIES`].
    pub(crate) fn new(chain: ChainId, entries: &[AuditEntry]) -> Result<Self, serde_json::Error> {
        let before = entries.first().map(|first| first.previous);
        let links: Vec<_> = before.into_iter().chain(entries.iter().map(|entry| entry.hash)).collect();
        Ok(Self {
            chain: chain.bytes().to_vec(),
            sequence: entries.first().map_or(0, |first| stored_place(first.sequence)),
            entries: i32::try_from(entries.len()).unwrap_or(i32::MAX),
            links: links.iter().flat_map(|link| link.0).collect(),
            body: audit_body::written(entries)?,
        })
    }
}

/// Entries that were written together, as they are read.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_block)]
pub(crate) struct BlockRow {
    id: i64,
    chain: Vec<u8>,
    sequence: i64,
    links: Vec<u8>,
    body: String,
}

impl BlockRow {
    /// How many entries a block has at most. An entry's number is its block's number times this,
    /// plus its position in it; so it never changes.
    pub(crate) const ENTRIES: u16 = 512;

    /// The number of the block that has the entry of this number.
    pub(crate) fn of_entry(id: u64) -> i64 {
        i64::try_from(id / u64::from(Self::ENTRIES)).unwrap_or(i64::MAX)
    }

    /// The number of its first entry.
    pub(crate) fn first_entry(&self) -> u64 {
        u64::try_from(self.id).unwrap_or_default().saturating_mul(Self::ENTRIES.into())
    }

    /// What its entries can be found by, in their order.
    pub(crate) fn keys(&self) -> Result<Vec<audit_body::SearchKeys<'_>>, Corrupt> {
        self.reading().value("body", audit_body::keys(&self.body))
    }

    /// Its entries, in their order.
    pub(crate) fn records(&self) -> Result<Vec<AuditRecord>, Corrupt> {
        let reading = self.reading();
        let chain = ChainId::from_bytes(reading.value("chain", self.chain.as_slice().try_into())?);
        let events = audit_body::read(&self.body, &reading)?;
        let (links, rest) = self.links.as_chunks::<32>();
        if links.len() != events.len() + 1 || !rest.is_empty() {
            return Err(reading.corrupt("links", "the block has another number of entries"));
        }
        let first = reading.value("sequence", u64::try_from(self.sequence))?;
        let ids = (self.first_entry()..).map(|id| AuditRecordId(i64::try_from(id).unwrap_or(i64::MAX)));
        let linked = links
            .iter()
            .zip(links.iter().skip(1))
            .map(|(previous, hash)| (AuditHash(*previous), AuditHash(*hash)));
        let entries = events
            .into_iter()
            .zip(linked)
            .zip(first..)
            .map(|((event, (previous, hash)), sequence)| AuditEntry { sequence, previous, hash, event });
        Ok(ids.zip(entries).map(|(id, entry)| AuditRecord { id, chain, entry }).collect())
    }

    fn reading(&self) -> Reading<i64> {
        Reading::new("audit_block", self.id)
    }
}
