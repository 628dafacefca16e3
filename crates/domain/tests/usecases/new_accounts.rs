//! Accounts that an admin creates, and whether the person has one already.

use chrono::NaiveDate;
use yilin_domain::account::{
    AccountRequest, AccountUuid, Actor, Age, BirthDate, KnownAge, NewAccount, PersonName, PhoneNumber, Role,
};
use yilin_domain::error::Error;
use yilin_testkit::sample;

use crate::support::{Case, account_request, assert_refused};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn born(text: &str) -> BirthDate {
    BirthDate::new(day(text), day("2024-03-01")).unwrap()
}

/// A request for a patient of whom this much is known.
fn patient(name: &str, birth: Option<BirthDate>, age: Option<i64>) -> AccountRequest {
    AccountRequest {
        birth_date: birth,
        age: age.map(|years| Age::new(years).unwrap()),
        ..account_request(Role::Patient, name)
    }
}

impl Case {
    async fn known(&self, role: Role, name: &str, age: Option<KnownAge>) -> AccountUuid {
        let new = NewAccount { age, ..sample::new_account(role, name) };
        let stored = self.hospital.ports.accounts.insert(vec![new], None).await.unwrap();
        stored.into_iter().next().unwrap().unwrap().uuid
    }
}

#[tokio::test]
async fn whoever_may_be_known_is_shown_before_an_account_is_created() {
    let case = Case::new().await;
    let (accounts, admin) = (&case.hospital.use_cases.accounts, &case.admin.actor);
    let elder = case.known(Role::Patient, "张伟", Some(KnownAge::Born(born("1950-01-02")))).await;
    let unknown = case.known(Role::Patient, "张伟", None).await;
    case.known(Role::Physician, "张伟", None).await;
    for (request, expected) in [
        (patient("张伟", Some(born("1950-01-02")), None), vec![elder, unknown]),
        (patient(" 张　伟 ", None, Some(74)), vec![elder, unknown]),
        (patient("张伟", Some(born("1950-01-03")), None), vec![unknown]),
        (patient("张伟", None, Some(30)), vec![unknown]),
        (patient("张伟", None, None), vec![elder, unknown]),
        (patient("张伟伟", None, None), vec![]),
        (account_request(Role::Admin, "director"), vec![]),
    ] {
        let known = accounts.known_as(admin, &request).await.unwrap();
        assert_eq!(known.iter().map(|account| account.uuid).collect::<Vec<_>>(), expected, "{request:?}");
    }
    let before = case.everyone(Role::Patient).await.len();
    let create = async |seen: &[AccountUuid]| {
        accounts.create_unless_known(admin, patient("张伟", None, None), seen, None).await
    };
    for seen in [vec![], vec![elder], vec![case.patient.actor.uuid]] {
        assert_refused!(create(&seen).await, Error::PersonMayExist);
    }
    assert_eq!(case.everyone(Role::Patient).await.len(), before);
    let created = create(&[elder, unknown]).await.unwrap();
    assert_eq!(created.username.as_str(), "张伟");
}

#[tokio::test]
async fn only_admins_learn_who_has_a_name_or_a_number() {
    let case = Case::new().await;
    let accounts = &case.hospital.use_cases.accounts;
    let phone = case.patient.account.phone.clone().unwrap();
    let request = account_request(Role::Patient, "王秀英");
    assert_eq!(
        case.open_to(async |actor: Actor| accounts.known_as(&actor, &request).await).await,
        [Role::Admin]
    );
    assert_eq!(
        case.open_to(async |actor: Actor| accounts.with_phone(&actor, &phone).await).await,
        [Role::Admin]
    );
    let create = async |actor: Actor| accounts.create_unless_known(&actor, request.clone(), &[], None).await;
    assert_eq!(case.open_to(create).await, [Role::Admin]);
}

#[tokio::test]
async fn a_phone_number_leads_to_who_has_it() {
    let case = Case::new().await;
    let (accounts, admin) = (&case.hospital.use_cases.accounts, &case.admin.actor);
    for person in [&case.patient, &case.physician, &case.other_patient] {
        let phone = person.account.phone.clone().unwrap();
        let found = accounts.with_phone(admin, &phone).await.unwrap().unwrap();
        assert_eq!(found.uuid, person.actor.uuid);
    }
    // An admin may have one as well.
    let phone = PhoneNumber::parse("13711112222").unwrap();
    assert_eq!(accounts.with_phone(admin, &phone).await.unwrap(), None);
    let new = NewAccount { phone: Some(phone.clone()), ..sample::new_account(Role::Admin, "副院长") };
    case.hospital.ports.accounts.insert(vec![new], None).await.unwrap().remove(0).unwrap();
    let found = accounts.with_phone(admin, &phone).await.unwrap().unwrap();
    assert_eq!(found.username, PersonName::parse("副院长").unwrap());
}
