//! Hash chains of audit entries.

use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use sha2::{Digest as _, Sha256};

use super::AuditEvent;
use crate::time::Timestamp;

/// Identifies a chain, which is one run of one instance: 128 random bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainId(u128);

impl ChainId {
    /// The id with these random bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(u128::from_be_bytes(bytes))
    }

    /// The bytes of the id.
    pub const fn bytes(self) -> [u8; 16] {
        self.0.to_be_bytes()
    }

    /// Parses 32 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        hex_bytes(text).map(Self::from_bytes)
    }
}

/// Renders 32 hexadecimal digits.
impl std::fmt::Display for ChainId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// A link of a chain: SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AuditHash(pub [u8; 32]);

impl AuditHash {
    /// Parses 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        hex_bytes(text).map(Self)
    }
}

/// Renders 64 hexadecimal digits.
impl std::fmt::Display for AuditHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        HEXLOWER.encode_display(&self.0).fmt(f)
    }
}

fn hex_bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}

/// The opening record of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainOpening {
    /// The chain.
    pub id: ChainId,
    /// The instance that wrote it: its host name and the address it listens on.
    pub instance: String,
    /// Time of opening, in UTC and whole microseconds.
    pub opened_at: Timestamp,
}

impl ChainOpening {
    /// The hash that the first entry links to.
    pub fn hash(&self) -> AuditHash {
        let mut bytes = Canonical::new(b"yilin audit chain 1");
        bytes.put(&self.id.bytes());
        bytes.put(self.instance.as_bytes());
        bytes.put(&self.opened_at.timestamp_micros().to_be_bytes());
        bytes.hash()
    }
}

/// An event with its position in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Its position: 0, 1, 2 and so on without a gap.
    pub sequence: u64,
    /// Hash of the previous entry.
    pub previous: AuditHash,
    /// Hash of this entry: over the previous hash, the chain, the position and the event.
    pub hash: AuditHash,
    /// The event.
    pub event: AuditEvent,
}

/// The head of a chain: store it elsewhere to detect later that entries were truncated or the whole chain was
/// rewritten.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainHead {
    /// The chain.
    pub chain: ChainId,
    /// Position of the last entry.
    pub sequence: u64,
    /// Hash of the last entry.
    pub hash: AuditHash,
}

impl ChainHead {
    /// Parses `CHAIN:SEQUENCE:HASH`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().split(':');
        let head = Self {
            chain: ChainId::parse(parts.next()?)?,
            sequence: parts.next()?.parse().ok()?,
            hash: AuditHash::parse(parts.next()?)?,
        };
        parts.next().is_none().then_some(head)
    }
}

/// Renders `CHAIN:SEQUENCE:HASH`.
impl std::fmt::Display for ChainHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}", self.chain, self.sequence, self.hash)
    }
}

/// The record that a chain was removed after its retention period, and where it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainRemoval {
    /// The chain.
    pub chain: ChainId,
    /// Number of entries it had.
    pub entries: u64,
    /// Hash of the last entry, or of the opening if there was no entry.
    pub hash: AuditHash,
    /// Time of removal, in UTC and whole microseconds.
    pub removed_at: Timestamp,
}

/// The growing end of a chain.
#[derive(Debug, Clone)]
pub struct Tail {
    chain: ChainId,
    next: u64,
    last: AuditHash,
}

impl Tail {
    /// The end of a chain that was just opened.
    pub fn new(opening: &ChainOpening) -> Self {
        Self { chain: opening.id, next: 0, last: opening.hash() }
    }

    /// The chain's id.
    pub fn chain(&self) -> ChainId {
        self.chain
    }

    /// Links the next event to the chain.
    pub fn link(&mut self, event: AuditEvent) -> AuditEntry {
        let (sequence, previous) = (self.next, self.last);
        let hash = link(previous, self.chain, sequence, &event);
        self.next += 1;
        self.last = hash;
        AuditEntry { sequence, previous, hash, event }
    }
}

/// The hash of an event that follows the hash `previous`.
pub(super) fn link(previous: AuditHash, chain: ChainId, sequence: u64, event: &AuditEvent) -> AuditHash {
    let mut bytes = Canonical::new(b"yilin audit entry 1");
    bytes.put(&previous.0);
    bytes.put(&chain.bytes());
    bytes.put(&sequence.to_be_bytes());
    put_event(&mut bytes, event);
    bytes.hash()
}

/// Encodes every field in a fixed order. Absent and empty values differ.
fn put_event(bytes: &mut Canonical, event: &AuditEvent) {
    bytes.put(&event.recorded.timestamp_micros().to_be_bytes());
    bytes.put_maybe(event.agent.map(|agent| agent.uuid.to_string()).as_deref());
    bytes.put_maybe(event.agent.map(|agent| agent.role.as_str()));
    bytes.put_maybe(event.session.as_deref());
    bytes.put(event.source.as_bytes());
    bytes.put(event.request.as_bytes());
    bytes.put(event.operation.as_bytes());
    bytes.put(event.action.code().as_bytes());
    bytes.put_maybe(event.entity.as_ref().map(|entity| entity.kind.as_str()));
    bytes.put_maybe(event.entity.as_ref().map(|entity| entity.id.as_str()));
    bytes.put_maybe(event.patient.map(|patient| patient.to_string()).as_deref());
    bytes.put(&event.outcome.to_be_bytes());
    bytes.put(event.query.as_bytes());
    bytes.put_maybe(event.results.map(|results| results.to_string()).as_deref());
}

/// An unambiguous encoding: every field is prefixed with its length.
struct Canonical(Sha256);

impl Canonical {
    fn new(purpose: &[u8]) -> Self {
        let mut bytes = Self(Sha256::new());
        bytes.put(purpose);
        bytes
    }

    fn put(&mut self, field: &[u8]) {
        self.0.update(u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.0.update(field);
    }

    fn put_maybe(&mut self, field: Option<&str>) {
        self.put(&[u8::from(field.is_some())]);
        self.put(field.unwrap_or_default().as_bytes());
    }

    fn hash(self) -> AuditHash {
        AuditHash(self.0.finalize().into())
    }
}
