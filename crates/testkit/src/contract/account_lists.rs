//! Contract of [`AccountRepository`](yilin_domain::port::AccountRepository): lists and searches.

use yilin_domain::account::{
    Account, AccountChanges, AccountField, AccountFilter, HomeAddress, Hospital, Nickname, Role,
};

use super::Subject;
use super::arrange::{EVERYTHING, everyone, page, person};
use super::walk::walk;

fn containing(role: Role, field: AccountField, text: &str) -> AccountFilter {
    AccountFilter { role, containing: Some((field, text.to_owned())) }
}

impl Subject {
    async fn accounts_of(&self, filter: &AccountFilter) -> Vec<Account> {
        let listed = self.accounts.page(filter, EVERYTHING).await.unwrap();
        assert_eq!(listed.total, u64::try_from(listed.items.len()).unwrap(), "everything is on one page");
        assert!(listed.items.is_sorted_by_key(|account| std::cmp::Reverse(account.id)), "newest first");
        listed.items
    }

    async fn names_of(&self, filter: &AccountFilter) -> Vec<String> {
        self.accounts_of(filter)
            .await
            .into_iter()
            .map(|account| account.username.as_str().to_owned())
            .collect()
    }

    async fn insert_patients(&self, number: usize) -> Vec<Account> {
        let people = (0..number).map(|index| person(Role::Patient, &format!("病人{index}"))).collect();
        self.accounts.insert(people, None).await.unwrap().into_iter().map(|answer| answer.unwrap()).collect()
    }
}

/// Without accounts, lists are empty.
pub async fn lists_may_be_empty(subject: &Subject) {
    let listed = subject.accounts.page(&everyone(Role::Patient), page(1, 10)).await.unwrap();
    assert_eq!((listed.total, listed.items), (0, Vec::new()));
    assert!(subject.accounts.batch(&everyone(Role::Patient), None, 10).await.unwrap().is_empty());
}

/// A list contains the stored accounts of one role, newest first.
pub async fn a_list_shows_one_role(subject: &Subject) {
    let cast = subject.cast().await;
    assert_eq!(subject.accounts_of(&everyone(Role::Admin)).await, [cast.admin]);
    assert_eq!(subject.accounts_of(&everyone(Role::Patient)).await, [cast.patient]);
    let physicians = [cast.other_physician, cast.physician];
    assert_eq!(subject.accounts_of(&everyone(Role::Physician)).await, physicians);
}

/// Pages follow each other without gap or overlap; past the end they are empty, however far.
pub async fn pages_follow_each_other(subject: &Subject) {
    let mut newest_first = subject.insert_patients(23).await;
    newest_first.reverse();
    for size in [1, 5, 10, 23, 1000] {
        let mut seen = Vec::new();
        for number in 1..=(23_u64.div_ceil(size.into())) {
            let listed = subject.accounts.page(&everyone(Role::Patient), page(number, size)).await.unwrap();
            assert_eq!(listed.total, 23);
            assert!(!listed.items.is_empty() && listed.items.len() <= size.into());
            seen.extend(listed.items);
        }
        assert_eq!(seen, newest_first, "pages of {size}");
    }
    for number in [4, 1_000_000_000_000, u64::MAX] {
        let past = subject.accounts.page(&everyone(Role::Patient), page(number, 10)).await.unwrap();
        assert_eq!((past.total, past.items.len()), (23, 0), "page {number}");
    }
}

/// Batches walk the whole list once, newest first, and only the last one is short.
pub async fn batches_walk_the_whole_list(subject: &Subject) {
    let mut newest_first = subject.insert_patients(23).await;
    newest_first.reverse();
    subject.cast().await;
    newest_first.retain(|account| account.role == Role::Patient);
    let filter = containing(Role::Patient, AccountField::Username, "病人");
    for limit in [1, 5, 23, 500] {
        let read = async |before| subject.accounts.batch(&filter, before, limit).await.unwrap();
        let seen = walk(limit, |account| account.id, read).await;
        assert_eq!(seen, newest_first, "batches of {limit}");
    }
}

/// The total is correct after each insertion; skipped accounts are not counted.
pub async fn totals_follow_insertions(subject: &Subject) {
    for number in 1..=3 {
        let fresh = person(Role::Patient, "王秀英");
        let answers = subject.accounts.insert(vec![fresh.clone(), fresh], None).await.unwrap();
        assert!(answers[0].is_ok() && answers[1].is_err());
        let listed = subject.accounts.page(&everyone(Role::Patient), page(1, 1)).await.unwrap();
        assert_eq!((listed.total, listed.items.len()), (number, 1));
    }
}

/// Each field can be searched, and only the given field is.
pub async fn each_field_can_be_searched(subject: &Subject) {
    let mut wanted = person(Role::Patient, "诸葛亮");
    wanted.home_address = HomeAddress::parse("卧龙岗3号").unwrap();
    wanted.hospital = Hospital::parse("草庐医院").unwrap();
    let account = subject.insert(wanted).await;
    let nickname = Some(Nickname::parse("孔明先生").unwrap());
    let account = subject.update(&account, AccountChanges { nickname, ..<_>::default() }).await;
    subject.insert_person(Role::Patient, "司马懿").await;
    subject.insert_person(Role::Physician, "诸葛亮").await;
    let (phone, uuid) = (account.phone.clone().unwrap(), account.uuid.to_string());
    let searches = [
        (AccountField::Username, "葛"),
        (AccountField::HomeAddress, "龙岗3"),
        (AccountField::Hospital, "草庐"),
        (AccountField::Nickname, "孔明"),
        // Only the part that differs between generated numbers: a shorter one may match others.
        (AccountField::Phone, &phone.as_str()[3..]),
        (AccountField::Uuid, &uuid[1..7]),
    ];
    for (field, text) in searches {
        let found = subject.accounts_of(&containing(Role::Patient, field, text)).await;
        assert_eq!(found.len(), 1, "{field:?}");
        assert_eq!(found[0], account, "{field:?}");
        for (other, _) in searches.iter().filter(|(other, _)| *other != field) {
            let found = subject.accounts_of(&containing(Role::Patient, *other, text)).await;
            assert!(found.is_empty(), "{text} is a {field:?}, not a {other:?}");
        }
    }
}

/// The empty text matches all accounts, including those whose field is empty or unknown.
pub async fn the_empty_text_matches_everybody(subject: &Subject) {
    subject.insert_patients(3).await;
    let mut without_phone = person(Role::Patient, "无名");
    without_phone.phone = None;
    subject.insert(without_phone).await;
    let fields = [
        AccountField::Username,
        AccountField::Phone,
        AccountField::Uuid,
        AccountField::Hospital,
        AccountField::HomeAddress,
        AccountField::Nickname,
    ];
    for field in fields {
        assert_eq!(subject.accounts_of(&containing(Role::Patient, field, "")).await.len(), 4, "{field:?}");
    }
}

/// The text is matched literally: without wildcards, escapes or quoting, case- and accent-sensitive.
pub async fn text_is_matched_to_the_letter(subject: &Subject) {
    let names = [
        "100%",
        "1000",
        "a_b",
        "axb",
        "a\\b",
        "O'Neil",
        "\"q\"",
        "Li Lei",
        "li lei",
        "é",
        "e",
        "王小明",
        "王晓明",
        "😀",
    ];
    for name in names {
        subject.insert_person(Role::Patient, name).await;
    }
    let searches: [(&str, &[&str]); 15] = [
        ("%", &["100%"]),
        ("_", &["a_b"]),
        ("\\", &["a\\b"]),
        ("0%", &["100%"]),
        ("'", &["O'Neil"]),
        ("\"", &["\"q\""]),
        ("Li", &["Li Lei"]),
        ("li", &["li lei"]),
        ("é", &["é"]),
        ("王小", &["王小明"]),
        ("明", &["王晓明", "王小明"]),
        ("😀", &["😀"]),
        ("😁", &[]),
        ("a*", &[]),
        ("[a]", &[]),
    ];
    for (text, expected) in searches {
        let found = subject.names_of(&containing(Role::Patient, AccountField::Username, text)).await;
        assert_eq!(found, expected, "containing {text:?}");
    }
}

/// Searches are paged like any list.
pub async fn searches_are_paged(subject: &Subject) {
    subject.insert_patients(20).await;
    let filter = containing(Role::Patient, AccountField::Username, "病人1");
    let listed = subject.accounts.page(&filter, page(2, 4)).await.unwrap();
    assert_eq!(listed.total, 11, "病人1 and 病人10 to 病人19");
    let names: Vec<_> = listed.items.iter().map(|account| account.username.as_str()).collect();
    assert_eq!(names, ["病人15", "病人14", "病人13", "病人12"]);
}
