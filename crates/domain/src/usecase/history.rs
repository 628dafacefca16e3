//! Histories with the accounts that they refer to.

use std::collections::{BTreeSet, HashMap};

use super::Context;
use crate::account::{Account, AccountSummary, AccountUuid};
use crate::error::Error;
use crate::inquiry::PhysicianSummary;
use crate::port::PortError;
use crate::transition::HistoryEntry;

/// A record and its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryOf<R, E> {
    /// The current record.
    pub record: R,
    /// Its history, oldest first.
    pub lines: Vec<HistoryLine<E>>,
}

/// A history entry with the accounts that it refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine<E> {
    /// The entry.
    pub entry: E,
    /// Who made the transition.
    pub by: AccountSummary,
    /// The physician after the transition, if one was assigned.
    pub physician: Option<PhysicianSummary>,
}

/// The accounts that histories refer to.
pub(super) struct NamedAccounts(HashMap<AccountUuid, Account>);

impl NamedAccounts {
    /// These accounts, read in one query.
    pub(super) async fn read(
        context: &Context,
        uuids: impl Iterator<Item = AccountUuid>,
    ) -> Result<Self, PortError> {
        let uuids: Vec<AccountUuid> = uuids.collect::<BTreeSet<_>>().into_iter().collect();
        let accounts = context.ports.accounts.find_all(&uuids).await?;
        Ok(Self(accounts.into_iter().map(|account| (account.uuid, account)).collect()))
    }

    /// One of them.
    pub(super) fn get(&self, uuid: AccountUuid) -> Result<&Account, PortError> {
        self.0.get(&uuid).ok_or_else(|| PortError::Corrupt {
            table: "account",
            column: "uuid",
            row: uuid.to_string(),
            reason: "a history names an account that does not exist".to_owned(),
        })
    }
}

/// Adds the accounts that the entries refer to.
pub(super) async fn named_history<S, A>(
    context: &Context,
    entries: Vec<HistoryEntry<S, A>>,
) -> Result<Vec<HistoryLine<HistoryEntry<S, A>>>, Error> {
    let people = entries.iter().flat_map(|entry| [Some(entry.by), entry.physician]);
    let accounts = NamedAccounts::read(context, people.flatten()).await?;
    let named = |entry: HistoryEntry<S, A>| {
        Ok(HistoryLine {
            by: accounts.get(entry.by)?.into(),
            physician: entry
                .physician
                .map(|uuid| accounts.get(uuid))
                .transpose()?
                .map(PhysicianSummary::from),
            entry,
        })
    };
    entries.into_iter().map(named).collect()
}
