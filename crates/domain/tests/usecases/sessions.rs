//! Log-in and log-out: credentials, attempt limits, and the end of sessions.

use std::time::Duration;

use chrono::TimeDelta;
use yilin_domain::account::{AccountChanges, AccountUuid, PasswordChange, PersonName, PhoneNumber};
use yilin_domain::error::{Error, LoginRefused};
use yilin_domain::port::{Clock as _, Part, PortError};
use yilin_domain::session::{Session, SessionSelection};
use yilin_domain::usecase::{LogIn, LoggedIn, Realm};
use yilin_testkit::fakes::FakeHasher;
use yilin_testkit::{Hospital, Person, sample};

use crate::support::{Case, assert_refused};

const ELSEWHERE: &str = "203.0.113.9";

fn log_in(realm: Realm, identifier: &str, password: &str) -> LogIn {
    LogIn { client_address: ELSEWHERE.to_owned(), ..sample::log_in(realm, identifier, password) }
}

fn phone_of(person: &Person) -> String {
    person.account.phone.as_ref().map(|phone| phone.as_str().to_owned()).unwrap()
}

/// Attempts to log in to the app.
async fn attempt(hospital: &Hospital, identifier: &str, password: &str) -> Result<LoggedIn, Error> {
    hospital.use_cases.sessions.log_in(log_in(Realm::App, identifier, password)).await
}

async fn running(hospital: &Hospital, account: AccountUuid) -> Vec<Session> {
    let now = hospital.fakes.clock.now();
    hospital.ports.sessions.running(SessionSelection::Of(account), now, 100).await.unwrap()
}

#[tokio::test]
async fn users_log_in_to_the_app_by_phone_and_admins_to_the_console_by_name() {
    let case = Case::new().await;
    let admins_phone = "13700000000";
    let (patient, physician) = (phone_of(&case.patient), phone_of(&case.physician));
    let password = Hospital::PASSWORD;
    let sessions = &case.hospital.use_cases.sessions;
    for (realm, identifier, password, opens) in [
        (Realm::App, patient.as_str(), password, true),
        (Realm::App, physician.as_str(), password, true),
        (Realm::App, patient.as_str(), "wrong horse", false),
        (Realm::App, patient.as_str(), "", false),
        (Realm::App, "13700000001", password, false),
        (Realm::App, "not a number", password, false),
        (Realm::App, "院长", password, false),
        (Realm::App, admins_phone, password, false),
        (Realm::Console, "院长", password, true),
        (Realm::Console, "院长", "wrong horse", false),
        (Realm::Console, "王秀英", password, false),
        (Realm::Console, patient.as_str(), password, false),
        (Realm::Console, &"院".repeat(51), password, false),
    ] {
        let result = sessions.log_in(log_in(realm, identifier, password)).await;
        if opens {
            assert!(result.is_ok(), "{realm:?} {identifier} {password}");
        } else {
            let wrong = LoginRefused::WrongCredentials;
            assert_refused!(result, Error::LoginRefused(refused) if refused == wrong, "{realm:?} {identifier}");
        }
    }
}

#[tokio::test]
async fn a_session_is_stored_with_its_expiry_and_address() {
    let case = Case::new().await;
    case.hospital.fakes.clock.advance(TimeDelta::hours(1));
    let now = case.hospital.fakes.clock.now();
    let (one, other) = (
        attempt(&case.hospital, &phone_of(&case.patient), Hospital::PASSWORD).await.unwrap(),
        attempt(&case.hospital, &phone_of(&case.patient), Hospital::PASSWORD).await.unwrap(),
    );
    assert_eq!(one.account, case.patient.account);
    assert_ne!(one.session.id, other.session.id);
    assert_eq!((one.session.started_at, one.session.expires_at), (now, now + TimeDelta::days(7)));
    assert_eq!(one.session.client_address, ELSEWHERE);
    let stored = running(&case.hospital, case.patient.actor.uuid).await;
    assert!(stored.contains(&one.session) && stored.contains(&other.session));
}

#[tokio::test]
async fn an_unknown_identifier_costs_as_much_hashing_as_a_wrong_password() {
    let case = Case::new().await;
    let work = async |identifier: &str| {
        let before = case.hospital.fakes.hasher.work_done();
        attempt(&case.hospital, identifier, "wrong horse").await.unwrap_err();
        case.hospital.fakes.hasher.work_done() - before
    };
    let known = work(&phone_of(&case.patient)).await;
    assert_eq!([known, work("13700000001").await, work("no number").await], [1; 3]);
}

#[tokio::test]
async fn a_default_password_from_another_machine_is_rejected_unchecked() {
    let hospital = Hospital::new();
    let admin = PersonName::parse("admin").unwrap();
    hospital.use_cases.setup.ensure_admin(&admin, "admin").await.unwrap();
    let (hashed, attempts) = (hospital.fakes.hasher.work_done(), 20);
    for password in ["admin", "123456"] {
        for _ in 0..attempts {
            let attempt = LogIn { from_outside: true, ..log_in(Realm::Console, "admin", password) };
            let result = hospital.use_cases.sessions.log_in(attempt).await;
            assert_refused!(result, Error::LoginRefused(LoginRefused::DefaultPassword));
        }
    }
    assert_eq!(hospital.fakes.hasher.work_done(), hashed);
    let inside = log_in(Realm::Console, "admin", "admin");
    assert!(hospital.use_cases.sessions.log_in(inside).await.is_ok(), "nothing was counted");
}

#[tokio::test]
async fn the_sixth_attempt_within_ten_minutes_is_rejected_even_if_correct() {
    let case = Case::new().await;
    let phone = phone_of(&case.patient);
    for _ in 0..5 {
        case.hospital.fakes.clock.advance(TimeDelta::minutes(1));
        let result = attempt(&case.hospital, &phone, "wrong horse").await;
        assert_refused!(result, Error::LoginRefused(LoginRefused::WrongCredentials));
    }
    let hashed = case.hospital.fakes.hasher.work_done();
    let result = attempt(&case.hospital, &phone, Hospital::PASSWORD).await;
    let six_minutes = Duration::from_secs(6 * 60);
    assert_refused!(
        result,
        Error::LoginRefused(LoginRefused::TooManyAttempts { retry_after }) if retry_after == six_minutes
    );
    assert_eq!(case.hospital.fakes.hasher.work_done(), hashed, "it was not checked");
    let other = attempt(&case.hospital, &phone_of(&case.physician), Hospital::PASSWORD).await;
    assert!(other.is_ok(), "other identifiers are counted separately");

    case.hospital.fakes.clock.advance(TimeDelta::minutes(6));
    assert!(
        attempt(&case.hospital, &phone, Hospital::PASSWORD).await.is_ok(),
        "the oldest has left the window"
    );
}

/// A name logs in with blanks and invisible characters that are dropped when it is read: none of these is counted apart.
#[tokio::test]
async fn every_spelling_of_a_name_that_logs_in_is_counted_together() {
    let hospital = Hospital::new();
    let spellings = [
        "admin",
        " admin",
        "\u{200b}admin",
        "admin\u{feff}",
        "\u{2060}admin\t",
        "\u{3000}ａdmin",
        "admin\u{200b}\u{200b}",
    ];
    let mut refused = 0;
    for spelling in spellings {
        let guess = log_in(Realm::Console, spelling, "wrong horse");
        match hospital.use_cases.sessions.log_in(guess).await {
            Err(Error::LoginRefused(LoginRefused::WrongCredentials)) => {}
            Err(Error::LoginRefused(LoginRefused::TooManyAttempts { .. })) => refused += 1,
            other => panic!("{spelling:?}: {other:?}"),
        }
    }
    assert_eq!(refused, spellings.len() - 5);
}

#[tokio::test]
async fn a_success_resets_the_count() {
    let case = Case::new().await;
    let phone = phone_of(&case.patient);
    for _ in 0..3 {
        for _ in 0..4 {
            attempt(&case.hospital, &phone, "wrong horse").await.unwrap_err();
        }
        assert!(attempt(&case.hospital, &phone, Hospital::PASSWORD).await.is_ok());
    }
}

#[tokio::test]
async fn an_attempt_while_the_hasher_is_overloaded_is_not_counted() {
    let case = Case::new().await;
    let phone = phone_of(&case.patient);
    case.hospital.fakes.hasher.set_overloaded(true);
    for _ in 0..20 {
        let result = attempt(&case.hospital, &phone, Hospital::PASSWORD).await;
        assert_refused!(result, Error::Port(PortError::Overloaded { part: Part::PasswordHasher, .. }));
    }
    case.hospital.fakes.hasher.set_overloaded(false);
    assert!(attempt(&case.hospital, &phone, Hospital::PASSWORD).await.is_ok());
}

#[tokio::test]
async fn a_password_changed_during_the_check_opens_no_session() {
    let case = Case::new().await;
    let uuid = case.patient.actor.uuid;
    let before = running(&case.hospital, uuid).await;
    let (accounts, now) = (case.hospital.ports.accounts.clone(), case.hospital.fakes.clock.now());
    let change = async move {
        let hash = FakeHasher::hash_of("a new secret");
        let password = PasswordChange { hash, must_change: false, keep_session: None };
        let changes = AccountChanges { password: Some(password), ..AccountChanges::default() };
        accounts.update(uuid, changes, now, None).await.unwrap().unwrap();
    };
    case.hospital.fakes.storage.interrupt_saves([Box::pin(change) as _]);
    let result = attempt(&case.hospital, &phone_of(&case.patient), Hospital::PASSWORD).await;
    assert_refused!(result, Error::LoginRefused(LoginRefused::WrongCredentials));
    assert_eq!((before.len(), running(&case.hospital, uuid).await), (1, vec![]));
}

#[tokio::test]
async fn a_log_out_is_effective_here_immediately_and_elsewhere_after_a_refresh() {
    let case = Case::new().await;
    let (here, there) = (&case.hospital.use_cases.sessions, case.hospital.another_instance());
    let session = &case.patient.session;
    there.use_cases.sessions.refresh().await.unwrap();
    for _ in 0..2 {
        here.log_out(session, None).await.unwrap();
        assert!(here.is_ended(session.id));
        assert!(!here.is_ended(case.physician.session.id));
    }
    assert!(!there.use_cases.sessions.is_ended(session.id));
    there.use_cases.sessions.refresh().await.unwrap();
    assert!(there.use_cases.sessions.is_ended(session.id));
    assert!(running(&case.hospital, case.patient.actor.uuid).await.is_empty());
}

#[tokio::test]
async fn a_log_out_is_effective_here_even_if_it_cannot_be_stored() {
    let case = Case::new().await;
    let sessions = &case.hospital.use_cases.sessions;
    case.hospital.fakes.storage.go_down();
    assert_refused!(
        sessions.log_out(&case.patient.session, None).await,
        Error::Port(PortError::Unavailable { .. })
    );
    assert!(sessions.is_ended(case.patient.session.id));
    assert!(sessions.is_end_unstored(case.patient.session.id));

    // It is stored as soon as that is possible.
    case.hospital.fakes.storage.recover();
    sessions.refresh().await.unwrap();
    assert!(!sessions.is_end_unstored(case.patient.session.id));
    let restarted = case.hospital.another_instance();
    restarted.use_cases.sessions.refresh().await.unwrap();
    assert!(restarted.use_cases.sessions.is_ended(case.patient.session.id));
}

#[tokio::test]
async fn sessions_ended_before_an_instance_started_are_ended_for_it() {
    let case = Case::new().await;
    case.hospital.use_cases.sessions.log_out(&case.patient.session, None).await.unwrap();
    case.hospital.fakes.clock.advance(TimeDelta::days(3));
    let restarted = case.hospital.another_instance().use_cases.sessions;
    restarted.refresh().await.unwrap();
    assert!(restarted.is_ended(case.patient.session.id));
}

#[tokio::test]
async fn ended_sessions_that_become_visible_late_are_found() {
    let case = Case::new().await;
    let (sessions, clock) = (&case.hospital.use_cases.sessions, &case.hospital.fakes.clock);
    clock.advance(TimeDelta::hours(1));
    sessions.refresh().await.unwrap();
    // Ended by an instance with a slow transaction of some minutes, or with a clock that is behind.
    let at = clock.now() - TimeDelta::minutes(4);
    case.hospital.ports.sessions.end(&case.patient.session, at, None).await.unwrap();
    clock.advance(TimeDelta::seconds(1));
    sessions.refresh().await.unwrap();
    assert!(sessions.is_ended(case.patient.session.id));
}

#[tokio::test]
async fn a_failed_refresh_is_made_up_by_the_next() {
    let case = Case::new().await;
    let (sessions, clock) = (&case.hospital.use_cases.sessions, &case.hospital.fakes.clock);
    sessions.refresh().await.unwrap();
    let ended = clock.now();
    clock.advance(TimeDelta::minutes(30));
    case.hospital.fakes.storage.go_down();
    assert_refused!(sessions.refresh().await, Error::Port(PortError::Unavailable { .. }));
    case.hospital.fakes.storage.recover();
    case.hospital.ports.sessions.end(&case.patient.session, ended, None).await.unwrap();
    clock.advance(TimeDelta::minutes(30));
    sessions.refresh().await.unwrap();
    assert!(sessions.is_ended(case.patient.session.id));
}

#[tokio::test]
async fn ended_sessions_are_deleted_a_month_after_their_expiry() {
    let case = Case::new().await;
    let sessions = &case.hospital.use_cases.sessions;
    sessions.log_out(&case.patient.session, None).await.unwrap();
    for (days, is_remembered) in [(6, true), (30, true), (1, false)] {
        case.hospital.fakes.clock.advance(TimeDelta::days(days));
        // Once a second, for an hour.
        for _ in 0..=3600 {
            sessions.refresh().await.unwrap();
        }
        assert_eq!(sessions.is_ended(case.patient.session.id), is_remembered);
    }
}

#[tokio::test]
async fn a_clock_that_is_far_ahead_for_a_moment_revives_no_session() {
    let case = Case::new().await;
    let sessions = &case.hospital.use_cases.sessions;
    sessions.log_out(&case.patient.session, None).await.unwrap();
    for days in [9, 45, 400, 20_000] {
        case.hospital.fakes.clock.advance(TimeDelta::days(days));
        for _ in 0..14 {
            sessions.refresh().await.unwrap();
        }
        case.hospital.fakes.clock.advance(-TimeDelta::days(days));
        sessions.refresh().await.unwrap();
        assert!(sessions.is_ended(case.patient.session.id), "{days}");
    }
}

/// What ended since a time that has not come yet would be nothing.
#[tokio::test]
async fn sessions_that_end_after_a_clock_was_ahead_are_found() {
    let case = Case::new().await;
    let (here, there) = (&case.hospital.use_cases.sessions, case.hospital.another_instance());
    case.hospital.fakes.clock.advance(TimeDelta::days(9));
    here.refresh().await.unwrap();
    case.hospital.fakes.clock.advance(-TimeDelta::days(9));
    there.use_cases.sessions.log_out(&case.patient.session, None).await.unwrap();
    here.refresh().await.unwrap();
    assert!(here.is_ended(case.patient.session.id));
}

#[tokio::test]
async fn failures_of_all_accounts_count_per_address() {
    let hospital = Hospital::with(|_, policy| policy.attempt_limits.failures_per_address = 3);
    let patient = hospital.patient("王秀英").await;
    let nobodys = |number: u64| PhoneNumber::parse(&(13_700_000_000 + number).to_string()).unwrap();
    for number in 0..3 {
        attempt(&hospital, nobodys(number).as_str(), "wrong horse").await.unwrap_err();
    }
    let result = attempt(&hospital, nobodys(3).as_str(), "wrong horse").await;
    assert_refused!(result, Error::LoginRefused(LoginRefused::TooManyAttempts { .. }));
    let from_home = hospital.log_in(&patient.account).await;
    assert_eq!(from_home.account, patient.account, "other addresses are counted separately");
}
