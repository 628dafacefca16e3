//! Searches for people.

mod sharing;

use std::collections::BTreeSet;

use async_trait::async_trait;
use diesel::{ExpressionMethods as _, NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{Account, PeopleFilter, PersonCriterion, PersonName, ReservedPhone, Role};
use yilin_domain::id::AccountId;
use yilin_domain::list::{Slice, Total, Window};
use yilin_domain::port::{PeopleRepository, PortError, Sharing};

use super::accounts::load;
use super::{Conn, Database, Db, name_parts, totals};
use crate::error::QueryResult;
use crate::rows::{Counters, StoredCode as _};
use crate::schema::{account, position_in, text_from};
use crate::slices::{EXAMINED, Found, Reach, Walk, Way};
use crate::totals::Counter;

sliced_list!(account, PeopleFilter, Path, Account, AccountId);

/// Up to this many accounts found by one criterion, all are looked at.
const FOUND: u16 = 1_000;

/// Number of digits of `account.phone_end`.
const PHONE_END: usize = 4;

/// Number of digits of a phone number.
const PHONE: usize = 11;

/// A range of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Path {
    Role(Role),
    These(Vec<i64>),
}

#[async_trait]
impl PeopleRepository for Database {
    async fn slice(
        &self,
        filter: &PeopleFilter,
        window: Window<AccountId>,
        limit: u16,
    ) -> Result<Slice<Account, AccountId>, PortError> {
        let args = (filter.clone(), window, limit);
        self.engine
            .read(
                args,
                work!(|conn, (filter, window, limit)| read_slice(conn, filter, *window, *limit).await),
            )
            .await
    }

    async fn total(&self, filter: &PeopleFilter) -> Result<Total, PortError> {
        self.engine
            .read(
                filter.clone(),
                work!(|conn, filter| {
                    if *filter == PeopleFilter::everyone(filter.role) {
                        let of_role =
                            totals::sum(conn, &Counters::one(Counter::Accounts(filter.role))).await?;
                        return Ok(Total::Exactly(of_role));
                    }
                    counted_total(conn, filter).await
                }),
            )
            .await
    }

    async fn namesakes(&self, role: Role, name: &PersonName, limit: u16) -> Result<Vec<Account>, PortError> {
        self.engine
            .read(
                (role, name.clone(), limit),
                work!(|conn, (role, name, limit)| {
                    let rows = account::table
                        .filter(account::role.eq(role.code()))
                        .filter(account::username.eq(name.as_str()))
                        .order(account::id)
                        .limit((*limit).into());
                    load(conn, rows.into_boxed()).await
                }),
            )
            .await
    }

    async fn shared_names(
        &self,
        role: Role,
        after: Option<&PersonName>,
        limit: u16,
    ) -> Result<Sharing<PersonName>, PortError> {
        self.engine
            .read(
                (role, after.cloned(), limit),
                work!(|conn, (role, after, limit)| {
                    sharing::names(conn, *role, after.as_ref(), *limit).await
                }),
            )
            .await
    }

    async fn shared_phones(
        &self,
        after: Option<&ReservedPhone>,
        limit: u16,
    ) -> Result<Sharing<ReservedPhone>, PortError> {
        self.engine
            .read(
                (after.cloned(), limit),
                work!(|conn, (after, limit)| sharing::phones(conn, after.as_ref(), *limit).await),
            )
            .await
    }
}

/// The path to follow: the accounts found by the criteria if they are few, else all of the role.
async fn paths(conn: &mut Conn, filter: &PeopleFilter) -> QueryResult<Vec<Path>> {
    let everyone = vec![Path::Role(filter.role)];
    if filter.any_of.is_empty() {
        return Ok(everyone);
    }
    let mut found = BTreeSet::new();
    for criterion in &filter.any_of {
        let Some(ids) = few_found(conn, filter.role, criterion).await? else { return Ok(everyone) };
        found.extend(ids);
    }
    Ok(if found.is_empty() { Vec::new() } else { vec![Path::These(found.into_iter().collect())] })
}

/// The accounts with this property, which may be of other roles too; `None` if they are not few.
async fn few_found(
    conn: &mut Conn,
    role: Role,
    criterion: &PersonCriterion,
) -> QueryResult<Option<Vec<i64>>> {
    match criterion {
        PersonCriterion::Named(text) => name_parts::ids(conn, role, text, FOUND).await,
        PersonCriterion::Is(uuid) => {
            let rows = account::table.filter(account::uuid.eq(uuid.to_string())).select(account::id);
            Ok(Some(rows.load(conn).await?))
        }
        PersonCriterion::Phone(digits) => {
            let limit = i64::from(FOUND) + 1;
            // A colon is the next character after the digits.
            let beginning: Vec<i64> = account::table
                .filter(account::phone.ge(digits))
                .filter(account::phone.lt(format!("{digits}:")))
                .select(account::id)
                .limit(limit)
                .load(conn)
                .await?;
            let last = digits.get(digits.len().saturating_sub(PHONE_END)..).unwrap_or(digits);
            let ending: Vec<(i64, Option<String>)> = account::table
                .filter(account::phone_end.eq(last))
                .select((account::id, account::phone))
                .limit(limit)
                .load(conn)
                .await?;
            if beginning.len() > FOUND.into() || ending.len() > FOUND.into() {
                return Ok(None);
            }
            let ends = |phone: &Option<String>| phone.as_ref().is_some_and(|phone| phone.ends_with(digits));
            let ending = ending.into_iter().filter(|(_, phone)| ends(phone)).map(|(id, _)| id);
            Ok(Some(beginning.into_iter().chain(ending).collect()))
        }
    }
}

/// Those of the rows that are on the path.
fn along<'a>(rows: account::BoxedQuery<'a, Db>, path: &'a Path) -> account::BoxedQuery<'a, Db> {
    match path {
        Path::Role(role) => rows.filter(account::role.eq(role.code())),
        Path::These(ids) => rows.filter(account::id.eq_any(ids)),
    }
}

fn is_in_id_order(path: &Path) -> bool {
    match path {
        Path::Role(_) | Path::These(_) => true,
    }
}

/// Whether the path is short, or every account on it meets the filter.
fn covers(path: &Path, filter: &PeopleFilter) -> bool {
    match path {
        Path::Role(_) => *filter == PeopleFilter::everyone(filter.role),
        Path::These(_) => true,
    }
}

/// The accounts of a path that meet the filter.
fn within<'a>(filter: &'a PeopleFilter, path: &'a Path) -> account::BoxedQuery<'a, Db> {
    let mut rows = account::table.into_boxed();
    // First, because they are alternatives. The criteria of a short path are fulfilled.
    if matches!(path, Path::Role(_)) {
        for criterion in &filter.any_of {
            rows = match criterion {
                PersonCriterion::Named(text) => {
                    rows.or_filter(position_in(account::username.nullable(), text).gt(0))
                }
                PersonCriterion::Is(uuid) => {
                    rows.or_filter(position_in(account::uuid.nullable(), uuid.to_string()).gt(0))
                }
                PersonCriterion::Phone(digits) => {
                    let from = i32::try_from(PHONE + 1 - digits.len().min(PHONE)).unwrap_or(1);
                    rows.or_filter(position_in(account::phone, digits).eq(1))
                        .or_filter(text_from(account::phone, from).eq(digits))
                }
            };
        }
    }
    rows = along(rows, path).filter((account::role + 0_i16).eq(filter.role.code()));
    if filter.only_enabled { rows.filter(account::disabled.eq(false)) } else { rows }
}

async fn load_ids(conn: &mut Conn, ids: Vec<i64>) -> QueryResult<Vec<Account>> {
    let rows = account::table.filter(account::id.eq_any(ids)).into_boxed();
    load(conn, rows.order(account::id.desc())).await
}
