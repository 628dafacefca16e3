//! Blocks of entries and their index rows.

use std::collections::BTreeMap;

use diesel::{Insertable, Queryable, Selectable};
use yilin_domain::audit::{AuditEntry, AuditFilter, AuditHash, AuditRecord, AuditRecordId, ChainId};

use super::super::column_reader::ColumnReader;
use super::{body, chain_id, id_bytes, stored_micros, stored_place};
use crate::error::Corrupt;
use crate::schema::{audit_block, audit_person};

/// Maximum number of entries of a block. An entry's id is its block's id times this plus its position in the
/// block, so it never changes.
const ENTRIES: u16 = 512;

/// Maximum JSON size of a block in bytes, unless it has a single entry: far below any server's statement
/// limit (`max_allowed_packet` is 1 MiB in old configurations), and cheap to read for one entry.
const BYTES: usize = 256 * 1024;

/// A person's role in an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum PersonRole {
    Agent,
    Patient,
}

impl PersonRole {
    const fn code(self) -> i16 {
        match self {
            Self::Agent => 0,
            Self::Patient => 1,
        }
    }
}

/// A new block row: entries that are written together.
#[derive(Debug, PartialEq, Eq, Insertable)]
#[diesel(table_name = audit_block, treat_none_as_default_value = false)]
pub(crate) struct NewBlockRow {
    pub(crate) chain: Vec<u8>,
    pub(crate) sequence: i64,
    entries: i64,
    pub(crate) recorded_first: i64,
    recorded_last: i64,
    pub(crate) links: Vec<u8>,
    body: String,
}

/// A block and its index rows.
pub(crate) struct NewBlock {
    pub(crate) row: NewBlockRow,
    persons: BTreeMap<(String, PersonRole), i64>,
}

impl NewBlock {
    /// Maximum time between two entries of a block in microseconds. So the blocks with entries in a time
    /// range are those whose first entry is in the range, or at most this long before it.
    pub(crate) const SPAN: i64 = 60_000_000;

    /// Splits consecutive entries of a chain into blocks, deterministically.
    pub(crate) fn cut(chain: ChainId, entries: &[AuditEntry]) -> Result<Vec<Self>, serde_json::Error> {
        let mut blocks: Vec<Self> = Vec::new();
        for entry in entries {
            let json = body::written(&entry.event)?;
            let recorded = stored_micros(entry.event.recorded);
            match blocks.last_mut() {
                Some(block) if block.has_room(recorded, &json) => block.push(entry, &json),
                _ => {
                    let mut block = Self::new(chain, entry);
                    block.push(entry, &json);
                    blocks.push(block);
                }
            }
        }
        Ok(blocks)
    }

    /// An empty block that will begin with this entry.
    fn new(chain: ChainId, first: &AuditEntry) -> Self {
        let recorded = stored_micros(first.event.recorded);
        let row = NewBlockRow {
            chain: id_bytes(chain),
            sequence: stored_place(first.sequence),
            entries: 0,
            recorded_first: recorded,
            recorded_last: recorded,
            links: first.previous.0.to_vec(),
            body: "[]".to_owned(),
        };
        Self { row, persons: BTreeMap::new() }
    }

    fn has_room(&self, recorded: i64, json: &str) -> bool {
        let (first, last) = self.widened(recorded);
        self.row.entries < i64::from(ENTRIES)
            && self.row.body.len() + json.len() < BYTES
            && last.saturating_sub(first) <= Self::SPAN
    }

    fn push(&mut self, entry: &AuditEntry, json: &str) {
        let event = &entry.event;
        let agent = event.agent.map(|agent| (agent.uuid.to_string(), PersonRole::Agent));
        let patient = event.patient.map(|patient| (patient.to_string(), PersonRole::Patient));
        for person in agent.into_iter().chain(patient) {
            *self.persons.entry(person).or_default() += 1;
        }
        (self.row.recorded_first, self.row.recorded_last) = self.widened(stored_micros(event.recorded));
        self.row.links.extend(entry.hash.0);
        self.row.body.pop();
        if self.row.entries > 0 {
            self.row.body.push(',');
        }
        self.row.body.push_str(json);
        self.row.body.push(']');
        self.row.entries += 1;
    }

    fn widened(&self, recorded: i64) -> (i64, i64) {
        (self.row.recorded_first.min(recorded), self.row.recorded_last.max(recorded))
    }

    /// Its index rows, given the id of the block.
    pub(crate) fn persons(&self, block: i64) -> impl Iterator<Item = PersonRow> {
        self.persons.iter().map(move |((person, role), entries)| PersonRow {
            person: person.clone(),
            role: role.code(),
            recorded_first: self.row.recorded_first,
            block,
            entries: *entries,
        })
    }
}

/// An index row: a person in a block.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Insertable, Queryable, Selectable)]
#[diesel(table_name = audit_person, treat_none_as_default_value = false)]
pub(crate) struct PersonRow {
    pub(crate) person: String,
    pub(crate) role: i16,
    pub(crate) recorded_first: i64,
    pub(crate) block: i64,
    pub(crate) entries: i64,
}

impl PersonRow {
    /// The stored codes of both roles.
    pub(crate) const ROLES: [i16; 2] = [PersonRole::Agent.code(), PersonRole::Patient.code()];

    /// The person that a search is about, with the role: if there are two, the patient, who has fewer
    /// entries.
    pub(crate) fn of_filter(filter: &AuditFilter) -> Option<(String, i16)> {
        let patient = filter.patient.map(|uuid| (uuid.to_string(), PersonRole::Patient.code()));
        patient.or_else(|| filter.agent.map(|uuid| (uuid.to_string(), PersonRole::Agent.code())))
    }
}

/// A block row for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_block)]
pub(crate) struct BlockRow {
    pub(crate) id: i64,
    chain: Vec<u8>,
    pub(crate) sequence: i64,
    entries: i64,
    pub(crate) recorded_first: i64,
    recorded_last: i64,
    links: Vec<u8>,
    body: String,
}

impl BlockRow {
    /// The id of the block with this entry.
    pub(crate) fn of_entry(AuditRecordId(entry): AuditRecordId) -> i64 {
        entry / i64::from(ENTRIES)
    }

    /// The id of the block's first entry.
    pub(crate) fn first_entry(id: i64) -> i64 {
        id.saturating_mul(i64::from(ENTRIES))
    }

    /// The ids of the entries that match the filter, in order. Parsing only the search keys takes a fraction
    /// of parsing entries.
    pub(crate) fn admitted(&self, filter: &AuditFilter) -> Result<Vec<AuditRecordId>, Corrupt> {
        let keys = self.reading().value("body", body::keys(&self.body))?;
        let wanted = body::Wanted::new(filter);
        let numbered = (Self::first_entry(self.id)..).map(AuditRecordId).zip(&keys);
        Ok(numbered.filter(|(_, keys)| wanted.admits(keys)).map(|(id, _)| id).collect())
    }

    /// Substrings contained in the body of every block with entries that match the filter.
    pub(crate) fn body_parts(filter: &AuditFilter) -> Result<Vec<String>, serde_json::Error> {
        body::parts(filter)
    }

    /// Its entries in order.
    pub(crate) fn records(&self) -> Result<Vec<AuditRecord>, Corrupt> {
        let reading = self.reading();
        let chain = chain_id("audit_block", &self.chain)?;
        let events = body::read(&self.body, &reading)?;
        let (links, rest) = self.links.as_chunks::<32>();
        if links.len() != events.len() + 1 || !rest.is_empty() {
            return Err(reading.corrupt("links", "the number of entries differs"));
        }
        let first = reading.value("sequence", u64::try_from(self.sequence))?;
        let ids = (Self::first_entry(self.id)..).map(AuditRecordId);
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

    /// Its index rows; `None` if an index column does not match the entries.
    pub(crate) fn persons(&self) -> Result<Option<Vec<PersonRow>>, Corrupt> {
        let entries: Vec<_> = self.records()?.into_iter().map(|record| record.entry).collect();
        let blocks = NewBlock::cut(chain_id("audit_block", &self.chain)?, &entries);
        let blocks = self.reading().value("body", blocks)?;
        Ok(match &*blocks {
            [block] if block.row.is_stored_as(self) => Some(block.persons(self.id).collect()),
            _ => None,
        })
    }

    fn reading(&self) -> ColumnReader<i64> {
        ColumnReader::new("audit_block", self.id)
    }
}

impl NewBlockRow {
    fn is_stored_as(&self, row: &BlockRow) -> bool {
        self.entries == row.entries
            && self.recorded_first == row.recorded_first
            && self.recorded_last == row.recorded_last
            && self.links == row.links
            && self.body == row.body
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use yilin_domain::audit::{AuditAction, AuditEvent, ChainOpening, Tail};

    use super::*;

    fn entries(events: impl IntoIterator<Item = (i64, usize)>) -> Vec<AuditEntry> {
        let opened_at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let opening = ChainOpening { id: ChainId::from_bytes([1; 16]), instance: String::new(), opened_at };
        let mut tail = Tail::new(&opening);
        let event = |(second, length): (i64, usize)| AuditEvent {
            recorded: opened_at + TimeDelta::seconds(second),
            agent: None,
            session: None,
            source: String::new(),
            request: String::new(),
            operation: String::new(),
            action: AuditAction::Read,
            entity: None,
            patient: None,
            outcome: 200,
            query: "x".repeat(length),
            results: None,
        };
        events.into_iter().map(|one| tail.link(event(one))).collect()
    }

    fn sizes(entries: &[AuditEntry]) -> Vec<i64> {
        let blocks = NewBlock::cut(ChainId::from_bytes([1; 16]), entries).unwrap();
        let size = |block: &NewBlock| (block.row.sequence, block.row.entries);
        let mut next = 0;
        for (sequence, entries) in blocks.iter().map(size) {
            assert_eq!(sequence, next);
            next += entries;
        }
        blocks.iter().map(|block| block.row.entries).collect()
    }

    #[test]
    fn blocks_are_bounded_in_number_bytes_and_time() {
        assert_eq!(sizes(&entries((0..1025).map(|_| (0, 0)))), [512, 512, 1]);
        assert_eq!(sizes(&entries([(0, 0), (60, 0), (1, 0), (61, 0), (5, 0)])), [3, 2]);
        assert_eq!(sizes(&entries([(61, 0), (0, 0), (-1, 0)])), [1, 2]);
        let large = sizes(&entries((0..500).map(|_| (0, 2000))));
        assert!(large.len() > 3 && large[0] > 100, "{large:?}");
        assert_eq!(sizes(&entries([(0, 0), (0, BYTES), (0, 0)])), [1, 1, 1]);
    }
}
