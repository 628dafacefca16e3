//! Searching for people, possible duplicates, and the sessions of others.

use chrono::{NaiveDate, TimeDelta};
use yilin_domain::account::{
    Account, AccountUuid, Age, BirthDate, KnownAge, NewAccount, PersonName, ReservedPhone, Role,
};
use yilin_domain::error::Error;
use yilin_domain::list::{Total, Window};
use yilin_domain::session::SessionId;
use yilin_domain::usecase::{InquiryRequest, PeopleSearch};
use yilin_testkit::{Person, sample};

use crate::support::{Case, assert_refused, nobody};

fn search(role: Role, text: &str) -> PeopleSearch {
    PeopleSearch { role, text: text.to_owned() }
}

fn born(text: &str) -> KnownAge {
    let (today, day): (NaiveDate, NaiveDate) = ("2024-03-01".parse().unwrap(), text.parse().unwrap());
    KnownAge::Born(BirthDate::new(day, today).unwrap())
}

fn aged(years: i64) -> KnownAge {
    KnownAge::Given { age: Age::new(years).unwrap(), on: "2024-03-01".parse().unwrap() }
}

impl Case {
    async fn stored(&self, role: Role, name: &str, age: Option<KnownAge>) -> AccountUuid {
        let new = NewAccount { age, ..sample::new_account(role, name) };
        let stored = self.hospital.ports.accounts.insert(vec![new], None).await.unwrap();
        stored.into_iter().next().unwrap().unwrap().uuid
    }

    async fn request_by_phone(&self, person: &Person, phone: &str) {
        let reserved_phone = Some(ReservedPhone::parse(phone).unwrap());
        let request = InquiryRequest { reserved_phone, ..sample::inquiry_request() };
        self.hospital.use_cases.inquiries.submit(&person.actor, request).await.unwrap();
    }
}

fn uuids<'a>(accounts: impl IntoIterator<Item = &'a Account>) -> Vec<AccountUuid> {
    accounts.into_iter().map(|account| account.uuid).collect()
}

#[tokio::test]
async fn only_the_admin_looks_for_people() {
    let case = Case::new().await;
    let (people, uuid) = (&case.hospital.use_cases.people, case.patient.actor.uuid);
    let everyone = search(Role::Patient, "");
    let slice = async |actor| people.slice(&actor, &everyone, Window::Newest, 10).await;
    assert_eq!(case.open_to(slice).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| people.total(&actor, &everyone).await).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| people.find(&actor, uuid).await).await, [Role::Admin]);
    assert_eq!(case.open_to(async |actor| people.duplicates_of(&actor, uuid).await).await, [Role::Admin]);
    let by_name = async |actor| people.duplicates_by_name(&actor, Role::Patient, None).await;
    assert_eq!(case.open_to(by_name).await, [Role::Admin]);
    assert_eq!(
        case.open_to(async |actor| people.duplicates_by_phone(&actor, None).await).await,
        [Role::Admin]
    );
    assert_eq!(case.open_to(async |actor| people.sessions_of(&actor, uuid).await).await, [Role::Admin]);
    assert_eq!(
        case.open_to(async |actor| people.end_sessions(&actor, uuid, None).await).await,
        [Role::Admin]
    );
}

#[tokio::test]
async fn people_are_found_by_what_was_typed() {
    let case = Case::new().await;
    let (people, admin) = (&case.hospital.use_cases.people, &case.admin.actor);
    let phone = case.other_patient.account.phone.as_ref().unwrap().as_str();
    let (one, other) = (case.patient.actor.uuid, case.other_patient.actor.uuid);
    for (role, text, expected) in [
        (Role::Patient, "", vec![other, one]),
        (Role::Patient, " 建　国 ", vec![other]),
        (Role::Patient, phone, vec![other]),
        (Role::Patient, &one.to_string(), vec![one]),
        (Role::Patient, "志强", vec![]),
        (Role::Physician, "志强", vec![case.physician.actor.uuid]),
        (Role::Admin, "院", vec![case.admin.actor.uuid]),
    ] {
        let search = search(role, text);
        let found = people.slice(admin, &search, Window::Newest, 10).await.unwrap();
        assert_eq!(uuids(&found.items), expected, "{search:?}");
        let total = people.total(admin, &search).await.unwrap();
        assert_eq!(total, Total::Exactly(u64::try_from(expected.len()).unwrap()));
    }
    assert_refused!(people.find(admin, nobody()).await, Error::NotFound);
}

#[tokio::test]
async fn the_same_name_and_age_may_be_the_same_person() {
    let case = Case::new().await;
    let (people, admin) = (&case.hospital.use_cases.people, &case.admin.actor);
    let first = case.stored(Role::Patient, "张伟", Some(born("1950-01-02"))).await;
    let same_date = case.stored(Role::Patient, "张伟", Some(born("1950-01-02"))).await;
    let other_date = case.stored(Role::Patient, "张伟", Some(born("1950-01-03"))).await;
    let same_age = case.stored(Role::Patient, "张伟", Some(aged(74))).await;
    case.stored(Role::Patient, "张伟", Some(aged(73))).await;
    case.stored(Role::Patient, "张伟", None).await;
    case.stored(Role::Patient, "张伟", None).await;
    case.stored(Role::Patient, "张伟伟", Some(aged(74))).await;
    case.stored(Role::Physician, "张伟", Some(born("1950-01-02"))).await;
    let of = async |uuid| uuids(&people.duplicates_of(admin, uuid).await.unwrap());
    assert_eq!(of(first).await, [same_date, same_age]);
    assert_eq!(of(same_age).await, [first, same_date, other_date]);
    assert_eq!(of(other_date).await, [same_age]);
    let found = people.duplicates_by_name(admin, Role::Patient, None).await.unwrap();
    let groups: Vec<_> = found.groups.iter().map(|(name, group)| (name.as_str(), uuids(group))).collect();
    assert_eq!(groups, [("张伟", vec![first, same_date, other_date, same_age])]);
    assert_eq!(found.next, None);
    let after = PersonName::parse("张伟").unwrap();
    let rest = people.duplicates_by_name(admin, Role::Patient, Some(&after)).await.unwrap();
    assert!(rest.groups.is_empty());
    // Nobody has the same age any more whose age is known by the date of birth.
    case.hospital.fakes.clock.advance(TimeDelta::days(320));
    assert_eq!(of(first).await, [same_date]);
}

#[tokio::test]
async fn the_same_reserved_phone_may_be_the_same_person() {
    let case = Case::new().await;
    let (people, admin) = (&case.hospital.use_cases.people, &case.admin.actor);
    case.request_by_phone(&case.patient, "02087654321").await;
    case.request_by_phone(&case.patient, "02087654322").await;
    assert!(people.duplicates_by_phone(admin, None).await.unwrap().groups.is_empty());
    case.request_by_phone(&case.other_patient, "02087654321").await;
    let found = people.duplicates_by_phone(admin, None).await.unwrap();
    let groups: Vec<_> = found.groups.iter().map(|(phone, group)| (phone.as_str(), uuids(group))).collect();
    let both = vec![case.patient.actor.uuid, case.other_patient.actor.uuid];
    assert_eq!((groups, found.next), (vec![("02087654321", both)], None));
}

#[tokio::test]
async fn sessions_of_others_are_shown_and_ended() {
    let case = Case::new().await;
    let (use_cases, admin, uuid) = (&case.hospital.use_cases, &case.admin.actor, case.patient.actor.uuid);
    case.hospital.fakes.clock.advance(TimeDelta::minutes(1));
    let second = case.hospital.log_in(&case.patient.account).await;
    case.hospital.fakes.clock.advance(TimeDelta::minutes(1));
    let third = case.hospital.log_in(&case.patient.account).await;
    let people = &use_cases.people;
    let shown = async || people.sessions_of(admin, uuid).await.unwrap();
    let found = shown().await;
    assert_eq!(found.account.uuid, uuid);
    assert_eq!(found.sessions, [third.session.clone(), second.session.clone(), case.patient.session.clone()]);

    assert_eq!(people.end_sessions(admin, uuid, Some(second.session.id)).await.unwrap(), 1);
    assert!(use_cases.sessions.is_ended(second.session.id), "at once");
    assert!(!use_cases.sessions.is_ended(third.session.id));
    assert_eq!(shown().await.sessions, [third.session.clone(), case.patient.session.clone()]);
    for unknown in [second.session.id, case.physician.session.id, SessionId::from_bytes([9; 16])] {
        assert_refused!(people.end_sessions(admin, uuid, Some(unknown)).await, Error::NotFound);
    }
    assert!(!use_cases.sessions.is_ended(case.physician.session.id));

    assert_eq!(people.end_sessions(admin, uuid, None).await.unwrap(), 2);
    assert!(use_cases.sessions.is_ended(third.session.id));
    assert_eq!(shown().await.sessions, []);
    assert_eq!(people.end_sessions(admin, uuid, None).await.unwrap(), 0);
    assert_refused!(people.sessions_of(admin, nobody()).await, Error::NotFound);
    assert_refused!(people.end_sessions(admin, nobody(), None).await, Error::NotFound);
}
