//! The fakes keep every port's contract.

use std::sync::Arc;

use yilin_domain::port::Random;
use yilin_testkit::contract::{Subject, ZONE};
use yilin_testkit::fakes::InMemory;

async fn in_memory(random: Arc<dyn Random>) -> Subject {
    let storage = Arc::new(InMemory::new(random, ZONE));
    Subject {
        accounts: storage.clone(),
        inquiries: storage.clone(),
        medical_records: storage.clone(),
        drug_orders: storage.clone(),
        sessions: storage.clone(),
        login_attempts: storage.clone(),
        statistics: storage.clone(),
        uploads: storage.clone(),
        secrets: storage,
        keep_alive: Arc::new(()),
    }
}

yilin_testkit::contract_tests!(in_memory);
