//! Contract of [`AnswerRepository`](yilin_domain::port::AnswerRepository), and of the ports that take a
//! [`Receipt`](yilin_domain::idempotency::Receipt).

use chrono::TimeDelta;
use yilin_domain::account::{Account, AccountUuid, Role};
use yilin_domain::idempotency::{Claim, IdempotencyKey, KeyUsed, Receipt, StoredAnswer};
use yilin_domain::inquiry::{InquiryDetails, InquiryFilter, InquiryParty, Submitted};
use yilin_domain::port::{AccountTaken, CreateRefused};

use super::Subject;
use super::arrange::{EVERYTHING, at, by, draft, everyone, person, submission};
use super::race::race;

fn claim(caller: AccountUuid, key: &str, content: &str) -> Claim {
    let key = IdempotencyKey::parse(key).expect("a key");
    Claim::new(caller, "createInquiryRecord", &key, content.as_bytes())
}

fn of_inquiry(claim: Claim) -> Receipt<InquiryDetails> {
    Receipt::new(claim, |details: &InquiryDetails| format!("问诊 {}", details.inquiry.id))
}

fn of_account(claim: Claim) -> Receipt<Account> {
    Receipt::new(claim, |account: &Account| format!("账户 {}", account.uuid))
}

impl Subject {
    /// Asks for a visit of this patient's with a key.
    async fn ask_once(&self, patient: &Account, claim: Claim) -> Submitted {
        let submission = submission(draft(patient), at(0)).repeatable().with_receipt(of_inquiry(claim));
        self.inquiries.create(submission, by(patient, 0)).await.unwrap()
    }

    /// As [`Self::ask_once`], for the first time.
    async fn ask_first(&self, patient: &Account, claim: Claim) -> InquiryDetails {
        match self.ask_once(patient, claim).await {
            Submitted::New(details) => details,
            other => panic!("the key is new: {other:?}"),
        }
    }

    async fn number_of_inquiries(&self) -> u64 {
        let filter = InquiryFilter::all_of(InquiryParty::Anyone);
        self.inquiries.page(&filter, EVERYTHING).await.unwrap().total
    }
}

/// Equal requests with different keys are separate ones; an equal one without a key repeats the newest.
pub async fn an_equal_request_with_another_key_is_separate(subject: &Subject) {
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    let mut newest = subject.ask_first(&patient, claim(patient.uuid, "first", "content")).await;
    for key in ["second", "third"] {
        newest = subject.ask_first(&patient, claim(patient.uuid, key, "content")).await;
        let without = submission(draft(&patient), at(9)).repeatable();
        let repeated = subject.inquiries.create(without, by(&patient, 9)).await.unwrap();
        assert_eq!(repeated, Submitted::Repeated(newest.clone()), "{key}");
    }
    assert_eq!(subject.number_of_inquiries().await, 3);
    assert_eq!(subject.inquiries.history(newest.inquiry.id).await.unwrap().len(), 1);
}

/// The answer is stored with the inquiry, and the same request again stores nothing.
pub async fn an_answer_is_stored_with_the_inquiry(subject: &Subject) {
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    let claim = claim(patient.uuid, "a key", "content");
    assert_eq!(subject.answers.find(&claim).await.unwrap(), None);
    let created = subject.ask_first(&patient, claim).await;
    let stored = StoredAnswer { content: claim.content, answer: of_inquiry(claim).answer(&created) };
    assert_eq!(subject.answers.find(&claim).await.unwrap(), Some(stored.clone()));
    assert_eq!(subject.ask_once(&patient, claim).await, Submitted::KeyUsed);
    assert_eq!(subject.answers.find(&claim).await.unwrap(), Some(stored));
    assert_eq!(subject.number_of_inquiries().await, 1);
}

/// Another content under the key stores nothing either, and the first content is found.
pub async fn a_key_belongs_to_the_first_content(subject: &Subject) {
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    let (first, other) = (claim(patient.uuid, "a key", "content"), claim(patient.uuid, "a key", "another"));
    subject.ask_first(&patient, first).await;
    assert_eq!(subject.ask_once(&patient, other).await, Submitted::KeyUsed);
    let found = subject.answers.find(&other).await.unwrap().expect("the key was used");
    assert_eq!(found.content, first.content);
    assert_eq!(subject.number_of_inquiries().await, 1);
}

/// Callers, routes and keys are independent of each other.
pub async fn others_have_keys_of_their_own(subject: &Subject) {
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    let neighbour = subject.insert_person(Role::Patient, "刘芳").await;
    let first = claim(patient.uuid, "a key", "content");
    let claims = [
        first,
        claim(neighbour.uuid, "a key", "content"),
        claim(patient.uuid, "A key", "content"),
        claim(patient.uuid, "a key ", "content"),
        Claim { route: "createAccount", ..first },
    ];
    for claim in claims {
        subject.ask_first(&patient, claim).await;
    }
    assert_eq!(subject.number_of_inquiries().await, 5);
}

/// A request that creates nothing leaves no answer, and its key is free.
pub async fn a_failed_request_leaves_no_answer(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    let taken = subject.insert_person(Role::Patient, "王秀英").await;
    let claim = claim(admin.uuid, "a key", "content");
    let mut new = person(Role::Patient, "刘芳");
    new.phone.clone_from(&taken.phone);
    let refused = subject.accounts.create(new, by(&admin, 0), Some(of_account(claim))).await.unwrap();
    assert_eq!(refused, Err(CreateRefused::Taken(AccountTaken::Phone)));
    assert_eq!(subject.answers.find(&claim).await.unwrap(), None);
    let created =
        subject.accounts.create(person(Role::Patient, "刘芳"), by(&admin, 0), Some(of_account(claim)));
    let created = created.await.unwrap().expect("the key is free");
    let found = subject.answers.find(&claim).await.unwrap().expect("it was answered");
    assert_eq!(found.answer, format!("账户 {}", created.uuid));
}

/// The same request again is not refused because of what the first has taken.
pub async fn a_used_key_counts_before_what_is_taken(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    let claim = claim(admin.uuid, "a key", "content");
    let new = person(Role::Patient, "刘芳");
    let create = || subject.accounts.create(new.clone(), by(&admin, 0), Some(of_account(claim)));
    create().await.unwrap().expect("nothing is taken");
    assert_eq!(create().await.unwrap(), Err(CreateRefused::KeyUsed(KeyUsed)));
}

/// Of the same requests at the same moment, one creates something.
pub async fn of_racing_requests_one_creates(subject: &Subject) {
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    let claim = claim(patient.uuid, "a key", "content");
    let answers = race(12, |_| {
        let (subject, patient) = (subject.clone(), patient.clone());
        async move { subject.ask_once(&patient, claim).await }
    })
    .await;
    let new = answers.iter().filter_map(|answer| match answer {
        Submitted::New(details) => Some(details),
        Submitted::Repeated(_) | Submitted::KeyUsed => None,
    });
    let created: Vec<_> = new.collect();
    assert_eq!(created.len(), 1, "{answers:?}");
    let found = subject.answers.find(&claim).await.unwrap().expect("it was answered");
    assert_eq!(found.answer, of_inquiry(claim).answer(created[0]));
    assert_eq!(subject.number_of_inquiries().await, 1);
}

/// After its lifetime an answer does not count any more, and its key is free.
pub async fn an_answer_does_not_count_for_ever(subject: &Subject) {
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    let lasting = claim(patient.uuid, "a key", "content");
    let over = Claim { lifetime: TimeDelta::zero(), ..lasting };
    subject.ask_first(&patient, lasting).await;
    assert_eq!(subject.answers.find(&over).await.unwrap(), None);
    let again = subject.ask_first(&patient, over).await;
    let found = subject.answers.find(&lasting).await.unwrap().expect("it was answered");
    assert_eq!(found.answer, of_inquiry(lasting).answer(&again));
}

/// Old answers are forgotten, and no others.
pub async fn old_answers_are_forgotten(subject: &Subject) {
    let patient = subject.insert_person(Role::Patient, "王秀英").await;
    let claim = claim(patient.uuid, "a key", "content");
    subject.ask_first(&patient, claim).await;
    assert_eq!(subject.answers.forget_answers(TimeDelta::hours(24)).await.unwrap(), 0);
    assert!(subject.answers.find(&claim).await.unwrap().is_some());
    assert_eq!(subject.answers.forget_answers(TimeDelta::seconds(-2)).await.unwrap(), 1);
    assert_eq!(subject.answers.find(&claim).await.unwrap(), None);
}

/// A single account is stored as one of many is.
pub async fn a_single_account_is_created(subject: &Subject) {
    let admin = subject.insert_person(Role::Admin, "admin").await;
    for role in [Role::Patient, Role::Physician, Role::Admin] {
        let before = subject.accounts.page(&everyone(role), EVERYTHING).await.unwrap().total;
        let given = person(role, "欧阳 O'Neil");
        let created = subject.accounts.create(given.clone(), by(&admin, 0), None).await.unwrap();
        let created = created.expect("nothing is taken");
        assert_eq!((&created.username, created.role, created.age), (&given.username, role, given.age));
        assert_eq!(subject.accounts.find(created.uuid).await.unwrap(), Some(created));
        assert_eq!(subject.accounts.page(&everyone(role), EVERYTHING).await.unwrap().total, before + 1);
        let again = subject.accounts.create(given, by(&admin, 0), None).await.unwrap();
        let taken = if role == Role::Admin { AccountTaken::AdminName } else { AccountTaken::Phone };
        assert_eq!(again, Err(CreateRefused::Taken(taken)));
    }
}
