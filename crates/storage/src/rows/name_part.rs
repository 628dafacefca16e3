//! Rows of the endings of names.

use diesel::Insertable;
use yilin_domain::account::Account;

use super::code::StoredCode as _;
use crate::schema::account_name_part;

/// An ending of an account's name.
#[derive(Insertable, Clone, Copy)]
#[diesel(table_name = account_name_part)]
pub(crate) struct NewNamePartRow<'a> {
    role: i16,
    part: &'a [u8],
    account_id: i64,
}

impl<'a> NewNamePartRow<'a> {
    /// One row per ending, from the whole name to its last character. Each has another length.
    pub(crate) fn all_of(account: &'a Account) -> impl Iterator<Item = Self> {
        let (name, role, account_id) = (account.username.as_str(), account.role.code(), account.id.0);
        let endings = name.char_indices().filter_map(|(start, _)| name.get(start..));
        endings.map(move |part| Self { role, part: part.as_bytes(), account_id })
    }
}
