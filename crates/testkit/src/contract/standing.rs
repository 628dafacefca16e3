//! Contract of [`AccountRepository::set_disabled`](yilin_domain::port::AccountRepository::set_disabled) and
//! [`standings`](yilin_domain::port::AccountRepository::standings).

use yilin_domain::account::{Account, AccountUuid, Role, Standing};
use yilin_domain::port::StandingRefused;
use yilin_domain::reason::Reason;
use yilin_domain::transition::{Provenance, Stale};

use super::Subject;
use super::arrange::{at, by};
use super::race::race;
use super::sessions::{ended_ids, session};

fn reason() -> Reason {
    Reason::parse("已离职").expect("a reason")
}

fn because(account: &Account, seconds: i64) -> Provenance {
    by(account, seconds).because(reason())
}

impl Subject {
    async fn disable(&self, account: &Account, by: &Account) -> Result<Option<Account>, StandingRefused> {
        self.accounts.set_disabled(account.uuid, true, because(by, 100)).await.unwrap()
    }
}

/// An account is disabled and enabled again, and nothing else about it changes.
pub async fn an_account_is_disabled_and_enabled(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    for role in [Role::Patient, Role::Physician, Role::Admin] {
        let account = subject.insert_person(role, "王秀英").await;
        assert!(!account.disabled);
        for disabled in [true, true, false, false, true] {
            let expected = Account { disabled, ..account.clone() };
            let changed = subject.accounts.set_disabled(account.uuid, disabled, because(&admin, 100)).await;
            assert_eq!(changed.unwrap(), Ok(Some(expected.clone())));
            assert_eq!(subject.accounts.find(account.uuid).await.unwrap(), Some(expected));
        }
    }
    assert_eq!(subject.accounts.find(admin.uuid).await.unwrap(), Some(admin));
}

/// Who did it, when and why is kept; what changes nothing leaves nothing.
pub async fn each_change_is_kept_with_its_reason(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    let account = subject.insert_person(Role::Physician, "李志强").await;
    for (disabled, seconds) in [(false, 1), (true, 2), (true, 3), (false, 4)] {
        let change = subject.accounts.set_disabled(account.uuid, disabled, because(&admin, seconds));
        change.await.unwrap().unwrap().expect("there is such an account");
    }
    let standing =
        |disabled, seconds| Standing { disabled, by: admin.uuid, at: at(seconds), reason: reason() };
    assert_eq!(
        subject.accounts.standings(account.uuid).await.unwrap(),
        [standing(true, 2), standing(false, 4)]
    );
    assert!(subject.accounts.standings(admin.uuid).await.unwrap().is_empty());
}

/// There is no such account.
pub async fn an_unknown_account_is_not_disabled(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    let unknown = AccountUuid::from_bytes([0, 0, 0, 7]);
    for disabled in [true, false] {
        let changed = subject.accounts.set_disabled(unknown, disabled, because(&admin, 1)).await.unwrap();
        assert_eq!(changed, Ok(None));
    }
}

/// The sessions of a disabled account end, and none starts until it is enabled; nobody else's end.
pub async fn a_disabled_account_has_no_sessions(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    let account = subject.insert_person(Role::Patient, "王秀英").await;
    let neighbour = subject.insert_person(Role::Patient, "刘芳").await;
    let (version, other) =
        (subject.password_version(&account).await, subject.password_version(&neighbour).await);
    for number in [1, 2] {
        assert_eq!(subject.sessions.start(&session(&account, number), version, None).await.unwrap(), Ok(()));
    }
    assert_eq!(subject.sessions.start(&session(&neighbour, 3), other, None).await.unwrap(), Ok(()));
    subject.disable(&account, &admin).await.unwrap().expect("there is such an account");
    assert_eq!(ended_ids(subject).await, [session(&account, 1).id, session(&account, 2).id]);
    assert_eq!(subject.sessions.start(&session(&account, 4), version, None).await.unwrap(), Err(Stale));
    let enabled = subject.accounts.set_disabled(account.uuid, false, because(&admin, 200)).await.unwrap();
    enabled.unwrap().expect("there is such an account");
    assert_eq!(subject.sessions.start(&session(&account, 5), version, None).await.unwrap(), Ok(()));
    assert_eq!(subject.password_version(&account).await, version, "the password stays");
}

/// A session that starts while its account is being disabled does not outlive that.
pub async fn no_session_survives_a_race_with_disabling(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    let account = subject.insert_person(Role::Physician, "李志强").await;
    let version = subject.password_version(&account).await;
    let started = race(9, |racer| {
        let (subject, account, admin) = (subject.clone(), account.clone(), admin.clone());
        async move {
            if racer == 4 {
                subject.disable(&account, &admin).await.unwrap().expect("there is such an account");
                return None;
            }
            let session = session(&account, u8::try_from(racer).expect("few racers"));
            subject.sessions.start(&session, version, None).await.unwrap().ok().map(|()| session.id)
        }
    })
    .await;
    let started: Vec<_> = started.into_iter().flatten().collect();
    assert_eq!(ended_ids(subject).await, started);
}

/// The last admin who is not disabled stays so; how many others there are does not matter.
pub async fn the_last_admin_stays(subject: &Subject) {
    let first = subject.insert_person(Role::Admin, "first").await;
    subject.insert_person(Role::Physician, "李志强").await;
    assert_eq!(subject.disable(&first, &first).await, Err(StandingRefused::LastAdmin));
    let second = subject.insert_person(Role::Admin, "second").await;
    subject.disable(&first, &first).await.unwrap().expect("there is such an account");
    assert_eq!(subject.disable(&second, &second).await, Err(StandingRefused::LastAdmin));
    assert!(subject.accounts.standings(second.uuid).await.unwrap().is_empty());
}

/// A disabled admin, whose session may not know it yet, disables and enables nobody.
pub async fn a_disabled_admin_changes_nothing(subject: &Subject) {
    let [first, second] = [
        subject.insert_person(Role::Admin, "first").await,
        subject.insert_person(Role::Admin, "second").await,
    ];
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    subject.disable(&first, &second).await.unwrap().expect("there is such an account");
    assert_eq!(subject.disable(&patient, &first).await, Err(StandingRefused::ByDisabled));
    let enabled = subject.accounts.set_disabled(first.uuid, false, because(&first, 5)).await.unwrap();
    assert_eq!(enabled, Err(StandingRefused::ByDisabled));
}

/// Of admins who disable each other at the same moment, one stays.
pub async fn of_admins_who_disable_each_other_one_stays(subject: &Subject) {
    let mut admins = Vec::new();
    for name in ["first", "second", "third", "fourth"] {
        admins.push(subject.insert_person(Role::Admin, name).await);
    }
    // Each disables the next one, and all of them the first.
    let answers = race(admins.len() * 2, |racer| {
        let (subject, admins) = (subject.clone(), admins.clone());
        async move {
            let (actor, target) =
                (&admins[racer % 4], if racer < 4 { &admins[(racer + 1) % 4] } else { &admins[0] });
            subject.disable(target, actor).await
        }
    })
    .await;
    let left =
        subject.accounts.admins().await.unwrap().into_iter().filter(|admin| !admin.account.disabled).count();
    assert!(left >= 1, "{answers:?}");
    for admin in &admins {
        let now = subject.accounts.find(admin.uuid).await.unwrap().expect("still there");
        assert_eq!(subject.accounts.standings(admin.uuid).await.unwrap().len(), usize::from(now.disabled));
    }
}
