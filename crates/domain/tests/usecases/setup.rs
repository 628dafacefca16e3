//! Preconditions of serving: an admin, and no well-known passwords on a public service.

use futures_util::join;
use yilin_domain::account::{AccountChanges, PasswordChange, PersonName, Role};
use yilin_domain::error::Error;
use yilin_domain::port::{Part, PortError};
use yilin_domain::usecase::is_default_password;
use yilin_testkit::Hospital;
use yilin_testkit::fakes::FakeHasher;

use crate::support::{Case, assert_refused};

fn name(text: &str) -> PersonName {
    PersonName::parse(text).unwrap()
}

#[tokio::test]
async fn the_first_admin_is_created_once() {
    let hospital = Hospital::new();
    let setup = &hospital.use_cases.setup;
    assert!(setup.ensure_admin(&name("admin"), "a password").await.unwrap());
    assert!(!setup.ensure_admin(&name("admin"), "another").await.unwrap());
    assert!(!setup.ensure_admin(&name("院长"), "another").await.unwrap(), "there is an admin");
    let admins = hospital.ports.accounts.admins().await.unwrap();
    assert_eq!(admins.len(), 1);
    let (account, password) = (&admins[0].account, &admins[0].password);
    assert_eq!((&account.username, account.role), (&name("admin"), Role::Admin));
    assert_eq!((password, account.must_change_password), (&FakeHasher::hash_of("a password"), false));
}

#[tokio::test]
async fn a_default_password_of_the_first_admin_must_be_changed() {
    for (password, must_change) in [("admin", true), ("123456", true), ("admin1", false)] {
        assert_eq!(is_default_password(password), must_change);
        let hospital = Hospital::new();
        hospital.use_cases.setup.ensure_admin(&name("admin"), password).await.unwrap();
        let admins = hospital.ports.accounts.admins().await.unwrap();
        assert_eq!(admins[0].account.must_change_password, must_change, "{password}");
    }
}

#[tokio::test]
async fn one_of_two_concurrently_starting_instances_creates_the_admin() {
    let hospital = Hospital::new();
    let other = hospital.another_instance();
    // Hashing is blocked until both have found no admin.
    let occupied = hospital.fakes.hasher.occupy().await;
    let admin = name("admin");
    let (one, two, ()) = join!(
        hospital.use_cases.setup.ensure_admin(&admin, "a password"),
        other.use_cases.setup.ensure_admin(&admin, "a password"),
        async { drop(occupied) },
    );
    let mut created = [one.unwrap(), two.unwrap()];
    created.sort_unstable();
    assert_eq!(created, [false, true]);
    assert_eq!(hospital.ports.accounts.admins().await.unwrap().len(), 1);
}

#[tokio::test]
async fn no_admin_is_created_if_hashing_fails() {
    let hospital = Hospital::new();
    hospital.fakes.hasher.set_overloaded(true);
    let result = hospital.use_cases.setup.ensure_admin(&name("admin"), "a password").await;
    assert_refused!(result, Error::Port(PortError::Overloaded { part: Part::PasswordHasher, .. }));
    assert!(hospital.ports.accounts.admins().await.unwrap().is_empty());
}

#[tokio::test]
async fn admins_with_a_default_password_are_listed() {
    let case = Case::new().await;
    let setup = &case.hospital.use_cases.setup;
    assert!(setup.admins_with_refused_password("a password").await.unwrap().is_empty());
    for (admin, password) in [("主任", "admin"), ("护士长", "123456")] {
        let account = case.hospital.admin(admin).await.account;
        let hash = FakeHasher::hash_of(password);
        let password = Some(PasswordChange { hash, must_change: true, keep_session: None });
        let changes = AccountChanges { password, ..AccountChanges::default() };
        let updated =
            case.hospital.ports.accounts.update(account.uuid, changes, account.created_at, None).await;
        updated.unwrap().unwrap();
    }
    assert_eq!(
        setup.admins_with_refused_password("a password").await.unwrap(),
        [name("主任"), name("护士长")]
    );
    case.hospital.fakes.hasher.set_overloaded(true);
    assert_refused!(
        setup.admins_with_refused_password("a password").await,
        Error::Port(PortError::Overloaded { .. })
    );
}
