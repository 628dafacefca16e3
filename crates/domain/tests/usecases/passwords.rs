//! New passwords: one's own, and those that an admin sets.

use chrono::TimeDelta;
use yilin_domain::account::{Actor, NewPassword, Role};
use yilin_domain::error::{Error, LoginRefused};
use yilin_domain::usecase::{OwnPasswordChange, Realm};
use yilin_domain::validation::FieldProblem;
use yilin_testkit::{Hospital, Person, sample};

use crate::support::{Case, ROLES, assert_refused, names, nobody};

fn change(current: Option<&str>) -> OwnPasswordChange {
    OwnPasswordChange {
        current: current.map(str::to_owned),
        new: NewPassword::parse("a new secret").unwrap(),
        client_address: "127.0.0.1".to_owned(),
    }
}

impl Case {
    async fn change_own(&self, person: &Person, current: Option<&str>) -> Result<(), Error> {
        let accounts = &self.hospital.use_cases.accounts;
        accounts.change_own_password(&person.actor, change(current)).await.map(drop)
    }
}

#[tokio::test]
async fn ones_own_password_is_changed_by_who_knows_the_present_one() {
    let case = Case::new().await;
    let sessions = &case.hospital.use_cases.sessions;
    for person in [&case.patient, &case.physician, &case.admin] {
        let elsewhere = case.hospital.log_in(&person.account).await;
        for missing in [None, Some("")] {
            let refused = case.change_own(person, missing).await;
            assert_refused!(refused, Error::Invalid(invalid)
                if names(&invalid, "current_password", &FieldProblem::Missing));
        }
        let refused = case.change_own(person, Some("wrong horse")).await;
        assert_refused!(refused, Error::LoginRefused(LoginRefused::WrongCredentials));
        assert!(!sessions.is_ended(elsewhere.session.id));
        case.change_own(person, Some(Hospital::PASSWORD)).await.unwrap();
        assert!(sessions.is_ended(elsewhere.session.id));
        assert!(!sessions.is_ended(person.session.id));
        let refused = case.change_own(person, Some(Hospital::PASSWORD)).await;
        assert_refused!(refused, Error::LoginRefused(LoginRefused::WrongCredentials));
        case.change_own(person, Some("a new secret")).await.unwrap();
    }
}

#[tokio::test]
async fn guesses_are_counted_together_with_log_ins() {
    let case = Case::new().await;
    let phone = case.patient.account.phone.as_ref().unwrap().as_str().to_owned();
    let log_in = async |password| {
        case.hospital.use_cases.sessions.log_in(sample::log_in(Realm::App, &phone, password)).await
    };
    for _ in 0..2 {
        assert!(log_in("wrong horse").await.is_err());
    }
    for _ in 0..3 {
        let refused = case.change_own(&case.patient, Some("wrong horse")).await;
        assert_refused!(refused, Error::LoginRefused(LoginRefused::WrongCredentials));
    }
    let refused = case.change_own(&case.patient, Some(Hospital::PASSWORD)).await;
    assert_refused!(refused, Error::LoginRefused(LoginRefused::TooManyAttempts { .. }));
    assert_refused!(
        log_in(Hospital::PASSWORD).await,
        Error::LoginRefused(LoginRefused::TooManyAttempts { .. })
    );
    case.hospital.fakes.clock.advance(TimeDelta::minutes(11));
    case.change_own(&case.patient, Some(Hospital::PASSWORD)).await.unwrap();
    case.hospital.fakes.hasher.set_crowded(true);
    let refused = case.change_own(&case.patient, Some("a new secret")).await;
    assert_refused!(refused, Error::LoginRefused(LoginRefused::TooManyAtOnce));
}

#[tokio::test]
async fn a_password_that_somebody_else_set_is_not_asked_for_again() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    let temporary = NewPassword::parse("temporary 1").unwrap();
    let uuid = case.patient.actor.uuid;
    let set = accounts.set_password(&case.admin.actor, uuid, temporary, None).await.unwrap();
    assert!(set.must_change_password);
    assert!(case.hospital.use_cases.sessions.is_ended(case.patient.session.id));
    case.change_own(&case.patient, None).await.unwrap();
    // From then on it is.
    let refused = case.change_own(&case.patient, None).await;
    assert_refused!(refused, Error::Invalid(_));
}

#[tokio::test]
async fn an_admin_sets_the_passwords_of_others_alone() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    let set = async |actor: &Actor, uuid| {
        accounts.set_password(actor, uuid, NewPassword::parse("temporary 1").unwrap(), None).await
    };
    let other = case.other_patient.actor.uuid;
    assert_eq!(case.open_to(async |actor: Actor| set(&actor, other).await).await, [Role::Admin]);
    for role in ROLES {
        let actor = case.actor(role);
        assert_refused!(set(&actor, actor.uuid).await, Error::Forbidden);
    }
    assert_refused!(set(&case.admin.actor, nobody()).await, Error::NotFound);
    let initial = NewPassword::parse("123456").unwrap();
    let refused = accounts.set_password(&case.admin.actor, other, initial, None).await;
    assert_refused!(refused, Error::Invalid(invalid)
        if names(&invalid, "password", &FieldProblem::DefaultPassword));
}

#[tokio::test]
async fn of_two_admins_who_set_a_password_the_later_one_is_refused() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    let uuid = case.patient.actor.uuid;
    let seen = Some(case.account(uuid).await.password_version);
    let set = async |password: &str| {
        accounts.set_password(&case.admin.actor, uuid, NewPassword::parse(password).unwrap(), seen).await
    };
    let first = set("temporary 1").await.unwrap();
    assert_refused!(set("temporary 2").await, Error::Changed);
    // The first one again: it is so already.
    assert_eq!(set("temporary 1").await.unwrap(), first);
    assert_eq!(case.account(uuid).await, first);
}
