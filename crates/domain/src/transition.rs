//! One move of a state machine, ready to be saved.

use crate::account::AccountUuid;
use crate::id::Version;
use crate::time::Timestamp;

/// Who makes a move, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provenance {
    /// The account that makes the move.
    pub by: AccountUuid,
    /// When it is made.
    pub at: Timestamp,
}

/// A decided move: the record as it will be, and where it came from.
///
/// It is saved only if the stored record still has the version before this one, together with
/// its history entry, or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition<R, S> {
    /// The record after the move, with its new version.
    pub record: R,
    /// The status before the move.
    pub from: S,
    /// The version that the decision was made on.
    pub based_on: Version,
    /// Who moves it, and when.
    pub provenance: Provenance,
}

/// The stored version is not the one that a decision was based on: another change was saved first,
/// and nothing of this one is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record has been changed since it was read")]
pub struct Stale;

/// What happened to a record, once: the history of a record has one entry per version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry<S> {
    /// The version that this move made.
    pub version: Version,
    /// Who moved it, and when.
    pub provenance: Provenance,
    /// The status before; `None` for the record's creation.
    pub from: Option<S>,
    /// The status after.
    pub to: S,
    /// The physician after the move, if one is assigned.
    pub physician: Option<AccountUuid>,
}
