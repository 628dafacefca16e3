//! Accounts.

use async_trait::async_trait;
use diesel::{
    ExpressionMethods as _, NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{
    Account, AccountChanges, AccountField, AccountFilter, AccountUuid, Credentials, NewAccount, PersonName,
    PhoneNumber, Role, Standing,
};
use yilin_domain::audit::{Changed, EntryDraft};
use yilin_domain::id::AccountId;
use yilin_domain::idempotency::Receipt;
use yilin_domain::list::{Page, PageRequest};
use yilin_domain::port::{
    AccountRepository, AccountTaken, CreateRefused, PortError, StandingRefused, UpdateRefused,
};
use yilin_domain::time::Timestamp;
use yilin_domain::transition::Provenance;

use super::audit::outbox;
use super::{Conn, Database, Db, account_insert, answers, sessions};
use crate::error::{QueryError, QueryResult, is_unique_violation};
use crate::rows::{
    AccountChangeset, AccountRow, Counters, CredentialsRow, NewStandingRow, StandingRow, StoredCode as _,
    name_bytes,
};
use crate::schema::{account, account_standing, position_in};
use crate::totals::Counter;

paged_list!(account, AccountFilter, Account, AccountId);

#[async_trait]
impl AccountRepository for Database {
    async fn insert(
        &self,
        accounts: Vec<NewAccount>,
        entry: Option<EntryDraft>,
    ) -> Result<Vec<Result<Account, AccountTaken>>, PortError> {
        self.engine
            .leaving(entry.clone())
            .write(
                (accounts, self.random.clone(), entry),
                work!(|conn, (accounts, random, entry)| {
                    let verdicts = account_insert::verdicts(conn, accounts).await?;
                    let stored = account_insert::store(conn, accounts, &verdicts, &**random).await?;
                    if !stored.is_empty() {
                        let about = match &*stored {
                            [one] => Changed::one("account", one.uuid, Some(one.uuid)),
                            several => Changed::many(several.len()),
                        };
                        outbox::leave(conn, entry.as_ref(), about).await?;
                    }
                    let mut stored = stored.into_iter();
                    let stored = |verdict: Result<(), AccountTaken>| match verdict {
                        Ok(()) => {
                            stored.next().map(Ok).ok_or(QueryError::Other("an account is missing".into()))
                        }
                        Err(taken) => Ok(Err(taken)),
                    };
                    verdicts.into_iter().map(stored).collect()
                }),
            )
            .await
    }

    async fn create(
        &self,
        account: NewAccount,
        provenance: Provenance,
        receipt: Option<Receipt<Account>>,
    ) -> Result<Result<Account, CreateRefused>, PortError> {
        self.engine
            .leaving(provenance.entry.clone())
            .write(
                ([account], provenance, receipt, self.random.clone()),
                work!(|conn, (account, provenance, receipt, random)| {
                    let receipt = receipt.as_ref();
                    // First: what an earlier request with the same key has taken is no reason to refuse this one.
                    if let Err(used) = answers::claim(conn, receipt).await? {
                        return Ok(Err(used.into()));
                    }
                    let verdicts = account_insert::verdicts(conn, account).await?;
                    let stored = account_insert::store(conn, account, &verdicts, &**random).await?;
                    match (verdicts.into_iter().next(), stored.into_iter().next()) {
                        (Some(Err(taken)), _) => {
                            answers::release(conn, receipt).await?;
                            Ok(Err(taken.into()))
                        }
                        (_, Some(account)) => {
                            let about = Changed::one("account", account.uuid, Some(account.uuid));
                            outbox::leave(conn, provenance.entry.as_ref(), about).await?;
                            answers::keep(conn, receipt, &account).await?;
                            Ok(Ok(account))
                        }
                        _ => Err(QueryError::Other("an account is missing".into())),
                    }
                }),
            )
            .await
    }

    /// Changes the rows of all admins who can log in before it looks at any: of two who disable each other at
    /// the same time, one waits for the other (or, in a cluster, fails and is done again) and sees what it did.
    async fn set_disabled(
        &self,
        uuid: AccountUuid,
        disabled: bool,
        provenance: Provenance,
    ) -> Result<Result<Option<Account>, StandingRefused>, PortError> {
        self.engine
            .leaving(provenance.entry.clone())
            .write(
                (uuid, disabled, provenance),
                work!(|conn, (uuid, disabled, provenance)| {
                    let admins = touch_admins(conn).await?;
                    let Some(account) = find(conn, *uuid).await? else { return Ok(Ok(None)) };
                    if find(conn, provenance.by).await?.is_none_or(|by| by.disabled) {
                        return Ok(Err(StandingRefused::ByDisabled));
                    }
                    if account.disabled == *disabled {
                        return Ok(Ok(Some(account)));
                    }
                    if *disabled && account.role == Role::Admin && admins <= 1 {
                        return Ok(Err(StandingRefused::LastAdmin));
                    }
                    let changed = account::table.filter(account::uuid.eq(uuid.to_string()));
                    diesel::update(changed).set(account::disabled.eq(disabled)).execute(conn).await?;
                    let standing = NewStandingRow::new(*uuid, *disabled, provenance);
                    diesel::insert_into(account_standing::table).values(standing).execute(conn).await?;
                    if *disabled {
                        sessions::end_all_of(conn, *uuid, None, provenance.at).await?;
                    }
                    let about = Changed::one("account", uuid, Some(*uuid));
                    outbox::leave(conn, provenance.entry.as_ref(), about).await?;
                    Ok(Ok(Some(Account { disabled: *disabled, ..account })))
                }),
            )
            .await
    }

    async fn standings(&self, uuid: AccountUuid) -> Result<Vec<Standing>, PortError> {
        self.engine
            .read(
                uuid,
                work!(|conn, uuid| {
                    let rows = account_standing::table
                        .filter(account_standing::account_uuid.eq(uuid.to_string()))
                        .order(account_standing::id)
                        .select(StandingRow::as_select())
                        .load(conn)
                        .await?;
                    Ok(rows.into_iter().map(Standing::try_from).collect::<Result<_, _>>()?)
                }),
            )
            .await
    }

    async fn find(&self, uuid: AccountUuid) -> Result<Option<Account>, PortError> {
        self.engine.read(uuid, work!(|conn, uuid| find(conn, *uuid).await)).await
    }

    async fn find_all(&self, uuids: &[AccountUuid]) -> Result<Vec<Account>, PortError> {
        self.engine
            .read(
                uuids.to_vec(),
                work!(|conn, uuids| {
                    let uuids = uuids.iter().map(ToString::to_string);
                    load(conn, account::table.filter(account::uuid.eq_any(uuids)).into_boxed()).await
                }),
            )
            .await
    }

    async fn credentials_by_phone(&self, phone: &PhoneNumber) -> Result<Option<Credentials>, PortError> {
        self.engine
            .read(
                phone.clone(),
                work!(|conn, phone| {
                    let rows = account::table
                        .filter(account::phone.eq(phone.as_str()))
                        .filter(account::role.ne(Role::Admin.code()));
                    Ok(credentials(conn, rows.into_boxed()).await?.pop())
                }),
            )
            .await
    }

    async fn credentials_by_admin_name(&self, name: &PersonName) -> Result<Option<Credentials>, PortError> {
        self.engine
            .read(
                name.clone(),
                work!(|conn, name| {
                    let rows = account::table.filter(account::admin_name.eq(name_bytes(name)));
                    Ok(credentials(conn, rows.into_boxed()).await?.pop())
                }),
            )
            .await
    }

    async fn admins(&self) -> Result<Vec<Credentials>, PortError> {
        self.engine
            .read(
                (),
                work!(|conn, ()| {
                    let rows = account::table.filter(account::role.eq(Role::Admin.code()));
                    credentials(conn, rows.order(account::id).into_boxed()).await
                }),
            )
            .await
    }

    /// Updates the account's row before its sessions: a session that starts concurrently updates the row too,
    /// so that one of the two waits (or, in a cluster, fails and is rerun).
    async fn update(
        &self,
        uuid: AccountUuid,
        changes: AccountChanges,
        at: Timestamp,
        entry: Option<EntryDraft>,
    ) -> Result<Result<Option<Account>, UpdateRefused>, PortError> {
        self.engine
            .leaving(entry.clone())
            .write(
                (uuid, changes, at, entry),
                work!(|conn, (uuid, changes, at, entry)| {
                    if changes.seen.is_some() {
                        match found_and_kept(conn, *uuid).await? {
                            None => return Ok(Ok(None)),
                            Some(stored) if changes.are_overtaken(&stored) => {
                                return Ok(Err(UpdateRefused::Overtaken));
                            }
                            Some(_) => {}
                        }
                    }
                    let password_changes = i32::from(changes.password.is_some());
                    let updated = diesel::update(account::table.filter(account::uuid.eq(uuid.to_string())))
                        .set((
                            AccountChangeset::new(changes),
                            account::password_version.eq(account::password_version + password_changes),
                        ))
                        .execute(conn)
                        .await;
                    match updated {
                        Ok(0) => return Ok(Ok(None)),
                        Ok(_) => {}
                        Err(error) if is_unique_violation(&error) => {
                            return Ok(Err(AccountTaken::Phone.into()));
                        }
                        Err(error) => return Err(error.into()),
                    }
                    if let Some(password) = &changes.password {
                        sessions::end_all_of(conn, *uuid, password.keep_session, *at).await?;
                    }
                    let about = Changed::one("account", uuid, Some(*uuid));
                    outbox::leave(conn, entry.as_ref(), about).await?;
                    Ok(Ok(find(conn, *uuid).await?))
                }),
            )
            .await
    }

    async fn page(&self, filter: &AccountFilter, page: PageRequest) -> Result<Page<Account>, PortError> {
        let args = (filter.clone(), page);
        self.engine.read(args, work!(|conn, (filter, page)| read_page(conn, filter, *page).await)).await
    }

    async fn batch(
        &self,
        filter: &AccountFilter,
        before: Option<AccountId>,
        limit: u16,
    ) -> Result<Vec<Account>, PortError> {
        let args = (filter.clone(), before, limit);
        self.engine
            .read_many(
                args,
                work!(|conn, (filter, before, limit)| read_batch(conn, filter, *before, *limit).await),
            )
            .await
    }
}

/// Changes the rows of the admins who are not disabled, and gives how many there are.
async fn touch_admins(conn: &mut Conn) -> QueryResult<usize> {
    let admins =
        account::table.filter(account::role.eq(Role::Admin.code())).filter(account::disabled.eq(false));
    let version = account::standing_version.eq(account::standing_version + 1);
    Ok(diesel::update(admins).set(version).execute(conn).await?)
}

/// The account, which nobody else changes before the end of the transaction: its row is updated before it is read.
async fn found_and_kept(conn: &mut Conn, uuid: AccountUuid) -> QueryResult<Option<Account>> {
    let row = account::table.filter(account::uuid.eq(uuid.to_string()));
    let same = account::password_version.eq(account::password_version);
    diesel::update(row).set(same).execute(conn).await?;
    find(conn, uuid).await
}

async fn find(conn: &mut Conn, uuid: AccountUuid) -> QueryResult<Option<Account>> {
    let row = account::table
        .filter(account::uuid.eq(uuid.to_string()))
        .select(AccountRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(Account::try_from).transpose()?)
}

async fn credentials(conn: &mut Conn, rows: account::BoxedQuery<'_, Db>) -> QueryResult<Vec<Credentials>> {
    let rows = rows.select(CredentialsRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(Credentials::try_from).collect::<Result<_, _>>()?)
}

fn filtered(filter: &AccountFilter) -> account::BoxedQuery<'_, Db> {
    let rows = account::table.filter(account::role.eq(filter.role.code())).into_boxed();
    let Some((field, text)) = searched(filter) else { return rows };
    match field {
        // MySQL rejects a search for non-ASCII characters in an ASCII column. No id is negative, so nothing
        // is found.
        AccountField::Phone | AccountField::Uuid if !text.is_ascii() => rows.filter(account::id.lt(0)),
        AccountField::Username => rows.filter(position_in(account::username.nullable(), text).gt(0)),
        AccountField::Phone => rows.filter(position_in(account::phone, text).gt(0)),
        AccountField::Uuid => rows.filter(position_in(account::uuid.nullable(), text).gt(0)),
        AccountField::Hospital => rows.filter(position_in(account::hospital.nullable(), text).gt(0)),
        AccountField::HomeAddress => rows.filter(position_in(account::home_address.nullable(), text).gt(0)),
        AccountField::Nickname => rows.filter(position_in(account::nickname.nullable(), text).gt(0)),
    }
}

/// The search text, if there is one.
fn searched(filter: &AccountFilter) -> Option<(AccountField, &str)> {
    let (field, text) = filter.containing.as_ref()?;
    (!text.is_empty()).then_some((*field, text.as_str()))
}

fn counters(filter: &AccountFilter) -> Option<Counters> {
    searched(filter).is_none().then(|| Counters::one(Counter::Accounts(filter.role)))
}

pub(super) async fn load(conn: &mut Conn, rows: account::BoxedQuery<'_, Db>) -> QueryResult<Vec<Account>> {
    let rows = rows.select(AccountRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(Account::try_from).collect::<Result<_, _>>()?)
}
