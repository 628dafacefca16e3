//! Values that several accounts share, found by walking along the values in order.

use std::collections::HashMap;

use diesel::dsl::{count_star, max, min};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{Account, AccountUuid, PersonName, ReservedPhone, Role};
use yilin_domain::port::Sharing;

use super::super::Conn;
use super::super::accounts::load;
use crate::error::{Corrupt, QueryResult};
use crate::rows::{ColumnReader, StoredCode as _};
use crate::schema::{account, inquiry};

/// Number of entries of an index that a search examines.
const EXAMINED: i64 = 20_000;

/// Maximum number of accounts in all groups together.
const ACCOUNTS: usize = 2_000;

/// Names that several accounts of a role have.
pub(super) async fn names(
    conn: &mut Conn,
    role: Role,
    after: Option<&PersonName>,
    limit: u16,
) -> QueryResult<Sharing<PersonName>> {
    // The accounts without a name come first.
    let after = after.map_or("", PersonName::as_str);
    let of_role = account::table.filter(account::role.eq(role.code())).filter(account::username.gt(after));
    let last: Option<String> = of_role
        .order(account::username)
        .offset(EXAMINED)
        .limit(1)
        .select(account::username)
        .first(conn)
        .await
        .optional()?;
    let shared = of_role
        .group_by(account::username)
        .having(count_star().gt(1))
        .order(account::username)
        .limit(limit.into())
        .select(account::username);
    let names: Vec<String> = match &last {
        Some(last) => shared.filter(account::username.le(last)).load(conn).await?,
        None => shared.load(conn).await?,
    };
    let next = if names.len() >= usize::from(limit) { names.last().cloned() } else { last };
    if names.is_empty() {
        return Ok(Sharing { groups: Vec::new(), next: next.as_deref().map(name).transpose()? });
    }
    let rows = account::table
        .filter(account::role.eq(role.code()))
        .filter(account::username.eq_any(&names))
        .order((account::username, account::id))
        .limit(i64::try_from(ACCOUNTS).unwrap_or(i64::MAX));
    let accounts = load(conn, rows.into_boxed()).await?;
    let is_cut = accounts.len() >= ACCOUNTS;
    let mut groups: Vec<(PersonName, Vec<Account>)> = Vec::new();
    for account in accounts {
        match groups.last_mut() {
            Some((name, group)) if *name == account.username => group.push(account),
            _ => groups.push((account.username.clone(), vec![account])),
        }
    }
    // The accounts of the last name may be missing; it is the first one next time.
    if is_cut && groups.len() > 1 {
        groups.pop();
    }
    let next = match groups.last() {
        Some((name, _)) if is_cut => Some(name.clone()),
        _ => next.as_deref().map(name).transpose()?,
    };
    Ok(Sharing { groups, next })
}

fn name(text: &str) -> Result<PersonName, Corrupt> {
    ColumnReader::new("account", "of a name").value("username", PersonName::parse(text))
}

/// Phone numbers that several patients gave to call about their visits.
pub(super) async fn phones(
    conn: &mut Conn,
    after: Option<&ReservedPhone>,
    limit: u16,
) -> QueryResult<Sharing<ReservedPhone>> {
    let after = after.map_or("", ReservedPhone::as_str);
    let given = inquiry::table.filter(inquiry::reserved_phone.gt(after));
    let last: Option<Option<String>> = given
        .order((inquiry::reserved_phone, inquiry::patient_uuid))
        .offset(EXAMINED)
        .limit(1)
        .select(inquiry::reserved_phone)
        .first(conn)
        .await
        .optional()?;
    let last = last.flatten();
    let shared = given
        .group_by(inquiry::reserved_phone)
        .having(max(inquiry::patient_uuid).ne(min(inquiry::patient_uuid)))
        .order(inquiry::reserved_phone)
        .limit(limit.into())
        .select(inquiry::reserved_phone);
    let numbers: Vec<Option<String>> = match &last {
        Some(last) => shared.filter(inquiry::reserved_phone.le(last)).load(conn).await?,
        None => shared.load(conn).await?,
    };
    let numbers: Vec<String> = numbers.into_iter().flatten().collect();
    let next = if numbers.len() >= usize::from(limit) { numbers.last().cloned() } else { last };
    let next = next.as_deref().map(number).transpose()?;
    if numbers.is_empty() {
        return Ok(Sharing { groups: Vec::new(), next });
    }
    let pairs: Vec<(Option<String>, String)> = inquiry::table
        .filter(inquiry::reserved_phone.eq_any(&numbers))
        .distinct()
        .select((inquiry::reserved_phone, inquiry::patient_uuid))
        .order((inquiry::reserved_phone, inquiry::patient_uuid))
        .limit(i64::try_from(ACCOUNTS).unwrap_or(i64::MAX))
        .load(conn)
        .await?;
    let is_cut = pairs.len() >= ACCOUNTS;
    let uuids: Vec<&String> = pairs.iter().map(|(_, uuid)| uuid).collect();
    let accounts = load(conn, account::table.filter(account::uuid.eq_any(uuids)).into_boxed()).await?;
    let accounts: HashMap<AccountUuid, Account> =
        accounts.into_iter().map(|account| (account.uuid, account)).collect();
    let mut groups: Vec<(ReservedPhone, Vec<Account>)> = Vec::new();
    for (phone, uuid) in pairs {
        let columns = ColumnReader::new("inquiry", &uuid);
        let phone = number(&columns.present("reserved_phone", phone)?)?;
        let patient = accounts.get(&columns.uuid("patient_uuid", &uuid)?).cloned();
        let patient = columns.present("patient_uuid", patient)?;
        match groups.last_mut() {
            Some((given, group)) if *given == phone => group.push(patient),
            _ => groups.push((phone, vec![patient])),
        }
    }
    if is_cut && groups.len() > 1 {
        groups.pop();
    }
    for (_, group) in &mut groups {
        group.sort_by_key(|account| account.id);
    }
    let next = match groups.last() {
        Some((phone, _)) if is_cut => Some(phone.clone()),
        _ => next,
    };
    Ok(Sharing { groups, next })
}

fn number(text: &str) -> Result<ReservedPhone, Corrupt> {
    ColumnReader::new("inquiry", "of a number").value("reserved_phone", ReservedPhone::parse(text))
}
