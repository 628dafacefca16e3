//! Searches for people, in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use async_trait::async_trait;
use yilin_domain::account::{Account, AccountUuid, PeopleFilter, PersonName, ReservedPhone, Role};
use yilin_domain::id::AccountId;
use yilin_domain::list::{Slice, Total, Window};
use yilin_domain::port::{PeopleRepository, PortError, Sharing};

use super::state::State;
use super::{InMemory, list};

#[async_trait]
impl PeopleRepository for InMemory {
    async fn slice(
        &self,
        filter: &PeopleFilter,
        window: Window<AccountId>,
        limit: u16,
    ) -> Result<Slice<Account, AccountId>, PortError> {
        let state = self.begin().await?;
        let window = window.map(|id| id.0);
        let slice = list::slice(state.people(filter), |account| account.id.0, window, limit);
        Ok(slice.map_positions(AccountId))
    }

    async fn total(&self, filter: &PeopleFilter) -> Result<Total, PortError> {
        let number = self.begin().await?.people(filter).count();
        Ok(if *filter == PeopleFilter::everyone(filter.role) {
            Total::Exactly(u64::try_from(number).unwrap_or(u64::MAX))
        } else {
            list::total(number)
        })
    }

    async fn namesakes(&self, role: Role, name: &PersonName, limit: u16) -> Result<Vec<Account>, PortError> {
        let state = self.begin().await?;
        let accounts = state.accounts.values().map(|stored| &stored.account);
        let found = accounts.filter(|account| account.role == role && account.username == *name);
        Ok(found.take(limit.into()).cloned().collect())
    }

    async fn shared_names(
        &self,
        role: Role,
        after: Option<&PersonName>,
        limit: u16,
    ) -> Result<Sharing<PersonName>, PortError> {
        let state = self.begin().await?;
        let mut named = BTreeMap::<PersonName, Vec<Account>>::new();
        for account in state.accounts.values().map(|stored| &stored.account) {
            if account.role == role && !account.username.as_str().is_empty() {
                named.entry(account.username.clone()).or_default().push(account.clone());
            }
        }
        Ok(sharing(&named, after, limit))
    }

    async fn shared_phones(
        &self,
        after: Option<&ReservedPhone>,
        limit: u16,
    ) -> Result<Sharing<ReservedPhone>, PortError> {
        let state = self.begin().await?;
        let mut given = BTreeMap::<String, BTreeSet<AccountUuid>>::new();
        for inquiry in state.inquiries.values().map(|stored| &stored.record) {
            if let Some(phone) = &inquiry.reserved_phone {
                given.entry(phone.as_str().to_owned()).or_default().insert(inquiry.patient);
            }
        }
        let given = given.into_iter().map(|(phone, patients)| {
            let mut patients: Vec<Account> =
                patients.into_iter().map(|uuid| state.named_account(uuid).clone()).collect();
            patients.sort_by_key(|account| account.id);
            (phone, patients)
        });
        let after = after.map(|after| after.as_str().to_owned());
        let Sharing { groups, next } = sharing(&given.collect(), after.as_ref(), limit);
        let phone = |text: String| ReservedPhone::parse(&text).expect("it was one");
        let groups = groups.into_iter().map(|(value, accounts)| (phone(value), accounts)).collect();
        Ok(Sharing { groups, next: next.map(phone) })
    }
}

/// The values after this one that several accounts share.
fn sharing<V: Ord + Clone>(
    by_value: &BTreeMap<V, Vec<Account>>,
    after: Option<&V>,
    limit: u16,
) -> Sharing<V> {
    let beyond = after.map_or(Bound::Unbounded, Bound::Excluded);
    let shared = by_value.range((beyond, Bound::Unbounded)).filter(|(_, accounts)| accounts.len() > 1);
    let groups: Vec<_> =
        shared.take(limit.into()).map(|(value, accounts)| (value.clone(), accounts.clone())).collect();
    let next = groups.last().map(|(value, _)| value.clone()).filter(|_| groups.len() >= limit.into());
    Sharing { groups, next }
}

impl State {
    fn people(&self, filter: &PeopleFilter) -> impl Iterator<Item = Account> {
        list::newest_first(&self.accounts, None)
            .map(|stored| &stored.account)
            .filter(|account| filter.admits(account))
            .cloned()
    }
}
