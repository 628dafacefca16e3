//! Contract of [`AccountRepository::update`](yilin_domain::port::AccountRepository::update).

use yilin_domain::account::{
    Account, AccountChanges, AccountUuid, HomeAddress, Hospital, Nickname, PasswordChange, PasswordHash,
    Role, Sex,
};
use yilin_domain::port::{AccountTaken, UpdateRefused};
use yilin_domain::session::SessionId;

use super::Subject;
use super::arrange::{at, new_phone};
use super::race::race;
use super::sessions::{ended_ids, session};

fn password_change(keep_session: Option<SessionId>) -> PasswordChange {
    PasswordChange { hash: PasswordHash("$2b$12$changed".to_owned()), must_change: false, keep_session }
}

impl Subject {
    /// Applies changes without conflicting values to an existing account.
    pub(super) async fn update(&self, account: &Account, changes: AccountChanges) -> Account {
        let updated = self.accounts.update(account.uuid, changes, at(100), None).await.unwrap();
        updated.expect("nothing is taken").expect("the account is stored")
    }

    pub(super) async fn change_password(&self, account: &Account, keep_session: Option<SessionId>) {
        let changes = AccountChanges { password: Some(password_change(keep_session)), ..<_>::default() };
        self.update(account, changes).await;
    }

    pub(super) async fn password_version(&self, account: &Account) -> i32 {
        let phone = account.phone.as_ref().expect("the account has a phone");
        let found = self.accounts.credentials_by_phone(phone).await.unwrap();
        found.expect("an account has the number").account.password_version
    }
}

/// Changes are stored and returned.
pub async fn changes_are_stored(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let phone = new_phone();
    let changes = AccountChanges {
        nickname: Some(Nickname::parse("秀秀 🌸").unwrap()),
        phone: Some(phone.clone()),
        sex: Some(Sex::Male),
        home_address: Some(HomeAddress::parse("建设路2号").unwrap()),
        hospital: Some(Hospital::parse("人民医院").unwrap()),
        ..AccountChanges::default()
    };
    let expected = Account {
        nickname: Nickname::parse("秀秀 🌸").unwrap(),
        phone: Some(phone.clone()),
        sex: Some(Sex::Male),
        home_address: HomeAddress::parse("建设路2号").unwrap(),
        hospital: Hospital::parse("人民医院").unwrap(),
        ..account.clone()
    };
    assert_eq!(subject.update(&account, changes).await, expected);
    assert_eq!(subject.accounts.find(account.uuid).await.unwrap().as_ref(), Some(&expected));
    let found = subject.accounts.credentials_by_phone(&phone).await.unwrap();
    assert_eq!(found.expect("found by the new number").account, expected);
    let old = account.phone.expect("the account had a phone");
    assert!(subject.accounts.credentials_by_phone(&old).await.unwrap().is_none(), "the old number is free");
}

/// Other fields are unchanged; an empty nickname is a change.
pub async fn the_rest_stays_as_it_is(subject: &Subject) {
    let account = subject.insert_person(Role::Physician, "李志强").await;
    let version = subject.password_version(&account).await;
    let unchanged = subject.update(&account, AccountChanges::default()).await;
    assert_eq!(unchanged, account, "no changes at all");
    for nickname in ["李医生", ""] {
        let nickname = Nickname::parse(nickname).unwrap();
        let changes = AccountChanges { nickname: Some(nickname.clone()), ..<_>::default() };
        let updated = subject.update(&account, changes).await;
        assert_eq!(updated, Account { nickname, ..account.clone() });
    }
    assert_eq!(subject.password_version(&account).await, version, "the password was not changed");
}

/// Setting the same values again succeeds: databases differ in what counts as a changed row.
pub async fn the_same_values_again_are_a_success(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let same = AccountChanges { phone: account.phone.clone(), sex: account.sex, ..<_>::default() };
    for _ in 0..2 {
        assert_eq!(subject.update(&account, same.clone()).await, account);
    }
}

/// No other account is changed.
pub async fn nobody_else_is_changed(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let other = subject.insert_person(Role::Patient, "王秀英").await;
    let version = subject.password_version(&other).await;
    let changes =
        AccountChanges { sex: Some(Sex::Male), password: Some(password_change(None)), ..<_>::default() };
    subject.update(&account, changes).await;
    assert_eq!(subject.accounts.find(other.uuid).await.unwrap().as_ref(), Some(&other));
    assert_eq!(subject.password_version(&other).await, version);
}

/// An unknown account is not updated.
pub async fn an_unknown_account_is_not_updated(subject: &Subject) {
    subject.insert_person(Role::Patient, "王秀英").await;
    let changes = AccountChanges { sex: Some(Sex::Male), ..<_>::default() };
    let unknown = AccountUuid::from_bytes([0, 0, 0, 7]);
    assert_eq!(subject.accounts.update(unknown, changes, at(100), None).await.unwrap(), Ok(None));
}

/// If the phone number is taken by another account, nothing changes: neither the other fields nor the
/// password, and no session ends.
pub async fn a_taken_phone_number_changes_nothing(subject: &Subject) {
    let owner = subject.insert_person(Role::Physician, "李志强").await;
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let version = subject.password_version(&account).await;
    let running = session(&account, 1);
    assert_eq!(subject.sessions.start(&running, version, None).await.unwrap(), Ok(()));
    let changes = AccountChanges {
        nickname: Some(Nickname::parse("秀秀").unwrap()),
        phone: owner.phone.clone(),
        password: Some(password_change(None)),
        ..<_>::default()
    };
    let answer = subject.accounts.update(account.uuid, changes, at(100), None).await.unwrap();
    assert_eq!(answer, Err(UpdateRefused::Taken(AccountTaken::Phone)));
    assert_eq!(subject.accounts.find(account.uuid).await.unwrap().as_ref(), Some(&account));
    assert_eq!(subject.password_version(&account).await, version);
    assert_eq!(ended_ids(subject).await, [], "no session ended");
}

/// Of several concurrent updates to the same phone number, one succeeds.
pub async fn of_racing_phone_numbers_one_wins(subject: &Subject) {
    let mut racers = Vec::new();
    for _ in 0..8 {
        racers.push(subject.insert_person(Role::Patient, "王秀英").await.uuid);
    }
    let phone = new_phone();
    let answers = race(racers.len(), |racer| {
        let (accounts, uuid) = (subject.accounts.clone(), racers[racer]);
        let changes = AccountChanges { phone: Some(phone.clone()), ..<_>::default() };
        async move { accounts.update(uuid, changes, at(100), None).await.unwrap() }
    })
    .await;
    let winners: Vec<_> = answers.iter().flatten().flatten().collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    let found = subject.accounts.credentials_by_phone(&phone).await.unwrap();
    assert_eq!(&found.expect("the winner has the number").account, winners[0]);
}

/// Changes by somebody who has seen the account are stored only if what they change is still as it was seen, or already
/// as they make it.
pub async fn what_was_changed_since_it_was_seen_stays(subject: &Subject) {
    let seen = subject.insert_person(Role::Patient, "王秀英").await;
    let nickname = |text: &str| Some(Nickname::parse(text).unwrap());
    let update = async |changes: AccountChanges| {
        let changes = AccountChanges { seen: Some(seen.clone()), ..changes };
        subject.accounts.update(seen.uuid, changes, at(100), None).await.unwrap()
    };
    let renamed = update(AccountChanges { nickname: nickname("秀秀"), ..<_>::default() }).await;
    let renamed = renamed.unwrap().unwrap();
    // Another field is still as it was seen.
    let moved = update(AccountChanges { sex: Some(Sex::Male), ..<_>::default() }).await.unwrap().unwrap();
    assert_eq!(moved, Account { sex: Some(Sex::Male), ..renamed.clone() });
    // The same again changes nothing.
    let again = update(AccountChanges { nickname: nickname("秀秀"), ..<_>::default() }).await;
    assert_eq!(again, Ok(Some(moved.clone())));
    let late = AccountChanges { nickname: nickname("王阿姨"), phone: Some(new_phone()), ..<_>::default() };
    assert_eq!(update(late).await, Err(UpdateRefused::Overtaken));
    assert_eq!(subject.accounts.find(seen.uuid).await.unwrap(), Some(moved), "nothing is changed");
    let password = || AccountChanges { password: Some(password_change(None)), ..<_>::default() };
    let reset = update(password()).await.unwrap().unwrap();
    assert_eq!(update(password()).await, Err(UpdateRefused::Overtaken));
    assert_eq!(subject.password_version(&seen).await, reset.password_version);
    let unknown = AccountChanges { seen: Some(seen.clone()), ..<_>::default() };
    let unknown = subject.accounts.update(AccountUuid::from_bytes([0; 4]), unknown, at(100), None).await;
    assert_eq!(unknown.unwrap(), Ok(None));
}

/// Of concurrent changes to what was seen the same, one is stored.
pub async fn of_racing_changes_to_what_was_seen_one_is_stored(subject: &Subject) {
    let seen = subject.insert_person(Role::Patient, "王秀英").await;
    let answers = race(8, |racer| {
        let (accounts, seen) = (subject.accounts.clone(), seen.clone());
        let nickname = Some(Nickname::parse(&format!("第{racer}位")).unwrap());
        let uuid = seen.uuid;
        let changes = AccountChanges { nickname, seen: Some(seen), ..<_>::default() };
        async move { accounts.update(uuid, changes, at(100), None).await.unwrap() }
    })
    .await;
    let winners: Vec<_> = answers.iter().flatten().flatten().collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    let stored = subject.accounts.find(seen.uuid).await.unwrap();
    assert_eq!(stored.as_ref(), Some(winners[0]));
}

/// A new password is stored, increments the version, and sets whether it should be changed.
pub async fn a_new_password_raises_the_version(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    assert!(account.must_change_password, "it is the initial one");
    let phone = account.phone.clone().expect("the account has a phone");
    let mut version = subject.password_version(&account).await;
    for must_change in [false, true] {
        let change = PasswordChange { must_change, ..password_change(None) };
        let changes = AccountChanges { password: Some(change.clone()), ..<_>::default() };
        let updated = subject.update(&account, changes).await;
        assert!(updated.password_version > version, "{} > {version}", updated.password_version);
        version = updated.password_version;
        let expected =
            Account { must_change_password: must_change, password_version: version, ..account.clone() };
        assert_eq!(updated, expected);
        let found = subject.accounts.credentials_by_phone(&phone).await.unwrap().expect("still there");
        assert_eq!(found.account, updated);
        assert_eq!(found.password, change.hash);
    }
}

/// Concurrent password changes all increment the version.
pub async fn racing_password_changes_all_raise_the_version(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let version = subject.password_version(&account).await;
    race(8, |_| {
        let (accounts, uuid) = (subject.accounts.clone(), account.uuid);
        let changes = AccountChanges { password: Some(password_change(None)), ..<_>::default() };
        async move { accounts.update(uuid, changes, at(100), None).await.unwrap().unwrap() }
    })
    .await;
    assert!(subject.password_version(&account).await >= version + 8);
}

/// A new password ends the account's sessions except the kept one, and no other account's.
pub async fn a_new_password_ends_the_other_sessions(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let neighbour = subject.insert_person(Role::Patient, "刘芳").await;
    let (here, there, elsewhere) = (session(&account, 1), session(&account, 2), session(&account, 3));
    let others = session(&neighbour, 4);
    for (owner, running) in
        [(&account, &here), (&account, &there), (&account, &elsewhere), (&neighbour, &others)]
    {
        let version = subject.password_version(owner).await;
        assert_eq!(subject.sessions.start(running, version, None).await.unwrap(), Ok(()));
    }
    subject.change_password(&account, Some(here.id)).await;
    assert_eq!(ended_ids(subject).await, [there.id, elsewhere.id]);
    let ended = subject.sessions.ended_since(at(100), at(100)).await.unwrap();
    assert_eq!(ended.len(), 2, "they ended when the password was changed");
    subject.change_password(&account, None).await;
    assert_eq!(ended_ids(subject).await, [here.id, there.id, elsewhere.id], "none is kept");
}

/// Other changes end no session.
pub async fn other_changes_end_no_session(subject: &Subject) {
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let version = subject.password_version(&account).await;
    assert_eq!(subject.sessions.start(&session(&account, 1), version, None).await.unwrap(), Ok(()));
    let changes = AccountChanges { phone: Some(new_phone()), sex: Some(Sex::Male), ..<_>::default() };
    subject.update(&account, changes).await;
    assert_eq!(ended_ids(subject).await, []);
}
