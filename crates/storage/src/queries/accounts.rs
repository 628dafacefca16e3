use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _, SelectableHelper as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{
    Account, AccountChanges, AccountUuid, Credentials, PersonName, PhoneNumber, Role,
};
use yilin_domain::port::AccountTaken;
use yilin_domain::time::Timestamp;

use super::{Conn, Db, Outcome, sessions};
use crate::error::is_unique_violation;
use crate::rows::{AccountChangeset, AccountRow, CredentialsRow, name_bytes, role_code};
use crate::schema::account;

pub(in super::super) async fn find(conn: &mut Conn, uuid: AccountUuid) -> Outcome<Option<Account>> {
    let row = account::table
        .filter(account::uuid.eq(uuid.to_string()))
        .select(AccountRow::as_select())
        .first(conn)
        .await
        .optional()?;
    Ok(row.map(Account::try_from).transpose()?)
}

pub(in super::super) async fn find_all(conn: &mut Conn, uuids: &[AccountUuid]) -> Outcome<Vec<Account>> {
    let rows = account::table
        .filter(account::uuid.eq_any(uuids.iter().map(ToString::to_string)))
        .select(AccountRow::as_select())
        .load(conn)
        .await?;
    Ok(rows.into_iter().map(Account::try_from).collect::<Result<_, _>>()?)
}

pub(in super::super) async fn by_phone(conn: &mut Conn, phone: &PhoneNumber) -> Outcome<Option<Credentials>> {
    let rows = account::table
        .filter(account::phone.eq(phone.as_str()))
        .filter(account::role.ne(role_code(Role::Admin)));
    Ok(credentials(conn, rows.into_boxed()).await?.pop())
}

pub(in super::super) async fn by_admin_name(
    conn: &mut Conn,
    name: &PersonName,
) -> Outcome<Option<Credentials>> {
    let rows = account::table.filter(account::admin_name.eq(name_bytes(name)));
    Ok(credentials(conn, rows.into_boxed()).await?.pop())
}

pub(in super::super) async fn admins(conn: &mut Conn) -> Outcome<Vec<Credentials>> {
    let rows = account::table.filter(account::role.eq(role_code(Role::Admin))).order(account::id);
    credentials(conn, rows.into_boxed()).await
}

async fn credentials(conn: &mut Conn, rows: account::BoxedQuery<'_, Db>) -> Outcome<Vec<Credentials>> {
    let rows = rows.select(CredentialsRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(Credentials::try_from).collect::<Result<_, _>>()?)
}

/// Changes the account's row before its sessions: a session that starts at the same time changes
/// the row too, so that one of the two waits (or, in a cluster, fails and is done again).
pub(in super::super) async fn update(
    conn: &mut Conn,
    uuid: AccountUuid,
    changes: &AccountChanges,
    at: Timestamp,
) -> Outcome<Result<Option<Account>, AccountTaken>> {
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
        Err(error) if is_unique_violation(&error) => return Ok(Err(AccountTaken::Phone)),
        Err(error) => return Err(error.into()),
    }
    if let Some(password) = &changes.password {
        sessions::end_all_of(conn, uuid, password.keep_session, at).await?;
    }
    Ok(Ok(find(conn, uuid).await?))
}
