//! Who may see an event.

use super::Event;
use crate::account::{AccountUuid, Actor};

/// Selects the events that a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// All events: for the admin and the webhook receiver.
    Everyone,
    /// The events of one account's own records.
    Party(AccountUuid),
}

impl Audience {
    /// The events that this caller may see.
    pub fn of(actor: &Actor) -> Self {
        if actor.is_admin() { Self::Everyone } else { Self::Party(actor.uuid) }
    }

    /// Whether the event is for this audience. A transition that takes a record from a physician is also for that
    /// physician, who gets no later event of the record.
    pub fn includes(self, event: &Event) -> bool {
        let parties = &event.content.parties;
        match self {
            Self::Everyone => true,
            Self::Party(account) => {
                parties.patient == account
                    || parties.physician == Some(account)
                    || parties.former_physician == Some(account)
            }
        }
    }
}
