//! Accounts that may belong to the same person.

use chrono::NaiveDate;

use super::{Account, KnownAge};

/// Whether what is known of two people's ages fits one person: the same date of birth, or, unless both dates are known,
/// the same age on this day. Of people whose age is unknown, it does not.
fn may_be_as_old(one: Option<KnownAge>, other: Option<KnownAge>, today: NaiveDate) -> bool {
    match (one, other) {
        (Some(KnownAge::Born(one)), Some(KnownAge::Born(other))) => one == other,
        (Some(one), Some(other)) => one.on(today).is_some() && one.on(today) == other.on(today),
        _ => false,
    }
}

/// Whether two accounts may belong to the same person: the same name, and the same date of birth or age.
pub fn may_be_the_same(one: &Account, other: &Account, today: NaiveDate) -> bool {
    one.uuid != other.uuid
        && one.role == other.role
        && one.username == other.username
        && may_be_as_old(one.age, other.age, today)
}

/// Whether an account may belong to a person of whom only this age is known and who has the same role and name:
/// nothing that is known of both ages says otherwise.
pub fn may_belong_to(age: Option<KnownAge>, account: &Account, today: NaiveDate) -> bool {
    age.is_none() || account.age.is_none() || may_be_as_old(age, account.age, today)
}

/// The groups among these accounts in which each may belong to the same person as another of the group; in the order
/// of the accounts.
pub fn possible_duplicates(accounts: Vec<Account>, today: NaiveDate) -> Vec<Vec<Account>> {
    let mut groups: Vec<Vec<Account>> = Vec::new();
    for account in accounts {
        let fits = |group: &Vec<Account>| group.iter().any(|other| may_be_the_same(&account, other, today));
        let (mut joined, rest): (Vec<_>, Vec<_>) = groups.into_iter().partition(fits);
        groups = rest;
        if let Some(first) = joined.first_mut() {
            first.push(account);
            groups.push(joined.into_iter().flatten().collect());
        } else {
            groups.push(vec![account]);
        }
    }
    groups.retain(|group| group.len() > 1);
    for group in &mut groups {
        group.sort_by_key(|account| account.id);
    }
    groups.sort_by_key(|group| group.first().map(|account| account.id));
    groups
}
