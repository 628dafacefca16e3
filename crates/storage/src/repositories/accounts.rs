use async_trait::async_trait;
use futures_util::FutureExt as _;
use yilin_domain::account::{
    Account, AccountChanges, AccountFilter, AccountUuid, Credentials, NewAccount, PersonName, PhoneNumber,
};
use yilin_domain::id::AccountId;
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{AccountRepository, AccountTaken, PortError};
use yilin_domain::time::Timestamp;

use super::Database;
use super::queries::{account_insert, account_list, accounts};

#[async_trait]
impl AccountRepository for Database {
    async fn insert(
        &self,
        accounts: Vec<NewAccount>,
    ) -> Result<Vec<Result<Account, AccountTaken>>, PortError> {
        let args = (accounts, self.random.clone());
        self.engine
            .write(args, |conn, (accounts, random)| account_insert::insert(conn, accounts, &**random).boxed())
            .await
    }

    async fn find(&self, uuid: AccountUuid) -> Result<Option<Account>, PortError> {
        self.engine.read(uuid, |conn, uuid| accounts::find(conn, *uuid).boxed()).await
    }

    async fn find_all(&self, uuids: &[AccountUuid]) -> Result<Vec<Account>, PortError> {
        self.engine.read(uuids.to_vec(), |conn, uuids| accounts::find_all(conn, uuids).boxed()).await
    }

    async fn credentials_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Credentials>, PortError> {
        self.engine.read(phone.clone(), |conn, phone| accounts::by_phone(conn, phone).boxed()).await
    }

    async fn credentials_by_admin_name(&self, name: &PersonName) -> Result<Option<Credentials>, PortError> {
        self.engine.read(name.clone(), |conn, name| accounts::by_admin_name(conn, name).boxed()).await
    }

    async fn admins(&self) -> Result<Vec<Credentials>, PortError> {
        self.engine.read((), |conn, ()| accounts::admins(conn).boxed()).await
    }

    async fn update(
        &self,
        uuid: AccountUuid,
        changes: AccountChanges,
        at: Timestamp,
    ) -> Result<Result<Option<Account>, AccountTaken>, PortError> {
        self.engine
            .write((uuid, changes, at), |conn, (uuid, changes, at)| {
                accounts::update(conn, *uuid, changes, *at).boxed()
            })
            .await
    }

    async fn page(&self, filter: &AccountFilter, page: PageRequest) -> Result<Page<Account>, PortError> {
        self.engine
            .read((filter.clone(), page), |conn, (filter, page)| {
                account_list::page(conn, filter, *page).boxed()
            })
            .await
    }

    async fn batch(
        &self,
        filter: &AccountFilter,
        before: Option<AccountId>,
        limit: u16,
    ) -> Result<Vec<Account>, PortError> {
        self.engine
            .read((filter.clone(), before, limit), |conn, (filter, before, limit)| {
                account_list::batch(conn, filter, *before, *limit).boxed()
            })
            .await
    }
}
