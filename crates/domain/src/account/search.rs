//! Searches for people.

use super::{Account, AccountUuid, PhoneNumber, Role, fold_name};
use crate::roster::half_width;

/// A property that a search looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PersonCriterion {
    /// The name contains this text literally. Never empty.
    Named(String),
    /// The phone number begins or ends with these digits: see [`Self::PHONE_DIGITS`].
    Phone(String),
    /// The account has this uuid.
    Is(AccountUuid),
}

impl PersonCriterion {
    /// The smallest and the largest number of digits that are taken for a part of a phone number. With fewer,
    /// too many people match.
    pub const PHONE_DIGITS: (usize, usize) = (4, 11);

    /// Everything that a text typed into a search field may mean; an empty text means nothing.
    pub fn of_text(text: &str) -> Vec<Self> {
        let text = half_width(text);
        let name = fold_name(&text);
        let plain = text.trim();
        let (min, max) = Self::PHONE_DIGITS;
        let is_phone = (min..=max).contains(&plain.len()) && plain.bytes().all(|byte| byte.is_ascii_digit());
        let criteria = [
            (!name.is_empty()).then_some(Self::Named(name)),
            is_phone.then(|| Self::Phone(plain.to_owned())),
            AccountUuid::parse(plain).ok().map(Self::Is),
        ];
        criteria.into_iter().flatten().collect()
    }

    /// Whether the account has the property.
    pub fn admits(&self, account: &Account) -> bool {
        match self {
            Self::Named(text) => account.username.as_str().contains(text),
            Self::Phone(digits) => {
                let phone = account.phone.as_ref().map(PhoneNumber::as_str);
                phone.is_some_and(|phone| phone.starts_with(digits) || phone.ends_with(digits))
            }
            Self::Is(uuid) => account.uuid == *uuid,
        }
    }
}

/// Filter of a search for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Accounts of this role only.
    pub role: Role,
    /// Accounts with at least one of these properties; all accounts if there is none.
    pub any_of: Vec<PersonCriterion>,
    /// Only accounts that are not disabled.
    pub only_enabled: bool,
}

impl PeopleFilter {
    /// Every account of a role.
    pub const fn everyone(role: Role) -> Self {
        Self { role, any_of: Vec::new(), only_enabled: false }
    }

    /// The physicians who can be appointed and whom a text typed into a search field may mean; all of them if it is
    /// blank.
    pub fn active_physicians(text: &str) -> Self {
        let any_of = PersonCriterion::of_text(text);
        Self { any_of, only_enabled: true, ..Self::everyone(Role::Physician) }
    }

    /// Whether the account meets the filter.
    pub fn admits(&self, account: &Account) -> bool {
        account.role == self.role
            && !(self.only_enabled && account.disabled)
            && (self.any_of.is_empty() || self.any_of.iter().any(|criterion| criterion.admits(account)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_may_mean_several_things() {
        let named = |text: &str| PersonCriterion::Named(text.to_owned());
        let phone = |text: &str| PersonCriterion::Phone(text.to_owned());
        let uuid = |text| PersonCriterion::Is(AccountUuid::parse(text).unwrap());
        for (text, expected) in [
            ("", vec![]),
            (" \u{3000}", vec![]),
            ("王　小明 ", vec![named("王小明")]),
            ("123", vec![named("123")]),
            ("２３４５", vec![named("2345"), phone("2345")]),
            ("13900000001", vec![named("13900000001"), phone("13900000001")]),
            ("139000000012", vec![named("139000000012")]),
            ("12345678", vec![named("12345678"), phone("12345678"), uuid("12345678")]),
            ("D59AA28A", vec![named("D59AA28A"), uuid("d59aa28a")]),
        ] {
            assert_eq!(PersonCriterion::of_text(text), expected, "{text}");
        }
    }
}
