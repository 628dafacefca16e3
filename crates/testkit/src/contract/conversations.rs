//! Contract of [`ConversationRepository`](yilin_domain::port::ConversationRepository).

use chrono::{Days, NaiveDate};
use yilin_domain::account::{AccountUuid, Role};
use yilin_domain::chat::{Coverage, NewTurn, Speaker, Summary, Turn, TurnId};
use yilin_domain::id::MedicalRecordId;
use yilin_domain::list::PageRequest;
use yilin_domain::port::CallsOfDay;

use super::Subject;
use super::arrange::at;
use super::race::race;

fn said(speaker: Speaker, text: &str) -> NewTurn {
    let (text, model) = (text.to_owned(), "glm-4-flash".to_owned());
    NewTurn { speaker, text, sent: None, is_cut_off: false, model, at: at(7) }
}

fn exchange(n: usize) -> [NewTurn; 2] {
    [said(Speaker::User, &format!("第{n}问")), said(Speaker::Assistant, &format!("第{n}答"))]
}

async fn two_people(subject: &Subject) -> [AccountUuid; 2] {
    let patient = subject.insert_person(Role::Patient, "王秀英").await.uuid;
    let physician = subject.insert_person(Role::Physician, "李志强").await.uuid;
    [patient, physician]
}

async fn all(subject: &Subject, account: AccountUuid) -> Vec<Turn> {
    subject.conversations.batch(account, None, 1000).await.unwrap()
}

fn day(n: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 1).and_then(|first| first.checked_add_days(Days::new(n))).unwrap()
}

/// Turns are returned unchanged, newest first, separately for each account.
pub async fn turns_come_back_as_they_were_said(subject: &Subject) {
    let [patient, physician] = two_people(subject).await;
    let text = "头痛 🤕\n“三天” ' \\ \u{0} & < 了".repeat(300);
    let masked = NewTurn { sent: Some(text.replace("头痛", "[姓名]")), ..said(Speaker::User, &text) };
    let first = [masked, NewTurn { is_cut_off: true, ..said(Speaker::Assistant, "") }];
    subject.conversations.append(patient, &first, None).await.unwrap();
    subject.conversations.append(physician, &exchange(9), None).await.unwrap();
    subject.conversations.append(patient, &exchange(1), None).await.unwrap();
    let turns = all(subject, patient).await;
    assert!(turns.windows(2).all(|pair| pair[0].id > pair[1].id), "{turns:?}");
    let mut expected = [first, exchange(1)].concat();
    expected.reverse();
    assert_eq!(turns.into_iter().map(|turn| turn.said).collect::<Vec<_>>(), expected);
    assert_eq!(all(subject, physician).await.len(), 2);
    subject.conversations.append(patient, &[], None).await.unwrap();
    assert_eq!(all(subject, patient).await.len(), 4);
}

/// Pages and batches are contiguous.
pub async fn conversations_are_read_in_parts(subject: &Subject) {
    let [patient, physician] = two_people(subject).await;
    for n in 0..5 {
        subject.conversations.append(patient, &exchange(n), None).await.unwrap();
        subject.conversations.append(physician, &exchange(n), None).await.unwrap();
    }
    let turns = all(subject, patient).await;
    for (number, expected) in [(1, &turns[..4]), (2, &turns[4..8]), (3, &turns[8..]), (4, &[])] {
        let page = subject.conversations.page(patient, PageRequest { number, size: 4 }).await.unwrap();
        assert_eq!((page.total, page.items.as_slice()), (10, expected), "page {number}");
    }
    let next = subject.conversations.batch(patient, Some(turns[3].id), 3).await.unwrap();
    assert_eq!(next, turns[4..7]);
    let end = subject.conversations.batch(patient, Some(turns[9].id), 3).await.unwrap();
    assert!(end.is_empty());
}

/// A conversation is deleted with its summary, and other accounts' are not.
pub async fn a_cleared_conversation_is_gone(subject: &Subject) {
    let [patient, physician] = two_people(subject).await;
    for account in [patient, physician] {
        subject.conversations.append(account, &exchange(1), None).await.unwrap();
        subject.conversations.save_summary(account, &summary("摘要", 1)).await.unwrap();
    }
    let before = all(subject, patient).await;
    assert_eq!(subject.conversations.clear(patient, None).await.unwrap(), 2);
    assert!(all(subject, patient).await.is_empty());
    assert_eq!(subject.conversations.summary(patient).await.unwrap(), None);
    assert_eq!(all(subject, physician).await.len(), 2);
    assert!(subject.conversations.summary(physician).await.unwrap().is_some());
    assert_eq!(subject.conversations.clear(patient, None).await.unwrap(), 0);
    // Later turns follow everything before.
    subject.conversations.append(patient, &exchange(2), None).await.unwrap();
    assert!(all(subject, patient).await[1].id > before[0].id);
}

fn summary(text: &str, turn: i64) -> Summary {
    let coverage = Coverage { turn: Some(TurnId(turn)), record: None };
    Summary { text: text.to_owned(), coverage, model: "glm4".to_owned(), at: at(9) }
}

/// The last summary replaces the previous one, also if coverage becomes empty.
pub async fn the_last_summary_counts(subject: &Subject) {
    let [patient, physician] = two_people(subject).await;
    assert_eq!(subject.conversations.summary(patient).await.unwrap(), None);
    let first = summary("头痛三天", 5);
    subject.conversations.save_summary(patient, &first).await.unwrap();
    assert_eq!(subject.conversations.summary(patient).await.unwrap().as_ref(), Some(&first));
    let coverage = Coverage { turn: None, record: Some(MedicalRecordId(3)) };
    let second = Summary { coverage, ..summary("血压偏高 🩺", 0) };
    subject.conversations.save_summary(patient, &second).await.unwrap();
    assert_eq!(subject.conversations.summary(patient).await.unwrap(), Some(second));
    assert_eq!(subject.conversations.summary(physician).await.unwrap(), None);
}

/// Of concurrent summaries one is stored, as a whole.
pub async fn of_racing_summaries_one_stays(subject: &Subject) {
    let [patient, _] = two_people(subject).await;
    race(8, |n| {
        let conversations = subject.conversations.clone();
        async move {
            let n = i64::try_from(n).unwrap();
            conversations.save_summary(patient, &summary(&format!("摘要{n}"), n)).await.unwrap();
        }
    })
    .await;
    let stored = subject.conversations.summary(patient).await.unwrap().unwrap();
    let n = stored.coverage.turn.unwrap().0;
    assert_eq!(stored, summary(&format!("摘要{n}"), n));
}

/// Calls are counted by account and day, up to the limit.
pub async fn calls_are_counted_up_to_the_limit(subject: &Subject) {
    let [patient, physician] = two_people(subject).await;
    let count =
        async |account, on, limit| subject.conversations.count_call(account, on, limit).await.unwrap();
    assert!(count(patient, day(0), 2).await && count(patient, day(0), 2).await);
    assert!(!count(patient, day(0), 2).await, "the third");
    assert!(count(physician, day(0), 2).await, "another account");
    assert!(count(patient, day(1), 2).await, "the next day");
    assert!(count(patient, day(0), 3).await, "a larger limit");
    assert!(!count(patient, day(2), 0).await, "nothing is allowed");
    assert_eq!(subject.conversations.forget_calls(day(1)).await.unwrap(), 2);
    assert!(count(patient, day(0), 1).await && !count(patient, day(1), 1).await);
}

/// Concurrent calls are counted exactly.
pub async fn parallel_calls_are_counted_exactly(subject: &Subject) {
    let [patient, _] = two_people(subject).await;
    let admitted = race(12, |_| {
        let conversations = subject.conversations.clone();
        async move { conversations.count_call(patient, day(0), 5).await.unwrap() }
    })
    .await;
    assert_eq!(admitted.into_iter().filter(|admitted| *admitted).count(), 5);
}

/// The calls of a day are summed over all accounts, the busiest of which come first.
pub async fn the_calls_of_a_day_are_summed(subject: &Subject) {
    let (day, next) = (at(0).date_naive(), at(24 * 3600).date_naive());
    assert_eq!(subject.conversations.calls_on(day, 5).await.unwrap(), CallsOfDay::default());
    let account = |number: u8| AccountUuid::from_bytes([number; 4]);
    for (number, calls) in [(1, 2), (2, 5), (3, 2), (4, 1)] {
        for _ in 0..calls {
            assert!(subject.conversations.count_call(account(number), day, 10).await.unwrap());
        }
    }
    subject.conversations.count_call(account(4), next, 10).await.unwrap();
    let busiest = vec![(account(2), 5), (account(1), 2), (account(3), 2)];
    let calls = subject.conversations.calls_on(day, 3).await.unwrap();
    assert_eq!(calls, CallsOfDay { calls: 10, accounts: 4, busiest });
    assert_eq!(subject.conversations.calls_on(next, 3).await.unwrap().calls, 1);
}
