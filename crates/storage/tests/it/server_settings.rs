//! MariaDB servers with unsuitable settings.

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use yilin_domain::account::Role;
use yilin_domain::audit::{ChainId, ChainOpening};
use yilin_domain::port::PortError;
use yilin_storage::{ServerFault, Severity, Storage};
use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;

use crate::support::{self, NOW, inquiry, people};

/// A storage over this database, whatever its server's settings.
async fn storage(url: &str) -> Storage {
    support::storage(&support::options(url), support::random()).await
}

/// Every session setting that the code relies on differs on this server: acknowledged changes are visible to
/// all, and values are stored unchanged.
#[tokio::test(flavor = "multi_thread")]
async fn mariadb_with_other_settings_keeps_acknowledged_changes() {
    let server = Server::start_with(&[
        "--autocommit=0",
        "--completion-type=CHAIN",
        "--transaction-isolation=SERIALIZABLE",
        "--sql-mode=ANSI_QUOTES",
        "--default-time-zone=+08:00",
        "--character-set-server=latin1",
        "--skip-character-set-client-handshake",
        "--innodb-lock-wait-timeout=100",
        "--wait-timeout=2",
        "--sql-safe-updates=1",
        "--lc-messages=de_DE",
    ])
    .await;
    let url = server.database().await;
    server.connect().await.query_drop("SET GLOBAL tx_read_only = 1").await.unwrap();
    let storage = storage(&url).await;
    let faults = storage.examine_server().await.unwrap();
    assert!(faults.iter().all(|fault| fault.severity() != Severity::Fatal), "{faults:?}");
    assert!(faults.contains(&ServerFault::CharacterSet { found: "latin1".to_owned() }), "{faults:?}");

    let patient = people(&storage, Role::Patient, 1, "139").await.remove(0);
    let created = inquiry(&storage, &patient).await;
    let opening =
        ChainOpening { id: ChainId::from_bytes([1; 16]), instance: "测试".to_owned(), opened_at: NOW };
    // A single statement outside a transaction.
    storage.audit().open_chain(&opening).await.unwrap();
    storage.maintain(NOW).await.unwrap();
    // Longer than the server's own limit for idle connections.
    tokio::time::sleep(std::time::Duration::from_secs(4)).await;
    assert_eq!(storage.accounts().find(patient.uuid).await.unwrap().as_ref(), Some(&patient));

    // Another process only sees what was committed.
    let other = self::storage(&url).await;
    assert_eq!(other.accounts().find(patient.uuid).await.unwrap(), Some(patient));
    let found = other.inquiries().find(created.inquiry.id).await.unwrap().unwrap();
    assert_eq!(found.inquiry, created.inquiry);
    assert_eq!(other.audit().chains().await.unwrap(), [opening]);
    let mut connection = server.connect().await;
    connection.query_drop(format!("USE {}", url.rsplit('/').next().unwrap())).await.unwrap();
    let name: Option<Vec<u8>> =
        connection.query_first("SELECT CAST(username AS BINARY) FROM account").await.unwrap();
    assert_eq!(name.unwrap(), "人0".as_bytes());
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_is_reached_through_the_socket_file_of_the_url() {
    let server = Server::start().await;
    let url = server.database().await;
    let storage = storage(&server.over_socket(&url).unwrap()).await;
    people(&storage, Role::Patient, 1, "139").await;
    let name = url.rsplit('/').next().unwrap();
    let hosts = format!("SELECT DISTINCT HOST FROM information_schema.processlist WHERE DB = '{name}'");
    let hosts: Vec<String> = server.connect().await.query(hosts).await.unwrap();
    assert_eq!(hosts, ["localhost"], "over TCP there is a port");
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_unsuitable_settings_are_reported() {
    let server = Server::start_with(&[
        "--max-allowed-packet=1M",
        "--innodb-flush-log-at-trx-commit=0",
        "--skip-innodb-doublewrite",
        "--log-bin=binary",
        "--binlog-format=STATEMENT",
        "--read-only=1",
    ])
    .await;
    let url = server.database().await;
    let storage =
        Storage::open(&support::options(url), support::random(), yilin_testkit::contract::ZONE).unwrap();
    let faults = storage.examine_server().await.unwrap();
    for part in [
        "max_allowed_packet is 1048576; it must be at least 16777216",
        "innodb_flush_log_at_trx_commit is 0",
        "innodb_doublewrite is OFF",
        "binlog_format is STATEMENT",
        "read_only is ON",
    ] {
        assert!(faults.iter().any(|fault| fault.to_string().contains(part)), "{part:?} is not in {faults:?}");
    }
    assert_eq!(faults.iter().filter(|fault| fault.severity() == Severity::Fatal).count(), 2, "{faults:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_mariadb_is_unavailable_until_writable() {
    let server = Server::start().await;
    let url = server.ordinary_account(&server.database().await).await;
    let storage = storage(&url).await;
    let patient = people(&storage, Role::Patient, 1, "139").await.remove(0);
    storage.ready().await.unwrap();
    let mut administrator = server.connect().await;
    administrator.query_drop("SET GLOBAL read_only = 1").await.unwrap();
    let refused = storage.ready().await;
    assert!(is_unavailable(&refused, "read-only"), "before any change was attempted: {refused:?}");
    let refused = storage.accounts().insert(vec![support::new_person("13800000000")], None).await.map(drop);
    assert!(is_unavailable(&refused, "read-only"), "{refused:?}");
    assert_eq!(storage.accounts().find(patient.uuid).await.unwrap(), Some(patient), "reads still work");
    administrator.query_drop("SET GLOBAL read_only = 0").await.unwrap();
    eventually("ready again", async || storage.ready().await.is_ok()).await;
    people(&storage, Role::Patient, 1, "138").await;
}

/// Raises the server's own error for a full disk.
#[tokio::test(flavor = "multi_thread")]
async fn full_mariadb_is_unavailable_until_it_has_space() {
    let server = Server::shared().await;
    let url = server.database().await;
    let storage = storage(&url).await;
    let mut administrator = Conn::from_url(&url).await.unwrap();
    for table in ["account", "write_probe"] {
        let full = format!(
            "CREATE TRIGGER full_{table} BEFORE INSERT ON {table} FOR EACH ROW \
             SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1114, MESSAGE_TEXT = 'The table ''{table}'' is full'"
        );
        administrator.query_drop(full).await.unwrap();
    }
    storage.ready().await.unwrap();
    let refused = storage.accounts().insert(vec![support::new_person("13800000000")], None).await.map(drop);
    assert!(is_unavailable(&refused, "is full"), "{refused:?}");
    let ready = storage.ready().await;
    assert!(is_unavailable(&ready, "is full"), "{ready:?}");
    for table in ["account", "write_probe"] {
        administrator.query_drop(format!("DROP TRIGGER full_{table}")).await.unwrap();
    }
    eventually("ready again", async || storage.ready().await.is_ok()).await;
    people(&storage, Role::Patient, 1, "139").await;
}

/// Raises the server's own errors for memory that is short, which it is for a moment.
#[tokio::test(flavor = "multi_thread")]
async fn mariadb_short_of_memory_is_unavailable() {
    let server = Server::shared().await;
    let url = server.database().await;
    let storage = storage(&url).await;
    let mut administrator = Conn::from_url(&url).await.unwrap();
    for (number, text) in [
        (1038, "Out of sort memory, consider increasing server sort buffer size"),
        (1461, "Can''t create more than max_prepared_stmt_count statements (current value: 16382)"),
    ] {
        let short = format!(
            "CREATE OR REPLACE TRIGGER short BEFORE INSERT ON account FOR EACH ROW \
             SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = {number}, MESSAGE_TEXT = '{text}'"
        );
        administrator.query_drop(short).await.unwrap();
        let person = vec![support::new_person("13800000000")];
        let refused = storage.accounts().insert(person, None).await.map(drop);
        assert!(
            matches!(refused, Err(PortError::Unavailable { .. } | PortError::Overloaded { .. })),
            "{number}: {refused:?}"
        );
    }
}

fn is_unavailable(outcome: &Result<(), PortError>, cause: &str) -> bool {
    use std::error::Error as _;
    match outcome {
        Err(error @ PortError::Unavailable { .. }) => {
            error.source().is_some_and(|source| source.to_string().contains(cause))
        }
        _ => false,
    }
}
