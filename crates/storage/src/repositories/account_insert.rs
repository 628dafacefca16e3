//! Bulk insertion of accounts.

use std::collections::{HashMap, HashSet};

use chrono::SubsecRound as _;
use diesel::{ExpressionMethods as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{Account, AccountUuid, NewAccount, PhoneNumber, Role};
use yilin_domain::id::AccountId;
use yilin_domain::port::{AccountTaken, Random};

use super::{Conn, name_parts, totals};
use crate::error::{QueryError, QueryResult, is_unique_violation};
use crate::rows::{NewAccountRow, NewDeltaRow, name_bytes};
use crate::schema::account;
use crate::totals::Counter;

/// Rows per statement: even with the longest texts far below MySQL's smallest packet size.
const ROWS: usize = 200;
/// Values per look-up.
const VALUES: usize = 1000;
/// Maximum number of draws per uuid. Of four billion, a hospital uses a few million.
const DRAWS: usize = 100;

/// Whether each account can be stored, as of now.
pub(super) async fn verdicts(
    conn: &mut Conn,
    accounts: &[NewAccount],
) -> QueryResult<Vec<Result<(), AccountTaken>>> {
    Ok(Taken::read(conn, accounts).await?.judge(accounts))
}

/// Stores and counts the accounts that can be stored, in the same transaction as the check: values taken
/// since then violate the unique keys, and the whole unit is rerun.
pub(super) async fn store(
    conn: &mut Conn,
    accounts: &[NewAccount],
    verdicts: &[Result<(), AccountTaken>],
    random: &dyn Random,
) -> QueryResult<Vec<Account>> {
    let free: Vec<&NewAccount> =
        accounts.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_ok()).map(|(new, _)| new).collect();
    let uuids = draw(conn, free.len(), random).await?;
    let mut stored = Vec::with_capacity(free.len());
    for (free, uuids) in free.chunks(ROWS).zip(uuids.chunks(ROWS)) {
        stored.append(&mut insert_chunk(conn, free, uuids).await?);
    }
    name_parts::store(conn, &stored).await?;
    count(conn, &stored).await?;
    Ok(stored)
}

/// The phone numbers among these that are taken.
pub(super) async fn taken_phones<'a>(conn: &mut Conn, phones: &[&'a str]) -> QueryResult<HashSet<&'a str>> {
    let mut taken = HashSet::new();
    for phones in phones.chunks(VALUES) {
        let rows = account::table.filter(account::phone.eq_any(phones)).select(account::phone);
        let found: HashSet<Option<String>> = rows.load(conn).await?.into_iter().collect();
        taken.extend(phones.iter().filter(|phone| found.contains(&Some((**phone).to_owned()))));
    }
    Ok(taken)
}

/// The unique values of the new accounts that are taken.
struct Taken<'a> {
    phones: HashSet<&'a str>,
    names: HashSet<&'a [u8]>,
}

impl<'a> Taken<'a> {
    async fn read(conn: &mut Conn, accounts: &'a [NewAccount]) -> QueryResult<Self> {
        let phones: HashSet<&str> = accounts.iter().filter_map(phone_of).collect();
        let phones = taken_phones(conn, &phones.into_iter().collect::<Vec<_>>()).await?;
        let mut taken = Self { phones, names: HashSet::new() };
        let names: Vec<&[u8]> = accounts.iter().filter_map(admin_name_of).collect();
        for names in names.chunks(VALUES) {
            let rows = account::table.filter(account::admin_name.eq_any(names)).select(account::admin_name);
            let found: HashSet<Option<Vec<u8>>> = rows.load(conn).await?.into_iter().collect();
            taken.names.extend(names.iter().filter(|name| found.contains(&Some(name.to_vec()))));
        }
        Ok(taken)
    }

    /// Whether each account may be stored; an accepted one takes its values from those after it.
    fn judge(mut self, accounts: &'a [NewAccount]) -> Vec<Result<(), AccountTaken>> {
        let verdict = |account: &'a NewAccount| {
            let (phone, name) = (phone_of(account), admin_name_of(account));
            if phone.is_some_and(|phone| self.phones.contains(phone)) {
                return Err(AccountTaken::Phone);
            }
            if name.is_some_and(|name| self.names.contains(name)) {
                return Err(AccountTaken::AdminName);
            }
            self.phones.extend(phone);
            self.names.extend(name);
            Ok(())
        };
        accounts.iter().map(verdict).collect()
    }
}

fn phone_of(account: &NewAccount) -> Option<&str> {
    account.phone.as_ref().map(PhoneNumber::as_str)
}

fn admin_name_of(account: &NewAccount) -> Option<&[u8]> {
    (account.role == Role::Admin).then(|| name_bytes(&account.username))
}

/// Draws this many distinct uuids that no account has.
async fn draw(conn: &mut Conn, number: usize, random: &dyn Random) -> QueryResult<Vec<String>> {
    let mut seen = HashSet::with_capacity(number);
    let mut free = Vec::with_capacity(number);
    for _ in 0..DRAWS {
        let missing = number - free.len();
        if missing == 0 {
            return Ok(free);
        }
        let drawn = (0..missing).map(|_| AccountUuid::from_bytes(random.bytes()).to_string());
        let new: Vec<String> = drawn.filter(|uuid| seen.insert(uuid.clone())).collect();
        for uuids in new.chunks(VALUES) {
            let rows = account::table.filter(account::uuid.eq_any(uuids)).select(account::uuid);
            let taken: HashSet<String> = rows.load(conn).await?.into_iter().collect();
            free.extend(uuids.iter().filter(|uuid| !taken.contains(*uuid)).cloned());
        }
    }
    Err(QueryError::Other("the random source repeats itself".into()))
}

async fn insert_chunk(
    conn: &mut Conn,
    accounts: &[&NewAccount],
    uuids: &[String],
) -> QueryResult<Vec<Account>> {
    let rows: Vec<_> =
        accounts.iter().zip(uuids).map(|(account, uuid)| NewAccountRow::new(uuid, account)).collect();
    match insert_all!(conn, account::table, &rows) {
        Ok(()) => {}
        // Another instance took one of the values meanwhile: rerun from the start.
        Err(error) if is_unique_violation(&error) => return Err(QueryError::Retry),
        Err(error) => return Err(error.into()),
    }
    // In a cluster, the ids of one statement need not be consecutive.
    let ids = account::table.filter(account::uuid.eq_any(uuids)).select((account::uuid, account::id));
    let ids: HashMap<String, i64> = ids.load(conn).await?.into_iter().collect();
    accounts
        .iter()
        .zip(uuids)
        .map(|(new, uuid)| {
            let id = ids.get(uuid).ok_or_else(|| QueryError::Other("a new account is missing".into()))?;
            stored(AccountId(*id), uuid, new)
        })
        .collect()
}

fn stored(id: AccountId, uuid: &str, new: &NewAccount) -> QueryResult<Account> {
    let uuid = AccountUuid::parse(uuid).map_err(|_| QueryError::Other("not a uuid".into()))?;
    let account = new.stored_as(id, uuid);
    Ok(Account { created_at: account.created_at.trunc_subsecs(0), ..account })
}

async fn count(conn: &mut Conn, accounts: &[Account]) -> QueryResult<()> {
    let made = |account: &Account| NewDeltaRow::of_record(Counter::Accounts(account.role), account.id.0, 1);
    totals::add(conn, NewDeltaRow::summed(accounts.iter().map(made))).await
}
