//! The audit log of a process that is killed.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use serde_json::{Value, json};
use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;

use crate::instance::{Instance, output, yilin};

/// The heads that `yilin audit verify` prints, and whether it finds everything in order.
fn verify(folder: &Path, settings: &[(&str, &str)], heads: &[String]) -> (bool, Vec<String>, String) {
    let mut command = yilin(folder, settings);
    command.args(["audit", "verify"]);
    for head in heads {
        command.args(["--head", head]);
    }
    let output = output(command);
    let heads = String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect();
    (output.status.success(), heads, String::from_utf8(output.stderr).unwrap())
}

/// A crowd changes accounts; gives the requests that were answered 200 before the process was
/// killed.
async fn crowd_until_killed(instance: Instance) -> HashSet<String> {
    const CROWD: usize = 12;
    const ENOUGH: usize = 150;
    let token = instance.log_in("admin").await;
    let made = instance.payload(&format!("/api/mock/generatePatientAccount?number={CROWD}"), &token).await;
    let (answered, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let address = instance.address().to_owned();
    let tasks: Vec<_> = made["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| {
            let (token, url) = (token.clone(), format!("http://{address}/api/user/updatePatientInformation"));
            let (uuid, answered, stop) = (account["uuid"].clone(), answered.clone(), stop.clone());
            tokio::spawn(async move {
                let client = reqwest::Client::new();
                let mut acknowledged = Vec::new();
                for n in 0.. {
                    let body = json!({"uuid": uuid, "nickname": n.to_string()});
                    let request = client.put(&url).header("authorization", &token).json(&body);
                    let Ok(response) = request.send().await else { break };
                    let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
                    let Ok(answer) = response.json::<Value>().await else { break };
                    match answer["code"].as_u64() {
                        Some(200) => {
                            acknowledged.push(id);
                            answered.fetch_add(1, Ordering::SeqCst);
                        }
                        // On a busy machine.
                        Some(503) => {}
                        _ => panic!("{answer}"),
                    }
                    if stop.load(Ordering::SeqCst) {
                        break;
                    }
                }
                acknowledged
            })
        })
        .collect();
    eventually("enough is done", async || {
        assert!(tasks.iter().all(|task| !task.is_finished()), "a task found a mistake");
        answered.load(Ordering::SeqCst) >= ENOUGH
    })
    .await;
    // In the middle of what they are doing.
    tokio::task::spawn_blocking(move || instance.kill()).await.unwrap();
    stop.store(true, Ordering::SeqCst);
    let mut acknowledged = HashSet::new();
    for task in tasks {
        acknowledged.extend(task.await.unwrap());
    }
    assert!(acknowledged.len() >= ENOUGH);
    acknowledged
}

async fn survives_being_killed(settings: &[(&str, &str)]) {
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = HashSet::new();
    for _ in 0..2 {
        acknowledged.extend(crowd_until_killed(Instance::start(folder.path(), settings)).await);
    }
    let (whole, heads, told) = verify(folder.path(), settings, &[]);
    assert!(whole && heads.len() == 2, "{told}");

    let instance = Instance::start(folder.path(), settings);
    let admin = instance.log_in("admin").await;
    let log = instance.payload("/api/audit?operation=updatePatientInformation&outcome=200", &admin).await;
    let recorded: HashSet<&str> =
        log["list"].as_array().unwrap().iter().map(|entry| entry["request_id"].as_str().unwrap()).collect();
    let missing = acknowledged.iter().filter(|id| !recorded.contains(id.as_str())).count();
    assert_eq!(missing, 0, "of {} acknowledged changes", acknowledged.len());
    assert!(instance.stop().success());

    // The heads that were kept still fit; the last run has one of its own.
    let (whole, later, told) = verify(folder.path(), settings, &heads);
    assert!(whole && later.len() == 3 && heads.iter().all(|head| later.contains(head)), "{told}");
    let (chain, rest) = heads[0].split_once(':').unwrap();
    let (sequence, hash) = rest.split_once(':').unwrap();
    let longer = format!("{chain}:{}:{hash}", sequence.parse::<u64>().unwrap() + 1);
    let (whole, _, told) = verify(folder.path(), settings, &[longer]);
    assert!(!whole && told.contains(chain) && told.contains("ends before"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_change_is_in_the_log_of_a_killed_process_on_sqlite() {
    survives_being_killed(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_change_is_in_the_log_of_a_killed_process_on_mariadb() {
    let url = Server::shared().await.database().await;
    survives_being_killed(&[("YILIN_DATABASE_URL", &url)]).await;
}

#[tokio::test]
async fn what_was_read_before_a_stop_is_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let admin = instance.log_in("admin").await;
    for _ in 0..20 {
        instance.payload("/api/user/queryUserMessage", &admin).await;
    }
    assert!(instance.stop().success());
    let instance = Instance::start(folder.path(), &[]);
    let log = instance.payload("/api/audit?operation=queryUserMessage&page=1", &admin).await;
    assert_eq!(log["total"], 20);
}

/// Whoever empties the index hides what was done, and nothing is lost by it.
#[tokio::test(flavor = "multi_thread")]
async fn an_index_in_mariadb_that_was_tampered_with_is_noticed_and_made_anew() {
    let url = Server::shared().await.database().await;
    let (folder, settings) = (tempfile::tempdir().unwrap(), [("YILIN_DATABASE_URL", &*url)]);
    let instance = Instance::start(folder.path(), &settings);
    let admin = instance.log_in("admin").await;
    instance.payload("/api/user/queryUserMessage", &admin).await;
    assert!(instance.stop().success());
    // The next run makes searchable what this one has left.
    let instance = Instance::start(folder.path(), &settings);
    let mut conn = Conn::from_url(&url).await.unwrap();
    let mut segments = async || {
        conn.query_first::<u64, _>("SELECT COUNT(*) FROM audit_segment").await.unwrap().unwrap_or_default()
    };
    eventually("an index", async || segments().await == 1).await;
    let (whole, heads, told) = verify(folder.path(), &settings, &[]);
    assert!(whole, "{told}");

    conn.query_drop("DELETE FROM audit_posting").await.unwrap();
    let read = "/api/audit?operation=queryUserMessage&page=1";
    assert_eq!(instance.payload(read, &admin).await["total"], 0);
    let (whole, _, told) = verify(folder.path(), &settings, &heads);
    assert!(!whole && told.contains("yilin audit reindex"), "{told}");

    let mut reindex = yilin(folder.path(), &settings);
    reindex.args(["audit", "reindex"]);
    let told = String::from_utf8(output(reindex).stderr).unwrap();
    assert!(told.contains("2 of 2 chains are indexed"), "{told}");
    assert_eq!(instance.payload(read, &admin).await["total"], 1);
    let (whole, _, told) = verify(folder.path(), &settings, &heads);
    assert!(whole, "{told}");
}
