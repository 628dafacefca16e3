//! One transition of a state machine, ready to be saved.

use crate::account::AccountUuid;
use crate::id::Version;
use crate::time::Timestamp;

/// Who makes a change, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Provenance {
    /// The account that makes it.
    pub by: AccountUuid,
    /// Time of the change.
    pub at: Timestamp,
}

/// A decided transition: the new record, and the state it was based on.
///
/// It is saved together with its history entry, and only if the stored record still has the version before
/// this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition<R, S> {
    /// The record after the transition, with its new version.
    pub record: R,
    /// The status before the transition.
    pub from: S,
    /// The version that the decision is based on.
    pub based_on: Version,
    /// Who makes it, and when.
    pub provenance: Provenance,
}

/// The stored version is not the one a decision was based on: another change was saved first, and nothing of
/// this one is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record has been changed since it was read")]
pub struct Stale;

/// One entry of a record's history, which has one entry per version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry<S> {
    /// The version created by this transition.
    pub version: Version,
    /// Who made it, and when.
    pub provenance: Provenance,
    /// The status before; `None` for the creation.
    pub from: Option<S>,
    /// The status after.
    pub to: S,
    /// The physician after the transition, if one is assigned.
    pub physician: Option<AccountUuid>,
}
