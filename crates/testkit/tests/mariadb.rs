//! The MariaDB server for tests: isolation, crash recovery and clean-up.
#![expect(clippy::expect_used, reason = "the server for tests answers")]

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use yilin_testkit::mariadb::Server;

async fn connect(url: &str) -> Conn {
    Conn::from_url(url).await.expect("the server answers")
}

#[tokio::test]
async fn every_mariadb_database_is_new_and_empty() {
    let server = Server::shared().await;
    let (one, other) = (server.database().await, server.database().await);
    assert_ne!(one, other);
    connect(&one).await.query_drop("CREATE TABLE t (id INT PRIMARY KEY)").await.unwrap();
    let tables: Vec<String> = connect(&other).await.query("SHOW TABLES").await.unwrap();
    assert!(tables.is_empty());
}

#[tokio::test]
async fn committed_changes_survive_a_crash_of_mariadb() {
    let mut server = Server::start().await;
    let url = server.database().await;
    let mut connection = connect(&url).await;
    connection.query_drop("CREATE TABLE t (id INT PRIMARY KEY) ENGINE=InnoDB").await.unwrap();
    connection.query_drop("INSERT INTO t VALUES (7)").await.unwrap();

    server.kill();
    connection.ping().await.expect_err("no server answers");
    Conn::from_url(&url).await.expect_err("no server listens");

    server.restart().await;
    let ids: Vec<i32> = connect(&url).await.query("SELECT id FROM t").await.unwrap();
    assert_eq!(ids, [7]);
}
