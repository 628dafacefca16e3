//! Contract of [`AccountRepository`](yilin_domain::port::AccountRepository): insertion and look-up.

use std::collections::HashSet;

use chrono::NaiveDate;
use yilin_domain::account::{AccountUuid, Age, BirthDate, KnownAge, NewAccount, Nickname, PersonName, Role};
use yilin_domain::port::AccountTaken;

use super::Subject;
use super::arrange::{EVERYTHING, at, by, draft, everyone, new_phone, person};
use super::race::race;

/// The stored account is the given one, and the returned one.
pub async fn an_account_is_stored_as_it_was_given(subject: &Subject) {
    for role in [Role::Patient, Role::Physician, Role::Admin] {
        let mut given = person(role, "欧阳 O'Neil");
        given.created_at = at(123);
        let stored = subject.insert(given.clone()).await;
        assert_eq!(stored.username, given.username);
        assert_eq!(stored.role, role);
        assert_eq!(stored.sex, given.sex);
        assert_eq!(stored.age, given.age);
        assert_eq!(stored.phone, given.phone);
        assert_eq!(stored.hospital, given.hospital);
        assert_eq!(stored.home_address, given.home_address);
        assert_eq!(stored.created_at, at(123));
        assert_eq!(stored.must_change_password, given.must_change_password);
        assert_eq!(stored.nickname, Nickname::default());
        assert_eq!(subject.accounts.find(stored.uuid).await.unwrap(), Some(stored));
    }
}

/// Unknown values stay unknown.
pub async fn what_is_unknown_stays_unknown(subject: &Subject) {
    let mut given = person(Role::Patient, "无名");
    (given.sex, given.age) = (None, None);
    let stored = subject.insert(given).await;
    assert_eq!((stored.sex, stored.age), (None, None));
    assert_eq!(subject.accounts.find(stored.uuid).await.unwrap(), Some(stored));
}

/// A date of birth, and an age with the day on which it was given, are kept as they are.
pub async fn what_is_known_of_an_age_is_kept(subject: &Subject) {
    let day = |text: &str| text.parse::<NaiveDate>().expect("a day");
    let age = Age::new(150).expect("an age");
    for known in [
        KnownAge::Born(BirthDate::accepted(day("1900-02-28"))),
        KnownAge::Born(BirthDate::accepted(day("2024-02-29"))),
        KnownAge::Given { age, on: day("2024-02-29") },
    ] {
        let stored = subject.insert(NewAccount { age: Some(known), ..person(Role::Patient, "王秀英") }).await;
        assert_eq!(stored.age, Some(known));
        assert_eq!(subject.accounts.find(stored.uuid).await.unwrap().expect("stored").age, Some(known));
        let inquiry = subject.create(draft(&stored), by(&stored, 0)).await.inquiry;
        let found = subject.inquiries.find(inquiry.id).await.unwrap().expect("stored");
        assert_eq!(found.patient.age, Some(known));
    }
}

/// An unknown uuid is not found.
pub async fn an_unknown_uuid_is_nobody(subject: &Subject) {
    let known = subject.insert_person(Role::Patient, "王秀英").await;
    let unknown = AccountUuid::from_bytes([0, 0, 0, 7]);
    assert_ne!(known.uuid, unknown);
    assert_eq!(subject.accounts.find(unknown).await.unwrap(), None);
}

/// Several accounts are found together, each once, and no others.
pub async fn several_accounts_are_found_together(subject: &Subject) {
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    let physician = subject.insert_person(Role::Physician, "李志强").await;
    subject.insert_person(Role::Patient, "张文博").await;
    let unknown = AccountUuid::from_bytes([0, 0, 0, 7]);
    let asked = [physician.uuid, unknown, patient.uuid, physician.uuid];
    let mut found = subject.accounts.find_all(&asked).await.unwrap();
    found.sort_by_key(|account| account.id);
    assert_eq!(found, [patient, physician]);
    assert!(subject.accounts.find_all(&[]).await.unwrap().is_empty());
}

/// Inserting no accounts is not an error.
pub async fn inserting_nobody_is_allowed(subject: &Subject) {
    assert!(subject.accounts.insert(Vec::new(), None).await.unwrap().is_empty());
}

/// A uuid is drawn again if it is stored already, or was drawn earlier in the call. (The random source of
/// every case repeats itself at first.)
pub async fn a_taken_uuid_is_drawn_again(subject: &Subject) {
    let mut accounts = vec![subject.insert_person(Role::Patient, "第一").await];
    let together = ["第二", "第三", "第四"].map(|name| person(Role::Physician, name));
    for inserted in subject.accounts.insert(together.into(), None).await.unwrap() {
        accounts.push(inserted.expect("a taken uuid is not the caller's business"));
    }
    let distinct: HashSet<_> = accounts.iter().map(|account| account.uuid).collect();
    assert_eq!(distinct.len(), accounts.len(), "{accounts:?}");
    for account in accounts {
        assert_eq!(subject.accounts.find(account.uuid).await.unwrap(), Some(account));
    }
}

/// Results are in the order of the accounts, and ids increase in that order.
pub async fn answers_are_in_order(subject: &Subject) {
    let names: Vec<String> = (0..120).map(|number| format!("病人{number}")).collect();
    let people = names.iter().map(|name| person(Role::Patient, name)).collect();
    let inserted = subject.accounts.insert(people, None).await.unwrap();
    let inserted: Vec<_> = inserted.into_iter().map(|answer| answer.unwrap()).collect();
    assert!(inserted.iter().map(|account| account.username.as_str()).eq(&names));
    assert!(inserted.is_sorted_by_key(|account| account.id));
    let listed = subject.accounts.page(&everyone(Role::Patient), EVERYTHING).await.unwrap();
    assert!(listed.items.iter().rev().eq(&inserted), "the list shows the same accounts");
}

/// A stored phone number is taken, for any role.
pub async fn a_stored_phone_number_is_taken(subject: &Subject) {
    for owner_role in [Role::Patient, Role::Admin] {
        let phone = new_phone();
        let mut owner = person(owner_role, "主人");
        owner.phone = Some(phone.clone());
        subject.insert(owner).await;
        for role in [Role::Patient, Role::Physician, Role::Admin] {
            let mut other = person(role, "别人");
            other.phone = Some(phone.clone());
            let answers = subject.accounts.insert(vec![other], None).await.unwrap();
            assert_eq!(answers, [Err(AccountTaken::Phone)], "{owner_role:?} {role:?}");
        }
    }
}

/// A phone number may also be taken by an earlier account of the same call; accounts that are not skipped are
/// still stored.
pub async fn a_phone_number_is_taken_within_a_call_too(subject: &Subject) {
    let taken = subject.insert_person(Role::Physician, "李志强").await;
    let [first, mut twin, mut late, last] = ["一", "二", "三", "四"].map(|name| person(Role::Patient, name));
    twin.phone.clone_from(&first.phone);
    late.phone.clone_from(&taken.phone);
    let answers = subject.accounts.insert(vec![first, twin, late, last], None).await.unwrap();
    let left_out: Vec<_> = answers.iter().map(|answer| answer.as_ref().err()).collect();
    assert_eq!(left_out, [None, Some(&AccountTaken::Phone), Some(&AccountTaken::Phone), None]);
    let listed = subject.accounts.page(&everyone(Role::Patient), EVERYTHING).await.unwrap();
    assert_eq!(listed.total, 2);
    assert!(listed.items.iter().rev().eq(answers.iter().flatten()));
}

/// Two admins cannot have the same name; an admin and a physician can, and so can two patients.
pub async fn an_admins_name_is_unique_among_admins(subject: &Subject) {
    subject.insert_person(Role::Admin, "admin").await;
    subject.insert_person(Role::Physician, "admin").await;
    subject.insert_person(Role::Patient, "admin").await;
    subject.insert_person(Role::Patient, "admin").await;
    let again = vec![person(Role::Admin, "admin"), person(Role::Admin, "root"), person(Role::Admin, "root")];
    let answers = subject.accounts.insert(again, None).await.unwrap();
    let left_out: Vec<_> = answers.iter().map(|answer| answer.as_ref().err()).collect();
    assert_eq!(left_out, [Some(&AccountTaken::AdminName), None, Some(&AccountTaken::AdminName)]);
}

/// Of several concurrent insertions with the same phone number, one succeeds.
pub async fn of_racing_phone_numbers_one_wins(subject: &Subject) {
    let phone = new_phone();
    let answers = race(12, |racer| {
        let accounts = subject.accounts.clone();
        let mut racing = person(Role::Patient, &format!("病人{racer}"));
        racing.phone = Some(phone.clone());
        let companion = person(Role::Patient, &format!("同伴{racer}"));
        async move { accounts.insert(vec![companion, racing], None).await.unwrap() }
    })
    .await;
    let won = answers.iter().filter(|answers| answers[1].is_ok()).count();
    assert_eq!(won, 1, "{answers:?}");
    assert!(answers.iter().all(|answers| answers[0].is_ok()), "companions are not skipped");
    let listed = subject.accounts.page(&everyone(Role::Patient), EVERYTHING).await.unwrap();
    assert_eq!(listed.total, 13);
}

/// Of several instances that create the first admin concurrently, one succeeds.
pub async fn of_racing_admins_one_wins(subject: &Subject) {
    let answers = race(8, |_| {
        let accounts = subject.accounts.clone();
        async move { accounts.insert(vec![person(Role::Admin, "admin")], None).await.unwrap() }
    })
    .await;
    assert_eq!(answers.iter().flatten().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert_eq!(subject.accounts.admins().await.unwrap().len(), 1);
}

/// A patient or physician is found by phone number, with what is needed to check a password.
pub async fn credentials_are_found_by_phone_number(subject: &Subject) {
    for role in [Role::Patient, Role::Physician] {
        let given = person(role, "王秀英");
        let account = subject.insert(given.clone()).await;
        let phone = given.phone.expect("the person has a phone");
        let found = subject.accounts.credentials_by_phone(&phone).await.unwrap();
        let found = found.expect("an account has the number");
        assert_eq!(found.account, account);
        assert_eq!(found.password, given.password);
    }
    assert!(subject.accounts.credentials_by_phone(&new_phone()).await.unwrap().is_none());
}

/// Admins log in by name only, even with a phone number.
pub async fn an_admin_is_not_found_by_phone_number(subject: &Subject) {
    let mut admin = person(Role::Admin, "admin");
    let phone = new_phone();
    admin.phone = Some(phone.clone());
    subject.insert(admin).await;
    assert!(subject.accounts.credentials_by_phone(&phone).await.unwrap().is_none());
}

/// An admin is found by exactly that name, and no other account is.
pub async fn credentials_are_found_by_admin_name(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    subject.insert_person(Role::Patient, "nobody").await;
    let find = async |name: &str| {
        let name = PersonName::parse(name).expect("a name");
        subject.accounts.credentials_by_admin_name(&name).await.unwrap()
    };
    let found = find("admin").await.expect("the admin has this name");
    assert_eq!(found.account, admin);
    // White space around a name is not part of it.
    assert_eq!(find(" admin\u{3000}").await.expect("the same name").account, admin);
    for name in ["nobody", "ADMIN", "ádmin", "admi_", "%", ""] {
        assert!(find(name).await.is_none(), "{name:?} is not the admin's name");
    }
}

/// All admins are listed, and no other accounts.
pub async fn every_admin_is_listed(subject: &Subject) {
    assert!(subject.accounts.admins().await.unwrap().is_empty());
    subject.insert_person(Role::Patient, "王秀英").await;
    let admins =
        [subject.insert_person(Role::Admin, "一").await, subject.insert_person(Role::Admin, "二").await];
    let mut listed = subject.accounts.admins().await.unwrap();
    listed.sort_by_key(|admin| admin.account.id);
    assert!(listed.iter().map(|admin| &admin.account).eq(&admins));
    assert!(listed.iter().all(|admin| admin.password == person(Role::Admin, "").password));
}
