//! Contract of [`LoginAttemptRepository`](yilin_domain::port::LoginAttemptRepository).

use std::time::Duration;

use yilin_domain::session::{Attempt, AttemptKey, AttemptLimits, AttemptVerdict};

use super::Subject;
use super::arrange::at;
use super::race::race;

const LIMITS: AttemptLimits = AttemptLimits {
    window: Duration::from_secs(600),
    per_identifier: 5,
    failures_per_address: 50,
    known_for: Duration::from_secs(KNOWN_FOR.unsigned_abs()),
};

/// Number of seconds for which an identifier is known at an address.
const KNOWN_FOR: i64 = 1_000_000;

fn key(identifier: &str, address: &str) -> AttemptKey {
    AttemptKey::new("app", identifier, address)
}

impl Subject {
    async fn attempt(&self, key: &AttemptKey, second: i64) -> AttemptVerdict {
        self.login_attempts.begin(key, at(second), LIMITS).await.unwrap()
    }

    /// An attempt that is admitted.
    async fn admitted(&self, key: &AttemptKey, second: i64) -> Attempt {
        match self.attempt(key, second).await {
            AttemptVerdict::Admitted(attempt) => attempt,
            refused @ AttemptVerdict::Refused { .. } => panic!("{refused:?}"),
        }
    }

    async fn failures(&self, key: &AttemptKey, number: usize, second: i64) {
        for attempt in 1..=number {
            let verdict = self.attempt(key, second).await;
            assert!(verdict.is_admitted(), "attempt {attempt} of {number}");
        }
    }

    /// The success of an attempt that also counts under its address.
    async fn succeeded(&self, key: &AttemptKey, began: i64) {
        let attempt = Attempt { began: at(began), counts_at_address: true };
        self.login_attempts.succeeded(key, attempt).await.unwrap();
    }
}

const fn refused(seconds: u64) -> AttemptVerdict {
    AttemptVerdict::Refused { retry_after: Duration::from_secs(seconds) }
}

/// Five attempts are admitted; the sixth waits until the first has left the window.
pub async fn the_sixth_attempt_is_refused(subject: &Subject) {
    let key = key("13900000000", "10.0.0.1");
    for second in [0, 10, 20, 30, 40] {
        assert!(subject.attempt(&key, second).await.is_admitted());
    }
    assert_eq!(subject.attempt(&key, 50).await, refused(550));
    assert_eq!(subject.attempt(&key, 599).await, refused(1));
}

/// The window slides: each attempt leaves it after ten minutes.
pub async fn the_window_slides(subject: &Subject) {
    let key = key("13900000000", "10.0.0.1");
    for second in [0, 100, 200, 300, 400] {
        assert!(subject.attempt(&key, second).await.is_admitted());
    }
    assert!(subject.attempt(&key, 600).await.is_admitted(), "the first is old");
    assert_eq!(subject.attempt(&key, 600).await, refused(100), "the second is not");
    assert!(subject.attempt(&key, 700).await.is_admitted());
    assert!(subject.attempt(&key, 2000).await.is_admitted());
    subject.failures(&key, 4, 2000).await;
    assert_eq!(subject.attempt(&key, 2000).await, refused(600));
}

/// Rejected attempts do not count: a caller that keeps trying is admitted eventually.
pub async fn refused_attempts_do_not_count(subject: &Subject) {
    let key = key("13900000000", "10.0.0.1");
    subject.failures(&key, 5, 0).await;
    for second in 1..60 {
        assert!(!subject.attempt(&key, second * 10).await.is_admitted());
    }
    subject.failures(&key, 5, 600).await;
    assert_eq!(subject.attempt(&key, 600).await, refused(600));
}

/// An identifier is counted per address and per log-in form.
pub async fn other_identifiers_and_addresses_count_apart(subject: &Subject) {
    subject.failures(&key("13900000000", "10.0.0.1"), 5, 0).await;
    subject.failures(&key("13900000001", "10.0.0.1"), 5, 0).await;
    subject.failures(&key("13900000000", "10.0.0.2"), 5, 0).await;
    subject.failures(&AttemptKey::new("console", "13900000000", "10.0.0.1"), 5, 0).await;
}

/// A success resets the identifier's count.
pub async fn a_success_starts_the_count_anew(subject: &Subject) {
    let key = key("13900000000", "10.0.0.1");
    subject.failures(&key, 4, 0).await;
    subject.failures(&key, 1, 30).await;
    subject.succeeded(&key, 30).await;
    subject.failures(&key, 5, 40).await;
    assert_eq!(subject.attempt(&key, 40).await, refused(600));
}

/// The success of an attempt whose count was deleted meanwhile is not an error.
pub async fn a_success_of_a_forgotten_attempt_is_no_error(subject: &Subject) {
    subject.succeeded(&key("13900000000", "10.0.0.1"), 0).await;
}

/// The 51st failure of an address is rejected, for any identifier.
pub async fn an_address_has_a_limit_over_all_identifiers(subject: &Subject) {
    for number in 0..50 {
        subject.failures(&key(&format!("{number}"), "10.0.0.1"), 1, number).await;
    }
    assert_eq!(subject.attempt(&key("new", "10.0.0.1"), 100).await, refused(500));
    subject.failures(&key("new", "10.0.0.2"), 1, 100).await;
    subject.failures(&key("new", "10.0.0.1"), 1, 600).await;
}

/// An attempt rejected by its address's limit is not counted under its identifier, and one rejected by its
/// identifier's limit is not counted under its address.
pub async fn what_is_refused_counts_nowhere(subject: &Subject) {
    let (busy, fresh) = (key("busy", "10.0.0.1"), key("fresh", "10.0.0.1"));
    subject.failures(&busy, 5, 0).await;
    for _ in 0..60 {
        assert_eq!(subject.attempt(&busy, 1).await, refused(599));
    }
    for number in 0..45 {
        subject.failures(&key(&format!("{number}"), "10.0.0.1"), 1, 10).await;
    }
    for _ in 0..10 {
        assert!(!subject.attempt(&fresh, 20).await.is_admitted());
    }
    subject.failures(&fresh, 5, 600).await;
}

/// Successes are not failures: an address shared by many users is not blocked.
pub async fn successes_do_not_count_against_the_address(subject: &Subject) {
    for number in 0..120 {
        let key = key(&format!("{number}"), "10.0.0.1");
        subject.failures(&key, 1, 5).await;
        subject.succeeded(&key, 5).await;
    }
    // One success removes one attempt of the address, not the failures before it.
    let key = key("clumsy", "10.0.0.1");
    for _ in 0..10 {
        subject.failures(&key, 5, 10).await;
        subject.succeeded(&key, 10).await;
    }
    for number in 0..10 {
        subject.failures(&self::key(&format!("late {number}"), "10.0.0.1"), 1, 20).await;
    }
    assert!(!subject.attempt(&self::key("last", "10.0.0.1"), 30).await.is_admitted());
}

/// Concurrent guesses are counted like sequential ones.
pub async fn parallel_attempts_are_counted_exactly(subject: &Subject) {
    let key = key("13900000000", "10.0.0.1");
    let verdicts = race(30, |_| {
        let (attempts, key) = (subject.login_attempts.clone(), key.clone());
        async move { attempts.begin(&key, at(0), LIMITS).await.unwrap() }
    })
    .await;
    let admitted = verdicts.iter().filter(|verdict| verdict.is_admitted()).count();
    assert_eq!(admitted, 5, "{verdicts:?}");
}

/// The same for many identifiers of one address.
pub async fn parallel_attempts_of_an_address_are_counted_exactly(subject: &Subject) {
    let verdicts = race(70, |racer| {
        let attempts = subject.login_attempts.clone();
        let key = key(&format!("{racer}"), "10.0.0.1");
        async move { attempts.begin(&key, at(0), LIMITS).await.unwrap() }
    })
    .await;
    let admitted = verdicts.iter().filter(|verdict| verdict.is_admitted()).count();
    assert_eq!(admitted, 50, "{verdicts:?}");
}

/// Counts without recent attempts are deleted; others are kept.
pub async fn idle_counts_are_forgotten(subject: &Subject) {
    let (idle, busy) = (key("idle", "10.0.0.1"), key("busy", "10.0.0.2"));
    subject.failures(&idle, 5, 0).await;
    subject.failures(&busy, 5, 100).await;
    let forget = async |since| subject.login_attempts.forget_idle(at(since)).await.unwrap();
    assert_eq!(forget(-1).await, 0);
    assert!(forget(50).await > 0);
    assert_eq!(forget(50).await, 0, "it is deleted already");
    subject.failures(&idle, 5, 110).await;
    assert_eq!(subject.attempt(&busy, 110).await, refused(590));
}

/// An identifier that has logged in from an address is not locked out there by the failures of others, for
/// some time.
pub async fn who_is_known_at_an_address_is_not_locked_out_there(subject: &Subject) {
    let (known, stranger) = (key("known", "10.0.0.1"), key("stranger", "10.0.0.1"));
    subject.failures(&known, 1, 0).await;
    subject.succeeded(&known, 0).await;
    for number in 0..50 {
        subject.failures(&key(&format!("{number}"), "10.0.0.1"), 1, 1000).await;
    }
    assert_eq!(subject.attempt(&stranger, 1000).await, refused(600));
    subject.failures(&known, 5, 1000).await;
    assert_eq!(subject.attempt(&known, 1000).await, refused(600), "its own failures count");

    // From another address, as another identifier or long afterwards it is unknown.
    let elsewhere = key("known", "10.0.0.2");
    for number in 0..50 {
        subject.failures(&key(&format!("{number}"), "10.0.0.2"), 1, 1000).await;
        subject.failures(&key(&format!("{number}"), "10.0.0.1"), 1, KNOWN_FOR).await;
    }
    assert_eq!(subject.attempt(&elsewhere, 1000).await, refused(600));
    assert_eq!(subject.attempt(&known, KNOWN_FOR).await, refused(600));
}

/// The success of an attempt that was not counted under its address removes no failure there, made in the same
/// second or not.
pub async fn an_uncounted_success_forgives_nothing(subject: &Subject) {
    let known = key("known", "10.0.0.1");
    let attempt = subject.admitted(&known, 0).await;
    assert!(attempt.counts_at_address);
    subject.login_attempts.succeeded(&known, attempt).await.unwrap();
    for number in 0..50 {
        subject.failures(&key(&format!("{number}"), "10.0.0.1"), 1, 1000).await;
    }
    let attempt = subject.admitted(&known, 1000).await;
    assert!(!attempt.counts_at_address);
    subject.login_attempts.succeeded(&known, attempt).await.unwrap();
    assert_eq!(subject.attempt(&key("stranger", "10.0.0.1"), 1000).await, refused(600));
}

/// A second success renews the time, and a deleted identifier is unknown.
pub async fn who_is_known_is_forgotten_in_the_end(subject: &Subject) {
    let known = key("known", "10.0.0.1");
    for second in [0, 100] {
        subject.failures(&known, 1, second).await;
        subject.succeeded(&known, second).await;
    }
    let forget = async |since| subject.login_attempts.forget_known(at(since)).await.unwrap();
    assert_eq!(forget(100).await, 0);
    assert_eq!(forget(101).await, 1);
    for number in 0..50 {
        subject.failures(&key(&format!("{number}"), "10.0.0.1"), 1, 1000).await;
    }
    assert_eq!(subject.attempt(&known, 1000).await, refused(600));
}

/// Attempts counted by an instance whose clock was ahead do not lock out for longer than the window.
pub async fn attempts_in_the_future_do_not_lock_for_long(subject: &Subject) {
    let key = key("13900000000", "10.0.0.1");
    subject.failures(&key, 5, 72_000).await;
    assert!(subject.attempt(&key, 0).await.is_admitted());
}
