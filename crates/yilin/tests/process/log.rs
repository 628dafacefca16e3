//! Contents and volume of the log.

use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use futures_util::future::join_all;
use mysql_async::prelude::Queryable as _;
use serde_json::Value;
use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;

use crate::instance::{Instance, output, yilin};

/// The JSON log lines with this message.
fn logged(log: &Path, message: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(log).unwrap();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter(|line| line["message"] == message).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_mariadb_does_not_flood_the_log() {
    let (folder, mut server) = (tempfile::tempdir().unwrap(), Server::start().await);
    let url = server.database().await;
    let log = folder.path().join("log");
    let mut command = yilin(folder.path(), &[("YILIN_DATABASE_URL", &url), ("YILIN_LOG_FORMAT", "json")]);
    command.stderr(std::fs::File::create(&log).unwrap());
    let instance = Instance::of(command);
    let token = instance.log_in("admin").await;
    server.kill();
    let since = Instant::now();
    let mut refused = 0;
    eventually("many requests fail without a database", async || {
        let answers = join_all((0..300).map(|_| async {
            let answer = instance.get("/api/user/queryUserMessage", &token).await;
            answer.text().await.unwrap().contains("service.database_unavailable")
        }));
        refused += answers.await.into_iter().filter(|refused| *refused).count();
        refused > 100
    })
    .await;
    eventually("each is logged or counted", async || {
        instance.get("/healthz", "").await;
        let more = logged(&log, "more requests failed; their log lines were omitted");
        let left_out: u64 = more.iter().map(|line| line["lines"].as_u64().unwrap()).sum();
        logged(&log, "request failed").len() + usize::try_from(left_out).unwrap() == refused
    })
    .await;
    let (lines, seconds) = (logged(&log, "request failed").len(), since.elapsed().as_secs() + 1);
    assert!(lines <= 5 * usize::try_from(seconds).unwrap(), "{lines} lines in {seconds} seconds");
}

/// The server sets the clock of each connection of an ordinary account, which is what the service sees of its clock.
#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_differ_are_logged_and_shown() {
    let (folder, server) = (tempfile::tempdir().unwrap(), Server::start().await);
    let url = server.ordinary_account(&server.database().await).await;
    let ahead = "SET GLOBAL init_connect = 'SET timestamp = UNIX_TIMESTAMP() + 86400'";
    server.connect().await.query_drop(ahead).await.unwrap();
    let log = folder.path().join("log");
    let mut command = yilin(folder.path(), &[("YILIN_DATABASE_URL", &url), ("YILIN_LOG_FORMAT", "json")]);
    command.stderr(std::fs::File::create(&log).unwrap());
    let instance = Instance::of(command);
    let told = "the clocks of the database and this machine differ; one of them may be wrong";
    eventually("it is logged", async || !logged(&log, told).is_empty()).await;
    let ready = instance.payload("/readyz", "").await;
    assert_eq!(ready["warnings"], serde_json::json!(["clock.offset"]), "{ready}");
    let mut doctor = yilin(folder.path(), &[("YILIN_DATABASE_URL", &url)]);
    doctor.arg("doctor");
    let told = String::from_utf8(output(doctor).stdout).unwrap();
    assert!(told.contains("the database's clock differs by"), "{told}");
}

/// The file of the log may be on a full disk, and the program that reads it may have ended.
#[tokio::test]
async fn the_service_goes_on_when_its_log_cannot_be_written() {
    let (reader, nobody_reads) = std::io::pipe().unwrap();
    drop(reader);
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    for log in [Stdio::from(full), Stdio::from(nobody_reads)] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = yilin(folder.path(), &[("YILIN_LOG", "debug")]);
        command.stderr(log);
        let instance = Instance::of(command);
        let token = instance.log_in("admin").await;
        assert_eq!(instance.get("/api/inquiry/queryAllInquiryRecord", &token).await.status(), 200);
        assert!(instance.stop().success());
    }
}
