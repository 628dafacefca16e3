use diesel::{
    ExpressionMethods as _, NullableExpressionMethods as _, OptionalExtension as _, QueryDsl as _,
    SelectableHelper as _,
};
use diesel_async::RunQueryDsl as _;
use yilin_domain::account::{Account, AccountField, AccountFilter};
use yilin_domain::id::AccountId;
use yilin_domain::list::{Page, PageRequest};

use super::{Conn, Db, Outcome, tallies};
use crate::rows::{AccountRow, Counter, role_code};
use crate::schema::{account, position_in};

paged_list!(account, AccountFilter, Account, AccountId);

fn filtered(filter: &AccountFilter) -> account::BoxedQuery<'_, Db> {
    let rows = account::table.filter(account::role.eq(role_code(filter.role))).into_boxed();
    let Some((field, text)) = searched(filter) else { return rows };
    match field {
        // MySQL refuses to look for other characters in a column that can only hold ASCII. No id
        // is below zero, so nothing is found.
        AccountField::Phone | AccountField::Uuid if !text.is_ascii() => rows.filter(account::id.lt(0)),
        AccountField::Username => rows.filter(position_in(account::username.nullable(), text).gt(0)),
        AccountField::Phone => rows.filter(position_in(account::phone, text).gt(0)),
        AccountField::Uuid => rows.filter(position_in(account::uuid.nullable(), text).gt(0)),
        AccountField::Hospital => rows.filter(position_in(account::hospital.nullable(), text).gt(0)),
        AccountField::HomeAddress => rows.filter(position_in(account::home_address.nullable(), text).gt(0)),
        AccountField::Nickname => rows.filter(position_in(account::nickname.nullable(), text).gt(0)),
    }
}

/// What is searched for, if anything is.
fn searched(filter: &AccountFilter) -> Option<(AccountField, &str)> {
    let (field, text) = filter.containing.as_ref()?;
    (!text.is_empty()).then_some((*field, text.as_str()))
}

async fn total(conn: &mut Conn, filter: &AccountFilter) -> Outcome<u64> {
    if searched(filter).is_some() {
        return Ok(tallies::counted(filtered(filter).count().get_result(conn).await?));
    }
    let counter = Counter::accounts(filter.role);
    tallies::sum(conn, Counter::range(counter, counter)).await
}

async fn load(conn: &mut Conn, rows: account::BoxedQuery<'_, Db>) -> Outcome<Vec<Account>> {
    let rows = rows.select(AccountRow::as_select()).load(conn).await?;
    Ok(rows.into_iter().map(Account::try_from).collect::<Result<_, _>>()?)
}
