//! The audit log of a killed process.

use std::collections::HashSet;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::DateTime;
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;
use serde_json::{Value, json};
use yilin_domain::account::AccountUuid;
use yilin_domain::audit::{AuditAction, AuditEvent, ChainHead, ChainId, ChainOpening, Tail};
use yilin_domain::port::Appended;
use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;

use crate::instance::{Instance, database, failure, output, yilin};

/// The heads printed by `yilin audit verify`, whether it succeeded, and its messages.
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

/// Changes accounts concurrently; returns the ids of requests answered 200 before the process was killed.
async fn crowd_until_killed(instance: Instance) -> HashSet<String> {
    const CROWD: usize = 12;
    const ENOUGH: usize = 150;
    let token = instance.log_in("admin").await;
    let made = instance.payload(&format!("/api/mock/generatePatientAccount?number={CROWD}"), &token).await;
    // The entry of a read reaches the chain even if the process lives for less than a second.
    instance.payload("/api/user/queryUserMessage", &token).await;
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
    // While the tasks are running.
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
    eventually("the entries of both killed processes are linked", async || {
        let log = instance.payload("/api/audit?operation=updatePatientInformation&outcome=200", &admin).await;
        let entries = log["list"].as_array().unwrap();
        let recorded: HashSet<&str> =
            entries.iter().map(|entry| entry["request_id"].as_str().unwrap()).collect();
        assert_eq!(recorded.len(), entries.len(), "each once");
        acknowledged.iter().all(|id| recorded.contains(id.as_str()))
    })
    .await;
    assert!(instance.stop().success());

    // The recorded heads still match; the last run has its own.
    let (whole, later, told) = verify(folder.path(), settings, &heads);
    assert!(whole && later.len() == 3 && heads.iter().all(|head| later.contains(head)), "{told}");
    let (chain, rest) = heads[0].split_once(':').unwrap();
    let (sequence, hash) = rest.split_once(':').unwrap();
    let longer = format!("{chain}:{}:{hash}", sequence.parse::<u64>().unwrap() + 1);
    let (whole, _, told) = verify(folder.path(), settings, &[longer]);
    assert!(!whole && told.contains(chain) && told.contains("ends before"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_changes_are_in_the_log_of_a_killed_process_on_sqlite() {
    survives_being_killed(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_changes_are_in_the_log_of_a_killed_process_on_mariadb() {
    let url = Server::shared().await.database().await;
    survives_being_killed(&[("YILIN_DATABASE_URL", &url)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verifying_reports_entries_that_no_instance_links() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Instance::start(folder.path(), &[]).stop().success());
    let url = format!("sqlite:{}", folder.path().join("data/yilin.db").display());
    let storage = database(&url);
    let left = AuditEvent {
        recorded: DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
        agent: None,
        session: None,
        source: String::new(),
        request: "left behind".to_owned(),
        operation: "login".to_owned(),
        action: AuditAction::Execute,
        entity: None,
        patient: None,
        outcome: 200,
        query: String::new(),
        results: None,
    };
    storage.audit().leave(ChainId::from_bytes([3; 16]), &left).await.unwrap();
    let (whole, _, told) = verify(folder.path(), &[], &[]);
    assert!(!whole && told.contains("1 "), "{told}");
    let instance = Instance::start(folder.path(), &[]);
    eventually("the next start links it", async || verify(folder.path(), &[], &[]).0).await;
    let admin = instance.log_in("admin").await;
    let log = instance.payload("/api/audit?operation=login&page=1", &admin).await;
    assert_eq!((&log["total"], &log["list"][0]["request_id"]), (&json!(1), &json!("left behind")));
}

#[tokio::test]
async fn commands_record_their_changes() {
    let folder = tempfile::tempdir().unwrap();
    let roster = "姓名,电话,角色\n王芳,13800000001,患者\n李娜,13800000002,患者\n";
    std::fs::write(folder.path().join("roster.csv"), roster).unwrap();
    assert!(Instance::start(folder.path(), &[]).stop().success());
    for (arguments, settings) in [
        (vec!["import", "roster.csv"], vec![]),
        (vec!["import", "--dry-run", "roster.csv"], vec![]),
        (vec!["admin", "reset-password"], vec![("YILIN_ADMIN_PASSWORD", "another one")]),
    ] {
        let mut command = yilin(folder.path(), &settings);
        command.args(&arguments);
        let output = output(command);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    // All of them are linked already.
    let instance = Instance::start(folder.path(), &[]);
    let admin = instance.log_in("another one").await;
    let log = instance.payload("/api/audit", &admin).await;
    let by_commands =
        log["list"].as_array().unwrap().iter().filter(|entry| entry["source"] == "command line");
    let told: Vec<_> = by_commands
        .map(|entry| {
            let text = |name: &str| entry[name].as_str().unwrap().to_owned();
            (text("operation"), text("entity_kind"), entry["results"].as_u64())
        })
        .rev()
        .collect();
    let account = |operation: &str| (operation.to_owned(), "account".to_owned(), None);
    let import = |results| ("import".to_owned(), "import".to_owned(), results);
    assert_eq!(told, [account("serve"), import(Some(2)), import(None), account("admin reset-password")]);
}

#[tokio::test]
async fn reads_before_a_stop_are_in_the_log() {
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

/// A chain from long ago, as an older version would have written it.
async fn write_old_chain(url: &str) -> ChainHead {
    let storage = database(url);
    storage.migrate().await.unwrap();
    let opened_at = DateTime::from_timestamp(1_590_000_000, 0).unwrap();
    let opening = ChainOpening { id: ChainId::from_bytes([7; 16]), instance: "old".to_owned(), opened_at };
    let audit = storage.audit();
    audit.open_chain(&opening).await.unwrap();
    let mut tail = Tail::new(&opening);
    let event = |n: u32| AuditEvent {
        recorded: opened_at,
        agent: None,
        session: None,
        source: "::1".to_owned(),
        request: n.to_string(),
        operation: "login".to_owned(),
        action: AuditAction::Execute,
        entity: None,
        patient: Some(AccountUuid::from_bytes([1; 4])),
        outcome: 200,
        query: "王".to_owned(),
        results: None,
    };
    let entries: Vec<_> = (0..600).map(|n| tail.link(event(n))).collect();
    assert_eq!(audit.append(opening.id, &entries, &[]).await.unwrap(), Appended::Stored);
    ChainHead { chain: opening.id, sequence: 599, hash: entries[599].hash }
}

async fn expires(folder: &Path, url: &str) {
    let head = write_old_chain(url).await;
    let settings = [("YILIN_DATABASE_URL", url), ("YILIN_AUDIT_KEEP", "0.5")];
    let instance = Instance::start(folder, &settings);
    let admin = instance.log_in("admin").await;
    assert_eq!(instance.payload("/api/audit?operation=login&page=1&size=1", &admin).await["total"], 600);

    let expire = |file: &str, settings: &[(&str, &str)]| {
        let mut command = yilin(folder, settings);
        command.args(["audit", "expire", "--export", file]);
        command
    };
    let (told, code) = failure(expire("old.jsonl", &settings[..1]));
    assert!(told.contains("YILIN_AUDIT_KEEP") && code == Some(2), "{told}");
    std::fs::write(folder.join("there.jsonl"), "").unwrap();
    let (told, _) = failure(expire("there.jsonl", &settings));
    assert!(told.contains("there.jsonl"), "{told}");
    assert_eq!(instance.payload("/api/audit?operation=login&page=1&size=1", &admin).await["total"], 600);

    let output = output(expire("old.jsonl", &settings));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let exported = std::fs::read_to_string(folder.join("old.jsonl")).unwrap();
    let lines: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["entries"]), (601, &json!(600)));
    assert_eq!((&lines[600]["request_id"], &lines[600]["query"]), (&json!("599"), &json!("王")));
    assert_eq!(lines[600]["hash"], head.hash.to_string());

    assert_eq!(instance.payload("/api/audit?operation=login&page=1", &admin).await["total"], 0);
    let log = instance.payload("/api/audit?operation=audit%20expire&page=1", &admin).await;
    let query = log["list"][0]["query"].as_str().unwrap();
    assert!(log["total"] == 1 && query.contains("chains=1") && query.contains("old.jsonl"), "{log}");
    let (whole, _, told) = verify(folder, &settings, &[head.to_string()]);
    assert!(whole && told.contains("removed after its retention period"), "{told}");
    let cut_off = ChainHead { sequence: 600, ..head };
    assert!(!verify(folder, &settings, &[cut_off.to_string()]).0);
    // No old chains are left.
    let output = self::output(expire("none.jsonl", &settings));
    assert!(output.status.success() && !folder.join("none.jsonl").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn old_chains_are_exported_and_removed_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("yilin.db").display());
    expires(folder.path(), &url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn old_chains_are_exported_and_removed_on_mariadb() {
    let (folder, url) = (tempfile::tempdir().unwrap(), Server::shared().await.database().await);
    expires(folder.path(), &url).await;
}

/// Otherwise it would continue a chain whose beginning is missing, and the gap would go unnoticed.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_whose_database_is_restored_stops_with_the_reason_on_mariadb() {
    let (folder, url) = (tempfile::tempdir().unwrap(), Server::shared().await.database().await);
    let mut command = yilin(folder.path(), &[("YILIN_DATABASE_URL", &url)]);
    command.stderr(File::create(folder.path().join("log")).unwrap());
    let instance = Instance::of(command);
    let admin = instance.log_in("admin").await;
    let mut conn = Conn::from_url(&url).await.unwrap();
    for table in ["audit_person", "audit_block", "audit_chain"] {
        conn.query_drop(format!("DELETE FROM {table}")).await.unwrap();
    }
    let read = instance.get("/api/user/queryUserMessage", &admin).await;
    assert_eq!(read.status(), 200);
    let status = tokio::task::spawn_blocking(move || instance.wait()).await.unwrap();
    let told = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(!status.success() && told.contains("the database was restored"), "{told}");
}
