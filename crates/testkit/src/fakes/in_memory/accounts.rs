//! Accounts, in memory.

use async_trait::async_trait;
use yilin_domain::account::{
    Account, AccountChanges, AccountField, AccountFilter, AccountUuid, Credentials, NewAccount,
    PasswordChange, PersonName, PhoneNumber, Role, Standing,
};
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::id::AccountId;
use yilin_domain::idempotency::Receipt;
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{
    AccountRepository, AccountTaken, CreateRefused, PortError, Random, StandingRefused, UpdateRefused,
};
use yilin_domain::time::Timestamp;
use yilin_domain::transition::Provenance;

use super::state::State;
use super::{InMemory, list};

#[async_trait]
impl AccountRepository for InMemory {
    async fn insert(
        &self,
        accounts: Vec<NewAccount>,
        entry: Option<EntryDraft>,
    ) -> Result<Vec<Result<Account, AccountTaken>>, PortError> {
        let mut state = self.begin().await?;
        let inserted = accounts.into_iter().map(|account| state.insert_account(account, &*self.random));
        let inserted: Vec<_> = inserted.collect();
        let stored: Vec<_> = inserted.iter().flatten().map(|account| account.uuid).collect();
        match stored[..] {
            [] => {}
            [one] => state.leave(entry.as_ref(), Changed::one("account", one, Some(one))),
            _ => state.leave(entry.as_ref(), Changed::many(stored.len())),
        }
        Ok(inserted)
    }

    async fn create(
        &self,
        account: NewAccount,
        provenance: Provenance,
        receipt: Option<Receipt<Account>>,
    ) -> Result<Result<Account, CreateRefused>, PortError> {
        let mut state = self.begin().await?;
        if let Err(used) = state.key_is_free(receipt.as_ref()) {
            return Ok(Err(used.into()));
        }
        let created = state.insert_account(account, &*self.random);
        if let Ok(account) = &created {
            state.keep_answer(receipt.as_ref(), account);
            let changed = Changed::one("account", account.uuid, Some(account.uuid));
            state.leave(provenance.entry.as_ref(), changed);
        }
        Ok(created.map_err(CreateRefused::from))
    }

    async fn set_disabled(
        &self,
        uuid: AccountUuid,
        disabled: bool,
        provenance: Provenance,
    ) -> Result<Result<Option<Account>, StandingRefused>, PortError> {
        Ok(self.begin().await?.set_disabled(uuid, disabled, &provenance))
    }

    async fn standings(&self, uuid: AccountUuid) -> Result<Vec<Standing>, PortError> {
        Ok(self.begin().await?.standings.get(&uuid).cloned().unwrap_or_default())
    }

    async fn find(&self, uuid: AccountUuid) -> Result<Option<Account>, PortError> {
        Ok(self.begin().await?.account(uuid).cloned())
    }

    async fn find_all(&self, uuids: &[AccountUuid]) -> Result<Vec<Account>, PortError> {
        let state = self.begin().await?;
        let accounts = state.accounts.values().map(|stored| &stored.account);
        Ok(accounts.filter(|account| uuids.contains(&account.uuid)).cloned().collect())
    }

    async fn credentials_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Credentials>, PortError> {
        let wanted = |account: &Account| account.role != Role::Admin && account.phone.as_ref() == Some(phone);
        Ok(self.begin().await?.accounts.values().find(|stored| wanted(&stored.account)).cloned())
    }

    async fn credentials_by_admin_name(&self, name: &PersonName) -> Result<Option<Credentials>, PortError> {
        let wanted = |account: &Account| account.role == Role::Admin && account.username == *name;
        Ok(self.begin().await?.accounts.values().find(|stored| wanted(&stored.account)).cloned())
    }

    async fn admins(&self) -> Result<Vec<Credentials>, PortError> {
        let state = self.begin().await?;
        Ok(state.accounts.values().filter(|stored| stored.account.role == Role::Admin).cloned().collect())
    }

    async fn update(
        &self,
        uuid: AccountUuid,
        changes: AccountChanges,
        at: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<Result<Option<Account>, UpdateRefused>, PortError> {
        let mut state = self.begin().await?;
        let updated = state.update_account(uuid, changes, at);
        if let Ok(Some(_)) = updated {
            state.leave(entry.as_ref(), Changed::one("account", uuid, Some(uuid)));
        }
        Ok(updated)
    }

    async fn page(&self, filter: &AccountFilter, page: PageRequest) -> Result<Page<Account>, PortError> {
        Ok(list::page(self.begin().await?.accounts_of(filter, None).cloned(), page))
    }

    async fn batch(
        &self,
        filter: &AccountFilter,
        before: Option<AccountId>,
        limit: u16,
    ) -> Result<Vec<Account>, PortError> {
        let state = self.begin().await?;
        Ok(state.accounts_of(filter, before).take(limit.into()).cloned().collect())
    }
}

impl State {
    pub(super) fn insert_account(
        &mut self,
        new: NewAccount,
        random: &dyn Random,
    ) -> Result<Account, AccountTaken> {
        if let Some(phone) = &new.phone {
            self.phone_is_free(phone, None)?;
        }
        let mut accounts = self.accounts.values().map(|stored| &stored.account);
        if new.role == Role::Admin
            && accounts.any(|account| account.role == Role::Admin && account.username == new.username)
        {
            return Err(AccountTaken::AdminName);
        }
        let account = new.stored_as(AccountId(self.next_id()), self.free_uuid(random));
        let credentials = Credentials { account: account.clone(), password: new.password };
        self.accounts.insert(account.id, credentials);
        Ok(account)
    }

    fn set_disabled(
        &mut self,
        uuid: AccountUuid,
        disabled: bool,
        provenance: &Provenance,
    ) -> Result<Option<Account>, StandingRefused> {
        let Some(account) = self.account(uuid).cloned() else { return Ok(None) };
        if self.account(provenance.by).is_none_or(|by| by.disabled) {
            return Err(StandingRefused::ByDisabled);
        }
        if account.disabled == disabled {
            return Ok(Some(account));
        }
        let stored = self.accounts.values().map(|stored| &stored.account);
        let admins = stored.filter(|account| account.role == Role::Admin && !account.disabled).count();
        if disabled && account.role == Role::Admin && admins <= 1 {
            return Err(StandingRefused::LastAdmin);
        }
        let stored = self.accounts.get_mut(&account.id).expect("the account has just been found");
        stored.account.disabled = disabled;
        let account = stored.account.clone();
        let Provenance { by, at, reason, entry } = provenance.clone();
        self.leave(entry.as_ref(), Changed::one("account", uuid, Some(uuid)));
        let standing = Standing { disabled, by, at, reason: reason.expect("such a change has a reason") };
        self.standings.entry(uuid).or_default().push(standing);
        if disabled {
            self.end_sessions_of(uuid, None, at);
        }
        Ok(Some(account))
    }

    fn free_uuid(&self, random: &dyn Random) -> AccountUuid {
        let draws = std::iter::repeat_with(|| AccountUuid::from_bytes(random.bytes()));
        let mut free = draws.filter(|uuid| self.account(*uuid).is_none());
        free.next().expect("uuids are drawn until one is free")
    }

    pub(super) fn has_phone(&self, phone: &PhoneNumber) -> bool {
        self.phone_is_free(phone, None).is_err()
    }

    fn phone_is_free(&self, phone: &PhoneNumber, but_for: Option<AccountUuid>) -> Result<(), AccountTaken> {
        let mut accounts = self.accounts.values().map(|stored| &stored.account);
        let taken =
            accounts.any(|account| account.phone.as_ref() == Some(phone) && Some(account.uuid) != but_for);
        if taken { Err(AccountTaken::Phone) } else { Ok(()) }
    }

    fn update_account(
        &mut self,
        uuid: AccountUuid,
        changes: AccountChanges,
        at: Timestamp,
    ) -> Result<Option<Account>, UpdateRefused> {
        if self.account(uuid).is_some_and(|stored| changes.are_overtaken(stored)) {
            return Err(UpdateRefused::Overtaken);
        }
        if let Some(phone) = &changes.phone {
            self.phone_is_free(phone, Some(uuid))?;
        }
        let Some(stored) = self.accounts.values_mut().find(|stored| stored.account.uuid == uuid) else {
            return Ok(None);
        };
        let account = &mut stored.account;
        replace(&mut account.nickname, changes.nickname);
        replace(&mut account.hospital, changes.hospital);
        replace(&mut account.home_address, changes.home_address);
        account.phone = changes.phone.or(account.phone.take());
        account.sex = changes.sex.or(account.sex);
        if let Some(PasswordChange { hash, must_change, keep_session }) = changes.password {
            account.must_change_password = must_change;
            stored.password = hash;
            account.password_version += 1;
            let account = stored.account.clone();
            self.end_sessions_of(uuid, keep_session, at);
            return Ok(Some(account));
        }
        Ok(Some(stored.account.clone()))
    }

    fn accounts_of(
        &self,
        filter: &AccountFilter,
        before: Option<AccountId>,
    ) -> impl Iterator<Item = &Account> {
        list::newest_first(&self.accounts, before)
            .map(|stored| &stored.account)
            .filter(move |account| shows(filter, account))
    }
}

fn replace<T>(field: &mut T, change: Option<T>) {
    if let Some(change) = change {
        *field = change;
    }
}

fn shows(filter: &AccountFilter, account: &Account) -> bool {
    let contains = |(field, text): &(AccountField, String)| match field {
        AccountField::Username => account.username.as_str().contains(text),
        AccountField::Phone => account.phone.as_ref().map_or("", PhoneNumber::as_str).contains(text),
        AccountField::Uuid => account.uuid.to_string().contains(text),
        AccountField::Hospital => account.hospital.as_str().contains(text),
        AccountField::HomeAddress => account.home_address.as_str().contains(text),
        AccountField::Nickname => account.nickname.as_str().contains(text),
    };
    account.role == filter.role && filter.containing.as_ref().is_none_or(contains)
}
