//! Roster imports by a killed process, and from the command line.

use std::os::unix::fs::PermissionsExt as _;

use yilin_testkit::eventually;

use crate::instance::{Instance, failure, output, yilin};

const HEADER: &str = "姓名,电话,角色,初始密码\n";

#[tokio::test]
async fn a_killed_import_has_exact_counts() {
    let folder = tempfile::tempdir().unwrap();
    // Individual passwords take a while to hash, so that the process can be killed midway.
    let settings = [("YILIN_BCRYPT_COST", "8")];
    let instance = Instance::start(folder.path(), &settings);
    let token = instance.log_in("admin").await;
    let row = |n: u64| format!("王{n},{},患者,secret-{n}\n", 13_800_000_000 + n);
    let csv = (0..3000).map(row).collect::<Vec<_>>().concat();
    let request = instance.import(&token, &(HEADER.to_owned() + &csv));
    let sent = tokio::spawn(request.send());
    let mut job = serde_json::Value::Null;
    eventually("some are imported", async || {
        let answer = instance.get("/api/user/importJob", &token).await;
        job = answer.json::<serde_json::Value>().await.unwrap()["data"][0].clone();
        job["imported"].as_u64() > Some(0)
    })
    .await;
    instance.kill();
    assert!(sent.await.unwrap().is_err(), "the process is gone");
    assert_eq!(job["state"], "running");

    let instance = Instance::start(folder.path(), &[]);
    let path = format!("/api/user/importJob?id={}", job["id"].as_str().unwrap());
    let after = instance.payload(&path, &token).await;
    let patients = instance.payload("/api/user/queryPatientInformation?size=1", &token).await;
    assert_eq!(after["imported"], patients["total"], "{after}");
    let imported = after["imported"].as_u64().unwrap();
    assert!((1..3000).contains(&imported), "{after}");
    assert_eq!((after["total"].as_u64(), after["failed"].as_u64()), (Some(3000), Some(0)));
}

#[test]
fn the_command_line_imports_and_writes_a_report() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("good.csv", &format!("{HEADER}张伟,13800000001,患者,\n李娜,13800000002,医师,\n"));
    write("bad.csv", &format!("{HEADER}张伟,13800000001,患者,\n王芳,1,患者,\n"));
    write("none.csv", "nothing");
    Instance::start(folder.path(), &[]).kill();
    let run = |arguments: &[&str]| {
        let mut command = yilin(folder.path(), &[]);
        command.arg("import").args(arguments);
        command
    };
    let told = |arguments: &[&str]| {
        let output = output(run(arguments));
        (String::from_utf8(output.stdout).unwrap(), output.status.code())
    };
    let (text, code) = told(&["good.csv", "--dry-run"]);
    assert!(text.contains("imported 2") && text.contains("dry run") && code == Some(0), "{text}");
    let (text, code) = told(&["bad.csv", "--atomic"]);
    assert!(text.contains("imported 0") && text.contains("failed 1") && code == Some(1), "{text}");
    let (text, code) = told(&["good.csv"]);
    assert!(text.contains("imported 2") && code == Some(0), "{text}");
    let (text, code) = told(&["bad.csv", "--report", "report.xlsx"]);
    assert!(text.contains("skipped 1") && text.contains("3: 电话") && code == Some(1), "{text}");
    let report = folder.path().join("report.xlsx");
    assert!(std::fs::read(&report).unwrap().starts_with(b"PK"));
    assert_eq!(report.metadata().unwrap().permissions().mode() & 0o077, 0, "it has names and phone numbers");
    let (message, code) = failure(run(&["none.csv"]));
    assert!(message.contains(".xlsx") && code == Some(1), "{message}");
    let (message, _) = failure(run(&["missing.csv"]));
    assert!(message.contains("missing.csv"), "{message}");
}
