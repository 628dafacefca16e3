//! Copies of whole databases, on servers that limit how long things may take.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use yilin_storage::{Cell, Loader, Snapshot, Steps, TransferError};
use yilin_testkit::mariadb::Server;

use crate::support;

/// More bytes than the server can send before they are read.
const ROWS: u64 = 64;
const ROW_BYTES: usize = 1_000_000;

/// Longer than every limit of the server.
const PAUSE: Duration = Duration::from_secs(3);

/// A database of ours with a table of this content besides.
async fn database(server: &Server, rows: u64) -> (String, Conn) {
    let url = server.database().await;
    drop(support::storage(&support::options(&url), support::random()).await);
    let mut connection = Conn::from_url(&url).await.unwrap();
    for statement in [
        "SET SESSION max_statement_time = 0, sql_big_selects = 1".to_owned(),
        "CREATE TABLE large (id BIGINT PRIMARY KEY, content MEDIUMTEXT)".to_owned(),
        format!(
            "INSERT INTO large SELECT seq, REPEAT('x', {ROW_BYTES}) FROM seq_1_to_64 WHERE seq <= {rows}"
        ),
    ] {
        connection.query_drop(statement).await.unwrap();
    }
    (url, connection)
}

/// The limits that an administrator may set for everybody, so that no statement or idle transaction blocks others.
#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_with_small_limits_is_copied_completely() {
    let server = Server::start_with(&[
        "--max-statement-time=1",
        "--max-join-size=10",
        "--idle-transaction-timeout=1",
        "--idle-readonly-transaction-timeout=1",
        "--idle-write-transaction-timeout=1",
        "--net-write-timeout=1",
        "--wait-timeout=1",
    ])
    .await;
    let ((from, _), (to, mut target)) = (database(&server, ROWS).await, database(&server, 0).await);
    let slow =
        "CREATE TRIGGER slow BEFORE INSERT ON large FOR EACH ROW SET @slept = IF(NEW.id = 1, SLEEP(3), 0)";
    target.query_drop(slow).await.unwrap();
    let urls = (from, to.clone());
    tokio::task::spawn_blocking(move || copy(&urls.0, &urls.1)).await.unwrap().unwrap();
    let mut target = Conn::from_url(&to).await.unwrap();
    target.query_drop("SET SESSION max_statement_time = 0, sql_big_selects = 1").await.unwrap();
    let found: Option<(u64, u64)> = target
        .query_first("SELECT COUNT(*), CAST(SUM(LENGTH(content)) AS UNSIGNED) FROM large")
        .await
        .unwrap();
    assert_eq!(found, Some((ROWS, ROWS * ROW_BYTES as u64)));
}

/// Copies all tables, with a pause in the largest: the server waits for a reader, and in a transaction.
fn copy(from: &str, to: &str) -> Result<(), TransferError> {
    let mut source = Snapshot::open(from)?;
    let mut loader = Loader::open(to, Steps::Many)?;
    let theirs = source.tables()?;
    let ours = loader.start(&theirs)?;
    for (theirs, ours) in theirs.iter().zip(&ours) {
        source.read(theirs, |row| {
            if matches!(row.last(), Some(Cell::Text(text)) if text.len() == ROW_BYTES)
                && row.first() == Some(&Cell::Integer(2))
            {
                std::thread::park_timeout(PAUSE);
            }
            loader.add(ours, ours.adopt(theirs, row)?)
        })?;
        loader.flush(ours)?;
    }
    loader.commit_all()?;
    loader.finish()
}
