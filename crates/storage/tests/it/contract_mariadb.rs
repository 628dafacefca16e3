//! MariaDB keeps every port's contract.

use std::sync::Arc;

use yilin_domain::port::Random;
use yilin_storage::StorageOptions;
use yilin_testkit::contract::{Subject, contract_tests};
use yilin_testkit::mariadb::Server;

use crate::support;

async fn mariadb(random: Arc<dyn Random>) -> Subject {
    let url = Server::shared().await.database().await;
    let storage = support::storage(&StorageOptions { connections: 8, ..support::options(url) }, random).await;
    support::subject(&storage, Arc::new(()))
}

contract_tests!(mariadb);
