//! The fakes keep every port's contract, and fail on demand.

use std::sync::Arc;

use futures_util::FutureExt as _;
use yilin_domain::account::PhoneNumber;
use yilin_domain::port::{PasswordHasher, PortError, Random};
use yilin_testkit::contract::{Subject, ZONE, contract_tests};
use yilin_testkit::fakes::{FakeHasher, Fakes, InMemory};

async fn in_memory(random: Arc<dyn Random>) -> Subject {
    let storage = Arc::new(InMemory::new(random, ZONE));
    Subject {
        accounts: storage.clone(),
        answers: storage.clone(),
        inquiries: storage.clone(),
        visit_lists: storage.clone(),
        people: storage.clone(),
        medical_records: storage.clone(),
        drug_orders: storage.clone(),
        events: storage.clone(),
        webhooks: storage.clone(),
        sessions: storage.clone(),
        login_attempts: storage.clone(),
        statistics: storage.clone(),
        uploads: storage.clone(),
        quotas: storage.clone(),
        pins: storage.clone(),
        audit: storage.clone(),
        verifications: storage.clone(),
        database: storage.clone(),
        conversations: storage.clone(),
        imports: storage.clone(),
        secrets: storage,
        keep_alive: Arc::new(()),
    }
}

contract_tests!(in_memory);

#[tokio::test]
async fn storage_fails_and_hangs_on_demand() {
    let fakes = Fakes::new();
    let ports = fakes.ports();
    let phone = PhoneNumber::parse("13900000000").unwrap();
    let ask = async || ports.accounts.credentials_by_phone(&phone).await.map(|found| found.is_some());
    assert!(matches!(ask().await, Ok(false)));

    fakes.storage.go_down();
    assert!(matches!(ask().await, Err(PortError::Unavailable { .. })));

    fakes.storage.go_down_after(1);
    assert!(matches!(ask().await, Ok(false)));
    assert!(matches!(ask().await, Err(PortError::Unavailable { .. })));

    fakes.storage.fall_silent();
    let mut hanging = Box::pin(ask());
    assert!(hanging.as_mut().now_or_never().is_none());
    fakes.storage.recover();
    assert!(matches!(ask().await, Ok(false)));
    assert!(hanging.as_mut().now_or_never().is_none(), "it is not called back");
    assert_eq!(fakes.storage.hanging(), 1);
    drop(hanging);
    assert_eq!(fakes.storage.hanging(), 0);
}

#[tokio::test]
async fn the_hasher_verifies_passwords_and_can_be_overloaded() {
    let hasher = FakeHasher::new();
    let mut turn = hasher.turn().await.unwrap();
    let hash = turn.hash("s3cret").await.unwrap();
    assert_eq!(hash, FakeHasher::hash_of("s3cret"));
    assert!(turn.verify("s3cret", Some(&hash)).await.unwrap());
    assert!(!turn.verify("S3cret", Some(&hash)).await.unwrap());
    assert!(!turn.verify("s3cret", None).await.unwrap());
    assert_eq!(hasher.work_done(), 4);
    hasher.set_overloaded(true);
    assert!(matches!(hasher.turn().await, Err(PortError::Overloaded { .. })));
}
