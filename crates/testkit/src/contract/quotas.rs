//! Contract of [`QuotaRepository`](yilin_domain::port::QuotaRepository).

use chrono::NaiveDate;
use yilin_domain::account::AccountUuid;
use yilin_domain::port::Quota;

use super::Subject;
use super::race::race;

const WHO: &str = "0a1b2c3d";

fn account(text: &str) -> AccountUuid {
    AccountUuid::parse(text).expect("a uuid")
}

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 3, day).expect("a day")
}

async fn take(subject: &Subject, on: u32, wanted: u64, limit: u64) -> u64 {
    subject.quotas.take(account(WHO), Quota::UploadedBytes, day(on), wanted, limit).await.unwrap()
}

/// The first uses get all they request, the last one the rest, and then nothing is left.
pub async fn a_quota_is_taken_until_nothing_is_left(subject: &Subject) {
    let gigabytes = |number: u64| number << 30;
    assert_eq!(take(subject, 1, gigabytes(3), gigabytes(10)).await, gigabytes(3));
    assert_eq!(take(subject, 1, gigabytes(5), gigabytes(10)).await, gigabytes(5));
    assert_eq!(take(subject, 1, gigabytes(5), gigabytes(10)).await, gigabytes(2), "what is left");
    assert_eq!(take(subject, 1, 1, gigabytes(10)).await, 0);
    assert_eq!(take(subject, 1, 1, gigabytes(9)).await, 0, "a limit that was lowered takes nothing back");
    assert_eq!(take(subject, 1, 1, gigabytes(10) + 1).await, 1, "a raised one leaves more");
    assert_eq!(take(subject, 1, 0, gigabytes(20)).await, 0);
}

/// Accounts, days and kinds of use are counted separately.
pub async fn accounts_days_and_kinds_are_counted_apart(subject: &Subject) {
    assert_eq!(take(subject, 1, 5, 5).await, 5);
    for (who, quota, on) in [
        ("0a1b2c3e", Quota::UploadedBytes, day(1)),
        (WHO, Quota::PhoneChanges, day(1)),
        (WHO, Quota::UploadedBytes, day(2)),
    ] {
        assert_eq!(
            subject.quotas.take(account(who), quota, on, 5, 5).await.unwrap(),
            5,
            "{who} {quota:?} {on}"
        );
    }
    assert_eq!(take(subject, 1, 5, 5).await, 0);
}

/// Concurrent uses, including the day's first, are counted like sequential ones.
pub async fn of_many_at_once_no_more_is_taken_than_there_is(subject: &Subject) {
    let taken = race(16, |_| {
        let subject = subject.clone();
        async move { take(&subject, 1, 3, 20).await }
    })
    .await;
    assert_eq!(taken.iter().sum::<u64>(), 20, "{taken:?}");
}

/// Returned amounts are available again.
pub async fn what_is_given_back_can_be_taken_again(subject: &Subject) {
    assert_eq!(take(subject, 1, 8, 10).await, 8);
    subject.quotas.give_back(account(WHO), Quota::UploadedBytes, day(1), 5).await.unwrap();
    assert_eq!(take(subject, 1, 8, 10).await, 7);
}

/// Past days can be deleted, and then count nothing.
pub async fn old_days_are_forgotten(subject: &Subject) {
    for on in 1..=3 {
        assert_eq!(take(subject, on, 10, 10).await, 10);
    }
    assert_eq!(subject.quotas.forget_quotas(day(3)).await.unwrap(), 2);
    assert_eq!(take(subject, 3, 1, 10).await, 0);
    assert_eq!(take(subject, 2, 1, 10).await, 1);
}
