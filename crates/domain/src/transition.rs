//! One transition of a state machine, ready to be saved.

use crate::account::AccountUuid;
use crate::audit::EntryDraft;
use crate::event::EventType;
use crate::id::Version;
use crate::reason::Reason;
use crate::time::Timestamp;

/// Who makes a change, when, and why. Every change through a port takes one, by itself or in a [`Transition`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The account that makes it.
    pub by: AccountUuid,
    /// Time of the change.
    pub at: Timestamp,
    /// Why it is made, where a reason is required or was given.
    pub reason: Option<Reason>,
    /// The draft of its audit entry; `None` if it is not recorded.
    pub entry: Option<EntryDraft>,
}

impl Provenance {
    /// A change by this account at this time, without a reason.
    pub const fn new(by: AccountUuid, at: Timestamp) -> Self {
        Self { by, at, reason: None, entry: None }
    }

    /// The same change, made for this reason.
    #[must_use]
    pub fn because(self, reason: Reason) -> Self {
        Self { reason: Some(reason), ..self }
    }

    /// The same transition with this audit entry.
    #[must_use]
    pub fn leaving(self, entry: Option<EntryDraft>) -> Self {
        Self { entry, ..self }
    }
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
    /// Who makes it, when, and why.
    pub provenance: Provenance,
    /// The event that announces it; `None` for a transition without an event type of its own.
    pub event: Option<EventType>,
    /// The physician from whom it takes the record.
    pub former_physician: Option<AccountUuid>,
}

/// The stored version is not the one a decision was based on: another change was saved first, and nothing of
/// this one is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record has been changed since it was read")]
pub struct Stale;

/// One entry of a record's history, which has one entry per version. Together with the record's immutable
/// fields, the entries are enough to rebuild its present state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry<S, A> {
    /// The version created by this transition.
    pub version: Version,
    /// Who made it.
    pub by: AccountUuid,
    /// Time of the transition.
    pub at: Timestamp,
    /// Why, where a reason was given.
    pub reason: Option<Reason>,
    /// The status before; `None` for the creation.
    pub from: Option<S>,
    /// The status after.
    pub to: S,
    /// The physician after the transition, if one is assigned.
    pub physician: Option<AccountUuid>,
    /// The other mutable fields, after the transition.
    pub after: A,
}
