//! The commands of the binary.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::instance::{Instance, failure, output, yilin};

fn with(mut command: Command, arguments: &[&str]) -> Command {
    command.args(arguments);
    command
}

#[tokio::test]
async fn the_demo_fills_an_empty_database_once() {
    let folder = tempfile::tempdir().unwrap();
    let told = output(with(yilin(folder.path(), &[]), &["demo"]));
    let told = String::from_utf8(told.stdout).unwrap();
    let physician = told.lines().find(|line| line.ends_with("医师")).unwrap();
    let [name, phone, password, _] = physician.split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{physician}")
    };

    let instance = Instance::start(folder.path(), &[]);
    let answer = instance.post("/api/user/login", &json!({"phone": phone, "password": password})).await;
    assert_eq!(answer["data"][0]["username"], name, "{answer}");
    let admin = instance.log_in("admin").await;
    let inquiries = instance.payload("/api/inquiry/queryAllInquiryRecord", &admin).await;
    let orders = instance.payload("/api/drug/queryAllDrug", &admin).await;
    let has = |list: &serde_json::Value, status: &str| {
        list["list"].as_array().unwrap().iter().any(|record| record["status"] == status)
    };
    for status in ["submitted", "assigned", "accepted", "registered", "approved", "cancelled"] {
        assert!(has(&inquiries, status), "no inquiry is {status}");
    }
    for status in ["pending", "purchased", "dispatched", "received"] {
        assert!(has(&orders, status), "no drug order is {status}");
    }
    let (mut returned, mut rescheduled) = (false, false);
    for inquiry in inquiries["list"].as_array().unwrap() {
        let path = format!("/api/inquiry/inquiryHistory?id={}", inquiry["id"]);
        let history = instance.payload(&path, &admin).await;
        let entries = history["list"].as_array().unwrap();
        returned |= entries.iter().any(|entry| entry["from"] == "returned" && entry["to"] == "registered");
        rescheduled |=
            entries.windows(2).any(|pair| pair[0]["appointment_time"] != pair[1]["appointment_time"]);
    }
    assert!(returned && rescheduled, "returned and amended: {returned}, rescheduled: {rescheduled}");
    drop(instance);

    let (message, _) = failure(with(yilin(folder.path(), &[]), &["demo"]));
    assert!(message.contains("20") && message.contains("empty"), "{message}");
}

#[test]
fn the_demo_is_for_private_installations_only() {
    let folder = tempfile::tempdir().unwrap();
    let (message, code) = failure(with(yilin(folder.path(), &[("YILIN_BIND", "0.0.0.0:0")]), &["demo"]));
    assert!(code == Some(2) && message.contains("loopback"), "{message}");
}

#[test]
fn the_openapi_document_is_the_committed_one() {
    let folder = tempfile::tempdir().unwrap();
    let printed = output(with(yilin(folder.path(), &[]), &["openapi"]));
    let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let same = String::from_utf8(printed.stdout).unwrap() == std::fs::read_to_string(committed).unwrap();
    assert!(same, "run `just openapi` and commit docs/openapi.json");
}

#[test]
fn all_invalid_settings_are_reported_before_anything_is_created() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("yilin.toml"), "bnd = '127.0.0.1:1'").unwrap();
    let command = yilin(folder.path(), &[("YILIN_TIMEZONE", "Mars")]);
    let (message, code) = failure(with(command, &["serve", "--bind", "nowhere"]));
    assert_eq!(code, Some(2));
    for part in ["bnd", "yilin.toml", "YILIN_TIMEZONE", "\"Mars\"", "--bind", "\"nowhere\""] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    assert!(!folder.path().join("data").exists());
}

#[test]
fn an_unreachable_database_is_named_without_its_password() {
    let folder = tempfile::tempdir().unwrap();
    let url = "mysql://yilin:geheim@127.0.0.1:1/yilin";
    let (message, code) = failure(yilin(folder.path(), &[("YILIN_DATABASE_URL", url)]));
    assert_eq!(code, Some(1));
    assert!(message.contains("127.0.0.1:1/yilin") && message.contains("YILIN_DATABASE_URL"), "{message}");
    assert!(!message.contains("geheim"), "{message}");
}
