//! Rows of accounts.

#![expect(clippy::ref_option_ref, reason = "Diesel's derive takes references to all fields")]

use chrono::{NaiveDate, NaiveDateTime};
use diesel::{AsChangeset, Insertable, Queryable, Selectable};
use yilin_domain::account::{
    Account, AccountChanges, Credentials, HomeAddress, Hospital, NewAccount, Nickname, PasswordHash,
    PersonName, PhoneNumber, Role,
};
use yilin_domain::id::AccountId;

use super::code::StoredCode;
use super::column_reader::{ColumnReader, stored_time};
use super::known_age::KnownAgeColumns;
use crate::error::Corrupt;
use crate::schema::account;

/// An account row for reading.
#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
pub(crate) struct AccountRow {
    id: i64,
    uuid: String,
    username: String,
    nickname: String,
    role: i16,
    sex: Option<i16>,
    #[diesel(embed)]
    age: KnownAgeColumns,
    phone: Option<String>,
    hospital: String,
    home_address: String,
    created_at: NaiveDateTime,
    must_change_password: bool,
    password_version: i32,
    disabled: bool,
}

impl TryFrom<AccountRow> for Account {
    type Error = Corrupt;

    fn try_from(row: AccountRow) -> Result<Self, Corrupt> {
        let columns = ColumnReader::new("account", row.id);
        Ok(Self {
            id: AccountId(row.id),
            uuid: columns.uuid("uuid", &row.uuid)?,
            username: columns.value("username", PersonName::parse(&row.username))?,
            nickname: columns.value("nickname", Nickname::parse(&row.nickname))?,
            role: columns.code("role", row.role)?,
            sex: row.sex.map(|code| columns.code("sex", code)).transpose()?,
            age: row.age.value(&columns)?,
            phone: row.phone.map(|text| columns.value("phone", PhoneNumber::parse(&text))).transpose()?,
            hospital: columns.value("hospital", Hospital::parse(&row.hospital))?,
            home_address: columns.value("home_address", HomeAddress::parse(&row.home_address))?,
            created_at: row.created_at.and_utc(),
            must_change_password: row.must_change_password,
            password_version: row.password_version,
            disabled: row.disabled,
        })
    }
}

/// An account with what is needed to check a log-in.
#[derive(Queryable, Selectable)]
#[diesel(table_name = account)]
pub(crate) struct CredentialsRow {
    #[diesel(embed)]
    account: AccountRow,
    password_hash: String,
}

impl TryFrom<CredentialsRow> for Credentials {
    type Error = Corrupt;

    fn try_from(row: CredentialsRow) -> Result<Self, Corrupt> {
        Ok(Self { account: row.account.try_into()?, password: PasswordHash(row.password_hash) })
    }
}

/// A new account row.
#[derive(Insertable)]
#[diesel(table_name = account, treat_none_as_default_value = false)]
pub(crate) struct NewAccountRow<'a> {
    pub(crate) uuid: &'a str,
    username: &'a str,
    admin_name: Option<&'a [u8]>,
    nickname: &'static str,
    role: i16,
    sex: Option<i16>,
    age: Option<i16>,
    age_given_on: Option<NaiveDate>,
    birth_date: Option<NaiveDate>,
    phone: Option<&'a str>,
    hospital: &'a str,
    home_address: &'a str,
    password_hash: &'a str,
    password_version: i32,
    login_count: i64,
    must_change_password: bool,
    disabled: bool,
    standing_version: i32,
    created_at: NaiveDateTime,
}

impl<'a> NewAccountRow<'a> {
    pub(crate) fn new(uuid: &'a str, account: &'a NewAccount) -> Self {
        let KnownAgeColumns { age, age_given_on, birth_date } = KnownAgeColumns::new(account.age);
        Self {
            uuid,
            username: account.username.as_str(),
            admin_name: (account.role == Role::Admin).then(|| name_bytes(&account.username)),
            nickname: "",
            role: account.role.code(),
            sex: account.sex.map(StoredCode::code),
            age,
            age_given_on,
            birth_date,
            phone: account.phone.as_ref().map(PhoneNumber::as_str),
            hospital: account.hospital.as_str(),
            home_address: account.home_address.as_str(),
            password_hash: &account.password.0,
            password_version: 1,
            login_count: 0,
            must_change_password: account.must_change_password,
            disabled: false,
            standing_version: 1,
            created_at: stored_time(account.created_at),
        }
    }
}

/// An admin's name in the form of the unique column.
pub(crate) fn name_bytes(name: &PersonName) -> &[u8] {
    name.as_str().as_bytes()
}

/// Changes to an account except the password; `None` is unchanged.
#[derive(AsChangeset)]
#[diesel(table_name = account)]
pub(crate) struct AccountChangeset<'a> {
    nickname: Option<&'a str>,
    phone: Option<&'a str>,
    sex: Option<i16>,
    home_address: Option<&'a str>,
    hospital: Option<&'a str>,
    password_hash: Option<&'a str>,
    must_change_password: Option<bool>,
}

impl<'a> AccountChangeset<'a> {
    pub(crate) fn new(changes: &'a AccountChanges) -> Self {
        Self {
            nickname: changes.nickname.as_ref().map(Nickname::as_str),
            phone: changes.phone.as_ref().map(PhoneNumber::as_str),
            sex: changes.sex.map(StoredCode::code),
            home_address: changes.home_address.as_ref().map(HomeAddress::as_str),
            hospital: changes.hospital.as_ref().map(Hospital::as_str),
            password_hash: changes.password.as_ref().map(|password| password.hash.0.as_str()),
            must_change_password: changes.password.as_ref().map(|password| password.must_change),
        }
    }
}
