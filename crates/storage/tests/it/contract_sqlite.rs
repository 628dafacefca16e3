//! SQLite keeps every port's contract.

use std::sync::Arc;

use yilin_domain::port::Random;
use yilin_testkit::contract::{Subject, contract_tests};
use yilin_testkit::sqlite::TempDatabase;

use crate::support;

async fn sqlite(random: Arc<dyn Random>) -> Subject {
    let place = TempDatabase::new();
    let storage = support::storage(&support::options(place.url()), random).await;
    support::subject(&storage, Arc::new(place))
}

contract_tests!(sqlite);
