//! `yilin doctor` on a healthy installation and on sick ones, heads of the audit log that are kept elsewhere, and the move
//! to another kind of database.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use chrono::{DateTime, TimeDelta};
use yilin_domain::webhook::{DeliveryFailure, FailureText};
use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;

use crate::backups::{Place, failure_after_output, fill};
use crate::instance::{Instance, database, output};

fn told(command: Command) -> (String, Option<i32>) {
    let output = output(command);
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    (text, output.status.code())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_what_is_wrong_and_says_what_to_do() {
    let place = Place::sqlite();
    // A disk that is nearly full is the machine's trouble, not this test's.
    let doctor =
        |arguments: &[&str]| told(place.command(&[&["doctor", "--disk-reserve", "0"], arguments].concat()));
    let (text, code) = doctor(&[]);
    assert!(code == Some(2) && text.contains("no such database"), "{text}");
    let (_, url, _) = fill(&place).await;
    let (text, code) = doctor(&["--deep"]);
    assert!(code == Some(0) && !text.contains("WARNING") && !text.contains("ERROR"), "{text}");
    for part in ["settings", "permissions", "totals", "clocks", "default passwords", "audit log", "files"] {
        assert!(text.contains(part), "{part} is not in {text}");
    }

    let cid = url.split('/').nth(4).unwrap();
    let file = place.path("data/files").join(&cid[cid.len() - 2..]).join(cid);
    let content = std::fs::read(&file).unwrap();
    let mut rotten = content.clone();
    rotten[7] ^= 1;
    std::fs::write(&file, &rotten).unwrap();
    let (text, code) = doctor(&[]);
    assert!(code == Some(0) && text.contains("--deep"), "the size is right: {text}");
    let (text, code) = doctor(&["--deep"]);
    assert!(code == Some(2) && text.contains(cid) && text.contains("backup"), "{text}");
    std::fs::remove_file(&file).unwrap();
    let (text, code) = doctor(&[]);
    assert!(code == Some(2) && text.contains("missing") && text.contains(cid), "{text}");
    std::fs::write(&file, &content).unwrap();

    std::fs::set_permissions(place.path("data/yilin.db"), Permissions::from_mode(0o644)).unwrap();
    let (text, code) = doctor(&[]);
    assert!(code == Some(2) && text.contains("chmod go= "), "{text}");
    std::fs::set_permissions(place.path("data/yilin.db"), Permissions::from_mode(0o600)).unwrap();

    let (text, code) = doctor(&["--llm-base-url", "http://127.0.0.1:9/v1"]);
    assert!(code == Some(1) && text.contains("YILIN_LLM_BASE_URL"), "a warning: {text}");
    let (text, code) = doctor(&["--bind", "0.0.0.0:0"]);
    assert!(code == Some(2) && text.contains("YILIN_INITIAL_PASSWORD"), "{text}");
}

const SIGNING_KEY: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIz";

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_asks_whether_the_receiver_of_webhooks_is_there_and_what_waits_for_it() {
    let place = Place::sqlite();
    let gone = "http://127.0.0.1:9/hush-hush";
    let sending = |mut command: Command, receiver: &str| {
        command.env("YILIN_WEBHOOK_URL", receiver).env("YILIN_WEBHOOK_SECRET", SIGNING_KEY);
        command
    };
    let doctor = |receiver: &str| told(sending(place.command(&["doctor", "--disk-reserve", "0"]), receiver));
    // Its first start with a receiver decides from which event on something is sent.
    assert!(Instance::of(sending(place.command(&[]), gone)).stop().success());
    let (text, code) = doctor(gone);
    assert!(
        code == Some(1) && text.contains("YILIN_WEBHOOK_URL") && text.contains("cannot be reached"),
        "{text}"
    );
    assert!(!text.contains("hush"), "the URL may have a secret: {text}");

    let instance = Instance::of(sending(place.command(&[]), gone));
    let there = format!("http://{}/any", instance.address());
    let (text, code) = doctor(&there);
    assert!(code == Some(0) && text.contains("OK       receiver of webhooks"), "{text}");

    let token = instance.log_in("admin").await;
    let made = instance.payload("/api/mock/testFullSystem?number=1&goroutineNumber=1", &token).await;
    assert_eq!(made["completed"], 1, "{made}");
    assert!(instance.stop().success());
    let storage = database(&place.url);
    // The service may have stopped before it published the last events.
    while storage.events().number(100).await.unwrap() > 0 {}
    // When every delivery is due.
    let (webhooks, later) = (storage.webhooks(), DateTime::from_timestamp(4_000_000_000, 0).unwrap());
    webhooks.queue(1, later).await.unwrap();
    let [delivery] = &webhooks.claim(later, later + TimeDelta::minutes(1), 1).await.unwrap()[..] else {
        panic!("nothing is queued")
    };
    let failure = DeliveryFailure { is_down: true, reason: FailureText::clipped("no answer in time") };
    webhooks.give_up(delivery, &failure).await.unwrap();
    let (text, code) = doctor(gone);
    assert!(
        code == Some(1) && text.contains("1 events were given up") && text.contains("webhooks retry"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_examines_mariadb_too() {
    let place = Place::mariadb().await;
    fill(&place).await;
    // The test's server writes to its disk lazily, which is one of its findings.
    let (text, code) = told(place.command(&["doctor", "--disk-reserve", "0"]));
    assert!(text.contains("totals agree") && code.is_some(), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_heads_find_a_log_that_was_cut_off() {
    let place = Place::sqlite();
    fill(&place).await;
    let heads = place.path("elsewhere.txt");
    let keep = || place.command(&["audit", "heads", "--to", heads.to_str().unwrap()]);
    let (text, code) = told(keep());
    assert!(code == Some(0) && text.contains("heads are kept"), "{text}");
    let kept = std::fs::read_to_string(&heads).unwrap();
    let (text, code) = told(keep());
    assert!(code == Some(0), "{text}");
    assert!(std::fs::read_to_string(&heads).unwrap().starts_with(&kept), "the file only grows");
    let doctor = |place: &Place, heads: &str| {
        told(place.command(&["doctor", "--disk-reserve", "0", "--heads", heads]))
    };
    let (text, code) = doctor(&place, heads.to_str().unwrap());
    assert!(code == Some(0) && !text.contains(" 0 个另存的链头"), "{text}");
    // Another installation's log lacks these chains.
    let other = Place::sqlite();
    fill(&other).await;
    let (text, code) = told(other.command(&["audit", "heads", "--to", heads.to_str().unwrap()]));
    assert!(code == Some(1) && text.contains("damaged"), "{text}");
    for heads in [heads.to_str().unwrap(), "nowhere.txt"] {
        let (text, code) = doctor(&other, heads);
        assert!(code == Some(2) && text.contains("ERROR"), "{heads}: {text}");
    }
    let (_, code) = told(place.command(&["audit", "heads", "--to", "ftp://h/x"]));
    assert_eq!(code, Some(2));
}

async fn moves(from: Place, to: Place) {
    let (token, url, content) = fill(&from).await;
    let args = ["migrate", "--from", &from.url, "--to", &to.url];
    // Killed once it has begun, and run again.
    let mut child = from.command(&args).spawn().unwrap();
    eventually("it is over, or killed in the middle", async || {
        child.try_wait().unwrap().is_some() || {
            let (text, _) = told(to.command(&["migrate", "--check"]));
            text.contains("not finished")
        }
    })
    .await;
    let was_killed = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    if was_killed {
        let (text, code) = failure_after_output(to.command(&["audit", "verify"]));
        // It may have been faster than the kill.
        assert!(code == Some(0) || text.contains("not finished"), "{text}");
    }
    let (text, code) = told(from.command(&args));
    assert!(
        code == Some(0) && text.contains("compared one by one") || text.contains("has records"),
        "{text}"
    );
    let (before, after) = (from.rows().await, to.rows().await);
    for (table, rows) in &before {
        // The secret of a file has gone into the table.
        assert!(table == "secret" || rows.len() == after[table].len(), "{table}");
    }
    let (text, code) = told(from.command(&args));
    assert!(code == Some(2) && text.contains("has records"), "a second time there is something: {text}");

    let instance = Instance::start(from.folder.path(), &[("YILIN_DATABASE_URL", &to.url)]);
    assert_eq!(instance.payload("/api/user/verifyToken", &token).await["username"], "admin");
    assert_eq!(instance.file(&url).await, content);
    let made = instance.payload("/api/mock/testFullSystem?number=1&goroutineNumber=1", &token).await;
    assert_eq!(made["completed"], 1, "{made}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sqlite_moves_to_mariadb() {
    moves(Place::sqlite(), Place::mariadb().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_moves_to_another_mariadb() {
    moves(Place::mariadb().await, Place::mariadb().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_moves_to_sqlite() {
    let from = Place::mariadb().await;
    let mut to = Place::sqlite();
    // The data folder stays the same.
    to.url = format!("sqlite:{}", from.path("data/yilin.db").display());
    moves(from, to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_with_records_is_no_target_on_mariadb() {
    let (from, url) = (Place::sqlite(), Server::shared().await.database().await);
    fill(&from).await;
    let to = Place { folder: tempfile::tempdir().unwrap(), url };
    to.run(&["demo"]);
    let before = to.rows().await;
    let (text, code) = told(from.command(&["migrate", "--from", &from.url, "--to", &to.url]));
    assert!(code == Some(2) && text.contains("has records"), "{text}");
    assert_eq!(to.rows().await, before);
    let (text, _) = told(from.command(&["migrate", "--from", &from.url]));
    assert!(text.contains("the same database"), "{text}");
}
