//! Shared helpers of this crate's tests.
#![expect(clippy::expect_used, clippy::unwrap_used, reason = "tests panic on failure")]

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use yilin_domain::account::{
    Account, HomeAddress, Hospital, NewAccount, PasswordHash, PersonName, PhoneNumber, Role,
};
use yilin_domain::inquiry::{InquiryDetail, InquiryDetails, InquiryDraft, Submission, VisitType};
use yilin_domain::port::Random;
use yilin_domain::time::{AppointmentTime, Timestamp};
use yilin_domain::transition::Provenance;
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::contract::{DEADLINES, Subject, ZONE};
use yilin_testkit::fakes::{FakeClock, FakeRandom};

/// Timeouts longer than anything takes, also on a busy machine.
pub(crate) fn options(url: impl Into<String>) -> StorageOptions {
    const PATIENCE: Duration = Duration::from_secs(300);
    StorageOptions::new(url).with_timeouts(PATIENCE)
}

/// An opened and migrated storage.
pub(crate) async fn storage(options: &StorageOptions, random: Arc<dyn Random>) -> Storage {
    let storage = Storage::open(options, random, ZONE).expect("the URL is valid");
    storage.migrate().await.expect("an empty database can be migrated");
    storage
}

/// A random source that never repeats itself.
pub(crate) fn random() -> Arc<dyn Random> {
    Arc::new(FakeRandom::new(7))
}

/// One with a seed.
pub(crate) fn random_of(seed: u64) -> Arc<dyn Random> {
    Arc::new(FakeRandom::new(seed))
}

/// A storage's ports in the form the contract suites take.
pub(crate) fn subject(storage: &Storage, keep_alive: Arc<dyn Any + Send + Sync>) -> Subject {
    Subject {
        accounts: storage.accounts(),
        answers: storage.answers(),
        inquiries: storage.inquiries(),
        visit_lists: storage.visit_lists(),
        people: storage.people(),
        medical_records: storage.medical_records(),
        drug_orders: storage.drug_orders(),
        events: storage.events(),
        webhooks: storage.webhooks(),
        sessions: storage.sessions(),
        login_attempts: storage.login_attempts(),
        statistics: storage.statistics(),
        uploads: storage.uploads(),
        quotas: storage.quotas(),
        pins: storage.pins(),
        audit: storage.audit(),
        verifications: storage.verifications(),
        database: storage.inspector(),
        conversations: storage.conversations(),
        secrets: storage.secrets(),
        imports: storage.imports(),
        keep_alive,
    }
}

/// The time of all events.
pub(crate) const NOW: Timestamp = FakeClock::START;

/// Accounts whose phone numbers have this prefix.
pub(crate) async fn people(storage: &Storage, role: Role, number: usize, prefix: &str) -> Vec<Account> {
    let new = |n: usize| NewAccount {
        username: PersonName::parse(&format!("人{n}")).unwrap(),
        role,
        sex: None,
        age: None,
        phone: Some(PhoneNumber::parse(&format!("{prefix}{n:08}")).unwrap()),
        hospital: Hospital::default(),
        home_address: HomeAddress::default(),
        password: PasswordHash("-".to_owned()),
        must_change_password: false,
        created_at: NOW,
    };
    let inserted = storage.accounts().insert((0..number).map(new).collect(), None).await.unwrap();
    inserted.into_iter().map(Result::unwrap).collect()
}

/// A patient with this phone number, not stored yet.
pub(crate) fn new_person(phone: &str) -> NewAccount {
    NewAccount {
        username: PersonName::parse("人").unwrap(),
        role: Role::Patient,
        sex: None,
        age: None,
        phone: Some(PhoneNumber::parse(phone).unwrap()),
        hospital: Hospital::default(),
        home_address: HomeAddress::parse(&"人民路1号".repeat(40)).unwrap(),
        password: PasswordHash("-".to_owned()),
        must_change_password: false,
        created_at: NOW,
    }
}

/// An appointment at [`NOW`].
pub(crate) fn appointment() -> AppointmentTime {
    AppointmentTime::new(NOW.naive_utc()).unwrap()
}

/// An inquiry of this patient.
pub(crate) async fn inquiry(storage: &Storage, patient: &Account) -> InquiryDetails {
    let draft = InquiryDraft {
        patient: patient.into(),
        visit_type: VisitType::Home,
        appointment_time: appointment(),
        reserved_phone: None,
        detail: InquiryDetail::parse("头痛").unwrap(),
    };
    let submission = Submission::new(draft, &DEADLINES, NOW);
    let provenance = Provenance::new(patient.uuid, NOW);
    storage.inquiries().create(submission, provenance).await.unwrap().into_details().unwrap()
}
