//! Accounts: visibility and updates.

use std::sync::Arc;

use super::{Context, Sessions};
use crate::account::{
    Account, AccountChanges, AccountField, AccountFilter, AccountUpdate, Actor, Role, fold_name,
};
use crate::error::Error;
use crate::list::{Batches, Page, PageRequest, batches};
use crate::port::Quota;

/// The two update routes. They differ only in who may call them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateRoute {
    /// Any account's own profile; the app also uses it for physicians.
    Patient,
    /// A physician's own profile.
    Physician,
}

impl UpdateRoute {
    /// The roles that may use it.
    pub const fn callers(self) -> &'static [Role] {
        match self {
            Self::Patient => &[Role::Patient, Role::Physician, Role::Admin],
            Self::Physician => &[Role::Physician, Role::Admin],
        }
    }
}

/// Accounts.
#[derive(Clone)]
pub struct Accounts {
    pub(super) context: Arc<Context>,
    pub(super) sessions: Sessions,
}

impl Accounts {
    pub(super) fn new(context: Arc<Context>, sessions: Sessions) -> Self {
        Self { context, sessions }
    }

    /// The caller's own account.
    pub async fn own(&self, actor: &Actor) -> Result<Account, Error> {
        let account = self.context.ports.accounts.find(actor.uuid).await?;
        account.ok_or(Error::SessionWithoutAccount)
    }

    /// One page of accounts.
    pub async fn page(
        &self,
        actor: &Actor,
        filter: &AccountFilter,
        page: PageRequest,
    ) -> Result<Page<Account>, Error> {
        may_list(actor, filter)?;
        let filter = as_stored(filter.clone());
        Ok(self.context.ports.accounts.page(&filter, page).await?)
    }

    /// The complete list of accounts.
    pub fn all(&self, actor: &Actor, filter: AccountFilter) -> Result<Batches<Account>, Error> {
        may_list(actor, &filter)?;
        let (accounts, filter) = (self.context.ports.accounts.clone(), Arc::new(as_stored(filter)));
        Ok(batches(
            |account: &Account| account.id,
            move |before, limit| {
                let (accounts, filter) = (accounts.clone(), filter.clone());
                async move { Ok(accounts.batch(&filter, before, limit).await?) }
            },
        ))
    }

    /// Changes an account: one's own, or any as an admin. A new password ends the account's other
    /// sessions; one that an admin sets for somebody else is to be changed by its owner.
    pub async fn update(
        &self,
        actor: &Actor,
        route: UpdateRoute,
        update: AccountUpdate,
    ) -> Result<Account, Error> {
        self.update_as_seen(actor, route, update, None).await
    }

    /// As [`Self::update`] by somebody who has seen the account like this: [`Error::Changed`] if somebody else has changed
    /// meanwhile what the update changes.
    pub async fn update_as_seen(
        &self,
        actor: &Actor,
        route: UpdateRoute,
        update: AccountUpdate,
        seen: Option<Account>,
    ) -> Result<Account, Error> {
        actor.require(route.callers())?;
        let is_own = actor.uuid == update.uuid;
        if !is_own && !actor.is_admin() {
            return Err(Error::NotFound);
        }
        let accounts = &self.context.ports.accounts;
        let account = accounts.find(update.uuid).await?.ok_or(Error::NotFound)?;
        let update = update.applicable_to(account.role);
        if is_own && update.phone.is_some() && update.phone != account.phone {
            self.count_phone_change(actor).await?;
        }
        let password = match &update.password {
            Some(password) => Some(self.password_change(actor, is_own, password).await?),
            None => None,
        };
        let ends_sessions = password.is_some();
        let changes = AccountChanges {
            nickname: update.nickname,
            phone: update.phone,
            sex: update.sex,
            home_address: update.home_address,
            hospital: update.hospital,
            password,
            seen,
        };
        let (now, entry) = (self.context.now(), self.context.entry(actor));
        let updated = accounts.update(account.uuid, changes, now, entry).await?;
        let account = updated?.ok_or(Error::NotFound)?;
        if ends_sessions {
            self.sessions.refresh().await?;
        }
        Ok(account)
    }

    /// Counts a change of the caller's own phone number before it is known whether it succeeds: otherwise a
    /// client could probe numbers until it finds a masked one.
    async fn count_phone_change(&self, actor: &Actor) -> Result<(), Error> {
        /// Maximum number per day.
        const PER_DAY: u64 = 5;
        let (now, zone) = (self.context.now(), self.context.policy.zone);
        let quotas = &self.context.ports.quotas;
        let counted = quotas.take(actor.uuid, Quota::PhoneChanges, zone.day(now), 1, PER_DAY).await?;
        if counted == 0 {
            return Err(Error::TooManyPhoneChanges { retry_after: zone.until_next_day(now) });
        }
        Ok(())
    }
}

/// The filter with its text normalised as in storage. An empty text matches everything.
fn as_stored(mut filter: AccountFilter) -> AccountFilter {
    let stored = |(field, text): (AccountField, String)| {
        let text = match field {
            AccountField::Username => fold_name(&text),
            _ => text.trim().to_owned(),
        };
        Some((field, text)).filter(|(_, text)| !text.is_empty())
    };
    filter.containing = filter.containing.and_then(stored);
    filter
}

/// All callers may list the hospital's physicians; other lists and searches are for admins.
fn may_list(actor: &Actor, filter: &AccountFilter) -> Result<(), Error> {
    if filter.role == Role::Physician && filter.containing.is_none() {
        return Ok(());
    }
    actor.require(&[Role::Admin])
}
