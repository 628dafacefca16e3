//! Creating accounts one by one, and disabling them.

use chrono::TimeDelta;
use yilin_domain::account::{AccountRequest, Actor, NewPassword, Role};
use yilin_domain::error::{Error, LoginRefused};
use yilin_domain::port::Clock as _;
use yilin_domain::reason::Reason;
use yilin_domain::usecase::{InquiryRequest, Realm};
use yilin_domain::validation::FieldProblem;
use yilin_testkit::{Hospital, sample};

use crate::support::{Case, account_request as request, assert_refused, names, nobody};

fn reason() -> Reason {
    Reason::parse("已离职").unwrap()
}

#[tokio::test]
async fn only_admins_create_disable_and_enable() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    let create = async |actor: Actor| accounts.create(&actor, request(Role::Patient, "王秀英"), None).await;
    assert_eq!(case.open_to(create).await, [Role::Admin]);
    for disabled in [true, false] {
        let uuid = case.other_patient.actor.uuid;
        let set = async |actor: Actor| accounts.set_disabled(&actor, uuid, disabled, reason()).await;
        assert_eq!(case.open_to(set).await, [Role::Admin]);
    }
}

#[tokio::test]
async fn what_an_account_needs_depends_on_its_role() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    for (request, field, problem) in [
        (AccountRequest { phone: None, ..request(Role::Patient, "王秀英") }, "phone", FieldProblem::Missing),
        (
            AccountRequest { phone: None, ..request(Role::Physician, "李志强") },
            "phone",
            FieldProblem::Missing,
        ),
        (request(Role::Patient, ""), "username", FieldProblem::Missing),
        (
            AccountRequest { password: None, ..request(Role::Admin, "second") },
            "password",
            FieldProblem::Missing,
        ),
        (request(Role::Admin, "root"), "username", FieldProblem::CharacterCount { min: 5, max: 16 }),
        (
            AccountRequest {
                password: Some(NewPassword::parse("123456").unwrap()),
                ..request(Role::Patient, "王秀英")
            },
            "password",
            FieldProblem::DefaultPassword,
        ),
    ] {
        let refused = accounts.create(&case.admin.actor, request, None).await;
        assert_refused!(refused, Error::Invalid(invalid) if names(&invalid, field, &problem), "{field}");
    }
    let created = accounts.create(&case.admin.actor, request(Role::Patient, "王秀英"), None).await.unwrap();
    assert!(created.must_change_password && !created.disabled);
    let again = accounts.create(&case.admin.actor, request(Role::Physician, "李志强"), None).await;
    assert_refused!(again, Error::PhoneTaken);
}

#[tokio::test]
async fn a_disabled_account_is_told_so_with_the_right_password_alone() {
    let case = Case::new().await;
    let use_cases = &case.hospital.use_cases;
    let phone = case.patient.account.phone.as_ref().unwrap().as_str().to_owned();
    use_cases
        .accounts
        .set_disabled(&case.admin.actor, case.patient.actor.uuid, true, reason())
        .await
        .unwrap();
    assert!(use_cases.sessions.is_ended(case.patient.session.id), "at once here");
    let log_in =
        async |password| use_cases.sessions.log_in(sample::log_in(Realm::App, &phone, password)).await;
    assert_refused!(log_in("wrong").await, Error::LoginRefused(LoginRefused::WrongCredentials));
    assert_refused!(log_in(Hospital::PASSWORD).await, Error::LoginRefused(LoginRefused::AccountDisabled));
}

#[tokio::test]
async fn a_log_in_that_disabling_overtakes_starts_no_session() {
    let case = Case::new().await;
    let (use_cases, admin, patient) =
        (case.hospital.use_cases.clone(), case.admin.actor.clone(), case.patient.actor.uuid);
    let disables = async move {
        use_cases.accounts.set_disabled(&admin, patient, true, reason()).await.unwrap();
    };
    case.hospital.fakes.storage.interrupt_saves([Box::pin(disables) as _]);
    let phone = case.patient.account.phone.as_ref().unwrap().as_str().to_owned();
    let log_in = sample::log_in(Realm::App, &phone, Hospital::PASSWORD);
    let refused = case.hospital.use_cases.sessions.log_in(log_in).await;
    assert_refused!(refused, Error::LoginRefused(LoginRefused::AccountDisabled));
}

#[tokio::test]
async fn nothing_new_is_given_to_a_disabled_account() {
    let case = Case::new().await;
    let (use_cases, admin) = (&case.hospital.use_cases, case.admin.actor.clone());
    let (assigned, accepted) = (case.submitted().await, case.accepted().await);
    let (physician, patient) = (case.other_physician.actor.uuid, case.other_patient.actor.uuid);
    for uuid in [physician, patient] {
        use_cases.accounts.set_disabled(&admin, uuid, true, reason()).await.unwrap();
    }
    let unknown = FieldProblem::UnknownPhysician;
    let appointed = use_cases.inquiries.appoint(&admin, assigned, physician).await;
    assert_refused!(appointed, Error::Invalid(invalid) if names(&invalid, "userUUID", &unknown));
    let reassigned = use_cases.inquiries.reassign(&admin, accepted, physician, &reason()).await;
    assert_refused!(reassigned, Error::Invalid(invalid) if names(&invalid, "userUUID", &unknown));
    let asked = InquiryRequest { patient: Some(patient), ..sample::inquiry_request() };
    let asked = use_cases.inquiries.submit(&admin, asked).await;
    assert_refused!(asked, Error::Invalid(invalid) if names(&invalid, "uuid", &FieldProblem::UnknownPatient));
}

#[tokio::test]
async fn the_last_admin_and_unknown_accounts_are_not_disabled() {
    let case = Case::new().await;
    let (accounts, admin) = (&case.hospital.use_cases.accounts, case.admin.actor.clone());
    assert_refused!(accounts.set_disabled(&admin, admin.uuid, true, reason()).await, Error::LastAdmin);
    assert_refused!(accounts.set_disabled(&admin, nobody(), true, reason()).await, Error::NotFound);
    let other = case.hospital.admin("副院长").await;
    accounts.set_disabled(&other.actor, admin.uuid, true, reason()).await.unwrap();
    // The first one's session may not have ended yet on another instance.
    let late = accounts.set_disabled(&admin, other.actor.uuid, true, reason()).await;
    assert_refused!(late, Error::CallerDisabled);
}

#[tokio::test]
async fn an_account_makes_one_export_at_a_time() {
    let case = Case::new().await;
    let exports = &case.hospital.use_cases.exports;
    let first = exports.begin(&case.patient.actor).unwrap();
    assert!(matches!(exports.begin(&case.patient.actor), Err(Error::Port(_))));
    let others = exports.begin(&case.physician.actor).unwrap();
    drop(first);
    exports.begin(&case.patient.actor).unwrap();
    drop(others);
}

#[tokio::test]
async fn the_hospital_sees_when_by_whom_and_why_an_account_was_disabled() {
    let case = Case::new().await;
    let (accounts, admin) = (&case.hospital.use_cases.accounts, &case.admin.actor);
    let uuid = case.physician.actor.uuid;
    let standings = async |actor: Actor| accounts.standings(&actor, uuid).await;
    assert_eq!(case.open_to(standings).await, [Role::Admin]);
    assert!(standings(admin.clone()).await.unwrap().lines.is_empty());
    let disabled_at = case.hospital.fakes.clock.now();
    accounts.set_disabled(admin, uuid, true, reason()).await.unwrap();
    case.hospital.fakes.clock.advance(TimeDelta::days(3));
    let other = case.hospital.admin("副院长").await;
    accounts.set_disabled(&other.actor, uuid, false, Reason::parse("返聘").unwrap()).await.unwrap();
    let history = standings(admin.clone()).await.unwrap();
    assert_eq!((history.record.uuid, history.record.disabled), (uuid, false));
    let told: Vec<_> = history
        .lines
        .iter()
        .map(|line| (line.entry.disabled, line.by.username.as_str(), line.entry.reason.as_str()))
        .collect();
    assert_eq!(told, [(true, "院长", "已离职"), (false, "副院长", "返聘")]);
    assert_eq!(history.lines[0].entry.at, disabled_at);
    assert_refused!(accounts.standings(admin, nobody()).await, Error::NotFound);
}
