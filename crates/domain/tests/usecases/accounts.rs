//! Accounts: visibility and updates.

use yilin_domain::account::{
    Account, AccountField, AccountFilter, AccountUpdate, AccountUuid, Actor, HomeAddress, Hospital,
    NewPassword, Nickname, PhoneNumber, Role, Sex,
};
use yilin_domain::error::Error;
use yilin_domain::port::{Part, PortError};
use yilin_domain::session::SessionSelection;
use yilin_domain::usecase::UpdateRoute;
use yilin_testkit::fakes::FakeHasher;
use yilin_testkit::sample;

use crate::support::{Case, EVERYTHING, ROLES, assert_refused, collect, nobody};

/// An update of everything about this account except phone number and password.
fn profile_of(uuid: AccountUuid) -> AccountUpdate {
    AccountUpdate {
        nickname: Some(Nickname::parse("小王").unwrap()),
        sex: Some(Sex::Male),
        home_address: Some(HomeAddress::parse("滨河路2号").unwrap()),
        hospital: Some(Hospital::parse("滨河医院").unwrap()),
        ..sample::account_update(uuid)
    }
}

fn password_of(uuid: AccountUuid) -> AccountUpdate {
    AccountUpdate {
        password: Some(NewPassword::parse("a new secret").unwrap()),
        ..sample::account_update(uuid)
    }
}

#[tokio::test]
async fn everyone_sees_their_own_account() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    for person in [&case.patient, &case.physician, &case.admin] {
        assert_eq!(accounts.own(&person.actor).await.unwrap(), person.account);
    }
    let mut gone = case.patient.actor.clone();
    gone.uuid = nobody();
    assert_refused!(accounts.own(&gone).await, Error::SessionWithoutAccount);
}

#[tokio::test]
async fn physicians_are_listed_for_everyone_and_patients_for_the_admin() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    let search = || Some((AccountField::Username, "志强".to_owned()));
    for (role, containing, found, open_to) in [
        (Role::Physician, None, 2, ROLES.to_vec()),
        (Role::Physician, search(), 1, vec![Role::Admin]),
        (Role::Patient, None, 2, vec![Role::Admin]),
        (Role::Patient, search(), 0, vec![Role::Admin]),
        (Role::Admin, None, 1, vec![Role::Admin]),
    ] {
        let filter = AccountFilter { role, containing };
        let page = async |actor| accounts.page(&actor, &filter, EVERYTHING).await;
        let all = async |actor| accounts.all(&actor, filter.clone());
        assert_eq!(case.open_to(page).await, open_to, "{filter:?}");
        assert_eq!(case.open_to(all).await, open_to, "{filter:?}");
        let page = page(case.admin.actor.clone()).await.unwrap();
        assert_eq!((page.total, page.items.len()), (found, usize::try_from(found).unwrap()));
        assert_eq!(collect(all(case.admin.actor.clone()).await.unwrap()).await, page.items);
    }
}

#[tokio::test]
async fn a_patient_cannot_use_the_route_for_physicians() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    for (route, open_to) in
        [(UpdateRoute::Patient, ROLES.to_vec()), (UpdateRoute::Physician, vec![Role::Physician, Role::Admin])]
    {
        let update =
            async |actor: Actor| accounts.update(&actor, route, sample::account_update(actor.uuid)).await;
        assert_eq!(case.open_to(update).await, open_to, "{route:?}");
    }
}

#[tokio::test]
async fn only_the_admin_can_change_another_account() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    for person in [&case.patient, &case.physician] {
        for other in [&case.other_patient, &case.other_physician, &case.admin] {
            let update = profile_of(other.actor.uuid);
            assert_refused!(
                accounts.update(&person.actor, UpdateRoute::Patient, update).await,
                Error::NotFound
            );
            assert_eq!(case.account(other.actor.uuid).await, other.account);
        }
    }
    let update = profile_of(case.patient.actor.uuid);
    let changed = accounts.update(&case.admin.actor, UpdateRoute::Patient, update).await.unwrap();
    assert_eq!(changed.nickname.as_str(), "小王");
    assert_eq!(case.account(case.patient.actor.uuid).await, changed);
    let update = profile_of(nobody());
    assert_refused!(accounts.update(&case.admin.actor, UpdateRoute::Patient, update).await, Error::NotFound);
}

#[tokio::test]
async fn an_update_only_changes_fields_of_the_role_and_no_echoed_ones() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    for (person, is_echo, home_address, hospital) in [
        (&case.patient, false, "滨河路2号", ""),
        (&case.other_patient, true, "人民路1号", ""),
        (&case.physician, false, "", "滨河医院"),
        (&case.other_physician, true, "", "阳光社区医院"),
        (&case.admin, false, "", ""),
    ] {
        let update = AccountUpdate { is_echo, ..profile_of(person.actor.uuid) };
        let changed = accounts.update(&person.actor, UpdateRoute::Patient, update).await.unwrap();
        let expected = Account {
            nickname: Nickname::parse("小王").unwrap(),
            sex: Some(Sex::Male),
            home_address: HomeAddress::parse(home_address).unwrap(),
            hospital: Hospital::parse(hospital).unwrap(),
            ..person.account.clone()
        };
        assert_eq!(changed, expected);
        assert_eq!(case.account(person.actor.uuid).await, expected);
    }
}

#[tokio::test]
async fn changing_ones_own_password_ends_all_other_sessions() {
    let case = Case::new().await;
    let elsewhere = case.hospital.log_in(&case.patient.account).await;
    let use_cases = &case.hospital.use_cases;
    let update = password_of(case.patient.actor.uuid);
    let changed = use_cases.accounts.update(&case.patient.actor, UpdateRoute::Patient, update).await.unwrap();
    assert!(!changed.must_change_password);

    assert!(use_cases.sessions.is_ended(elsewhere.session.id), "at once, on this instance");
    for kept in [&case.patient, &case.other_patient, &case.admin] {
        assert!(!use_cases.sessions.is_ended(kept.session.id));
    }
    let of_patient = SessionSelection::Of(case.patient.actor.uuid);
    let now = case.patient.session.started_at;
    let running = case.hospital.ports.sessions.running(of_patient, now, 10).await.unwrap();
    assert_eq!(running, std::slice::from_ref(&case.patient.session));
    let phone = case.patient.account.phone.clone().unwrap();
    let stored = case.hospital.ports.accounts.credentials_by_phone(&phone).await.unwrap().unwrap();
    assert_eq!(stored.password, FakeHasher::hash_of("a new secret"));
}

#[tokio::test]
async fn a_password_set_by_the_admin_ends_all_sessions_and_must_be_changed() {
    let case = Case::new().await;
    let use_cases = &case.hospital.use_cases;
    let update = password_of(case.physician.actor.uuid);
    let changed = use_cases.accounts.update(&case.admin.actor, UpdateRoute::Physician, update).await.unwrap();
    assert!(changed.must_change_password);
    assert!(use_cases.sessions.is_ended(case.physician.session.id));
    assert!(!use_cases.sessions.is_ended(case.admin.session.id));

    // The admin's own password is treated like any other.
    let update = password_of(case.admin.actor.uuid);
    let changed = use_cases.accounts.update(&case.admin.actor, UpdateRoute::Patient, update).await.unwrap();
    assert!(!changed.must_change_password);
    assert!(!use_cases.sessions.is_ended(case.admin.session.id));
}

#[tokio::test]
async fn an_update_without_a_password_ends_no_session() {
    let case = Case::new().await;
    let elsewhere = case.hospital.log_in(&case.patient.account).await;
    let use_cases = &case.hospital.use_cases;
    let hashed = case.hospital.fakes.hasher.work_done();
    let update = profile_of(case.patient.actor.uuid);
    use_cases.accounts.update(&case.patient.actor, UpdateRoute::Patient, update).await.unwrap();
    assert!(!use_cases.sessions.is_ended(elsewhere.session.id));
    assert_eq!(case.hospital.fakes.hasher.work_done(), hashed);
}

#[tokio::test]
async fn a_taken_phone_number_changes_nothing() {
    let case = Case::new().await;
    let elsewhere = case.hospital.log_in(&case.patient.account).await;
    let use_cases = &case.hospital.use_cases;
    let phone = case.physician.account.phone.clone();
    let update = AccountUpdate { phone: phone.clone(), ..password_of(case.patient.actor.uuid) };
    assert_refused!(
        use_cases.accounts.update(&case.patient.actor, UpdateRoute::Patient, update).await,
        Error::PhoneTaken
    );
    assert_eq!(case.account(case.patient.actor.uuid).await, case.patient.account);
    assert!(!use_cases.sessions.is_ended(elsewhere.session.id));

    // The account's own number is not taken.
    let update = AccountUpdate { phone, ..sample::account_update(case.physician.actor.uuid) };
    use_cases.accounts.update(&case.physician.actor, UpdateRoute::Patient, update).await.unwrap();
}

#[tokio::test]
async fn an_overloaded_hasher_changes_nothing() {
    let case = Case::new().await;
    case.hospital.fakes.hasher.set_overloaded(true);
    let phone = PhoneNumber::parse("13711112222").ok();
    let update = AccountUpdate { phone, ..password_of(case.patient.actor.uuid) };
    let accounts = &case.hospital.use_cases.accounts;
    assert_refused!(
        accounts.update(&case.patient.actor, UpdateRoute::Patient, update).await,
        Error::Port(PortError::Overloaded { part: Part::PasswordHasher, .. })
    );
    assert_eq!(case.account(case.patient.actor.uuid).await, case.patient.account);
}
