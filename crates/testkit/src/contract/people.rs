//! Contract of [`PeopleRepository`](yilin_domain::port::PeopleRepository).

use yilin_domain::account::{
    Account, AccountUuid, NewAccount, PeopleFilter, PersonCriterion, PersonName, PhoneNumber, ReservedPhone,
    Role,
};
use yilin_domain::inquiry::InquiryDraft;
use yilin_domain::list::{Total, Window};
use yilin_domain::port::Sharing;

use super::Subject;
use super::arrange::{by, draft, person, reason};
use super::walk::walk_slices;

impl Subject {
    /// Everybody who meets the filter, newest first.
    async fn people_of(&self, filter: &PeopleFilter) -> Vec<Account> {
        let read = async |window| self.people.slice(filter, window, 3).await.unwrap();
        let people = walk_slices(3, |account| account.id, read).await;
        let total = self.people.total(filter).await.unwrap();
        assert_eq!(total, Total::Exactly(u64::try_from(people.len()).unwrap()), "{filter:?}");
        people
    }

    async fn insert_phone(&self, role: Role, name: &str, phone: &str) -> Account {
        let phone = PhoneNumber::parse(phone).expect("a phone number");
        self.insert(NewAccount { phone: Some(phone), ..person(role, name) }).await
    }

    async fn request_by_phone(&self, patient: &Account, phone: &str) {
        let reserved_phone = Some(ReservedPhone::parse(phone).expect("eleven digits"));
        self.create(InquiryDraft { reserved_phone, ..draft(patient) }, by(patient, 0)).await;
    }
}

fn search(role: Role, text: &str) -> PeopleFilter {
    PeopleFilter { any_of: PersonCriterion::of_text(text), ..PeopleFilter::everyone(role) }
}

fn name(text: &str) -> PersonName {
    PersonName::parse(text).expect("a name")
}

fn uuids<V>(sharing: &Sharing<V>) -> Vec<Vec<AccountUuid>> {
    sharing.groups.iter().map(|(_, group)| group.iter().map(|account| account.uuid).collect()).collect()
}

/// With nothing stored, nobody is found.
pub async fn nobody_is_found_among_nobody(subject: &Subject) {
    for text in ["", "王", "13900000000", "d59aa28a"] {
        assert_eq!(subject.people_of(&search(Role::Patient, text)).await, []);
    }
    let none = Sharing { groups: vec![], next: None };
    assert_eq!(subject.people.shared_names(Role::Patient, None, 5).await.unwrap(), none);
    assert_eq!(subject.people.shared_phones(None, 5).await.unwrap(), Sharing { groups: vec![], next: None });
}

/// A search shows exactly the people of the role to whom one of the properties applies.
pub async fn each_search_shows_whom_it_should(subject: &Subject) {
    let mut stored = Vec::new();
    for (role, name, phone) in [
        (Role::Patient, "王秀英", "13812345678"),
        (Role::Patient, "刘秀芳", "15912340000"),
        (Role::Physician, "王建国", "13812349999"),
        (Role::Patient, "李1234", "18800001111"),
        (Role::Patient, "王秀英", "13900001234"),
        (Role::Physician, "1234", "13712340001"),
        (Role::Patient, "明明", "13711111111"),
        (Role::Patient, "", "13722222222"),
    ] {
        stored.push(subject.insert_phone(role, name, phone).await);
    }
    stored.push(subject.insert_person(Role::Admin, "王院长一二").await);
    let disabled = stored[1].clone();
    let admin = stored[8].uuid;
    let provenance = by(&stored[8], 5).because(reason("已搬走"));
    subject.accounts.set_disabled(disabled.uuid, true, provenance).await.unwrap().unwrap();
    stored[1].disabled = true;
    stored.reverse();
    let texts = [
        "",
        "王",
        "秀",
        "秀英",
        "明",
        "1234",
        "12345678",
        "1381234",
        "13812345678",
        "0000",
        "00001234",
        "9999",
        "0001111",
        "没有",
        "%",
        "1380000",
    ];
    let uuid = stored[0].uuid.to_string();
    for role in Role::ALL {
        for text in texts.into_iter().chain([&*uuid]) {
            for only_enabled in [false, true] {
                let filter = PeopleFilter { only_enabled, ..search(role, text) };
                let expected: Vec<_> =
                    stored.iter().filter(|account| filter.admits(account)).cloned().collect();
                assert_eq!(subject.people_of(&filter).await, expected, "{filter:?}");
            }
        }
    }
    assert_eq!(subject.people_of(&search(Role::Admin, &admin.to_string())).await.len(), 1);
    assert_eq!(subject.people_of(&search(Role::Patient, "1234")).await.len(), 2);
}

/// A total is exact up to the number that is counted. What many have in common is found as well.
pub async fn a_crowd_is_counted_up_to_a_number(subject: &Subject) {
    let crowd: Vec<_> =
        (0..1200).map(|number| person(Role::Patient, &format!("王{}明明", number % 7))).collect();
    let inserted = subject.accounts.insert(crowd, None).await.unwrap();
    assert!(inserted.iter().all(Result::is_ok));
    let total = async |text| subject.people.total(&search(Role::Patient, text)).await.unwrap();
    assert_eq!(total("").await, Total::Exactly(1200));
    assert_eq!(total("明").await, Total::MoreThan(Total::COUNTED.into()));
    assert_eq!(total("王3").await, Total::Exactly(171));
    assert_eq!(total("3明明").await, Total::Exactly(171));
    let filter = search(Role::Patient, "明");
    let read = async |window| subject.people.slice(&filter, window, 100).await.unwrap();
    assert_eq!(walk_slices(100, |account| account.id, read).await.len(), 1200);
    let slice = subject.people.slice(&search(Role::Patient, "王3"), Window::Oldest, 200).await.unwrap();
    assert_eq!((slice.items.len(), slice.newer, slice.older), (171, None, None));
}

/// People with exactly the same name are found, oldest first.
pub async fn namesakes_have_the_same_name(subject: &Subject) {
    let first = subject.insert_person(Role::Patient, "王秀英").await;
    let second = subject.insert_person(Role::Patient, "王秀英").await;
    subject.insert_person(Role::Patient, "王秀").await;
    subject.insert_person(Role::Patient, "王秀英子").await;
    subject.insert_person(Role::Physician, "王秀英").await;
    let namesakes = async |limit| {
        let found = subject.people.namesakes(Role::Patient, &name("王秀英"), limit).await.unwrap();
        found.into_iter().map(|account| account.uuid).collect::<Vec<_>>()
    };
    assert_eq!(namesakes(10).await, [first.uuid, second.uuid]);
    assert_eq!(namesakes(1).await, [first.uuid]);
}

/// Names that several people of a role have are found in order, a few at a time.
pub async fn shared_names_are_found_in_order(subject: &Subject) {
    let mut groups = Vec::new();
    for (text, number) in [("丙", 1), ("乙", 3), ("Li Lei", 2), ("li lei", 1), ("丁", 2), ("", 2)] {
        let mut group = Vec::new();
        for _ in 0..number {
            group.push(subject.insert_person(Role::Patient, text).await.uuid);
        }
        groups.push(group);
    }
    subject.insert_person(Role::Physician, "丙").await;
    // In the order of the text's bytes.
    let expected = [groups[2].clone(), groups[4].clone(), groups[1].clone()];
    let shared = async |after: Option<&PersonName>, limit| {
        subject.people.shared_names(Role::Patient, after, limit).await
    };
    let all = shared(None, 10).await.unwrap();
    assert_eq!((uuids(&all), all.next), (expected.to_vec(), None));
    let first = shared(None, 2).await.unwrap();
    assert_eq!(uuids(&first), expected[..2]);
    let rest = shared(first.next.as_ref(), 2).await.unwrap();
    assert_eq!((uuids(&rest), rest.next), (expected[2..].to_vec(), None));
    let after = shared(Some(&name("丂")), 2).await.unwrap();
    assert_eq!(uuids(&after), expected[2..], "a name that nobody has");
}

/// Phone numbers that several patients gave are found in order; one patient's own visits count once.
pub async fn shared_phones_are_found_in_order(subject: &Subject) {
    let cast = subject.cast().await;
    let (one, other) = (&cast.patient, &subject.insert_person(Role::Patient, "刘芳").await);
    for (patient, phone) in [
        (one, "02000000003"),
        (other, "02000000003"),
        (one, "02000000001"),
        (one, "02000000001"),
        (other, "02000000002"),
        (one, "02000000002"),
        (other, "02000000002"),
        (other, "02000000004"),
    ] {
        subject.request_by_phone(patient, phone).await;
    }
    subject.create(InquiryDraft { reserved_phone: None, ..draft(one) }, by(one, 0)).await;
    subject.create(InquiryDraft { reserved_phone: None, ..draft(other) }, by(other, 0)).await;
    let both = vec![one.uuid, other.uuid];
    let shared =
        async |after: Option<&ReservedPhone>, limit| subject.people.shared_phones(after, limit).await;
    let all = shared(None, 10).await.unwrap();
    let phones: Vec<_> = all.groups.iter().map(|(phone, _)| phone.as_str()).collect();
    assert_eq!(phones, ["02000000002", "02000000003"]);
    assert_eq!((uuids(&all), &all.next), (vec![both.clone(), both.clone()], &None));
    let first = shared(None, 1).await.unwrap();
    assert_eq!(uuids(&first), std::slice::from_ref(&both));
    let rest = shared(first.next.as_ref(), 5).await.unwrap();
    assert_eq!((rest.groups[0].0.as_str(), rest.groups.len(), rest.next), ("02000000003", 1, None));
}
