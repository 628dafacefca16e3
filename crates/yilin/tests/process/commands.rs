//! The commands of the binary.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;
use yilin_testkit::mariadb::Server;

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
    let mut proofs =
        orders["list"].as_array().unwrap().iter().filter_map(|order| order["delivery_certificate"].as_str());
    let picture = instance.file(proofs.find(|proof| !proof.is_empty()).unwrap()).await;
    assert!(picture.starts_with(b"\x89PNG\r\n"), "the console shows it");
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
    assert!(
        message.contains("--data-dir") && message.contains("delete ./data"),
        "it says what to do: {message}"
    );
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

/// Each of them works on what is there: in a folder that has none, a typing mistake would make a new database.
#[test]
fn commands_refuse_a_database_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("roster.csv"), "姓名,电话,角色\n张伟,13800000001,患者\n").unwrap();
    for arguments in [
        &["import", "roster.csv"][..],
        &["audit", "verify"],
        &["admin", "sessions"],
        &["admin", "end-sessions", "all"],
        &["migrate"],
        &["migrate", "--check"],
    ] {
        let (message, code) = failure(with(yilin(folder.path(), &[]), arguments));
        assert!(code == Some(2) && message.contains("no such database"), "{arguments:?}: {message}");
        let path = folder.path().canonicalize().unwrap().join("data/yilin.db").display().to_string();
        assert!(message.contains(&path), "{arguments:?} names the whole path: {message}");
        assert!(!folder.path().join("data").exists(), "{arguments:?} creates nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_refuse_an_empty_mariadb_until_it_is_migrated() {
    let (folder, url) = (tempfile::tempdir().unwrap(), Server::shared().await.database().await);
    let command = |arguments: &[&str]| with(yilin(folder.path(), &[("YILIN_DATABASE_URL", &url)]), arguments);
    let (message, code) = failure(command(&["audit", "verify"]));
    assert!(code == Some(2) && message.contains("no such database"), "{message}");
    let (message, code) = failure(command(&["migrate", "--check"]));
    assert!(code == Some(1) && message.contains("yilin migrate"), "{message}");
    for arguments in [&["migrate"][..], &["migrate", "--check"], &["migrate"]] {
        let output = output(command(arguments));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {told}");
        assert!(told.starts_with("数据库 / database: mysql://"), "it is named first: {told}");
    }
}

#[test]
fn settings_are_shown_with_their_origins_and_without_secrets() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = folder.path().join("secrets.toml");
    std::fs::write(&secrets, "initial_password = 'hush-hush'").unwrap();
    std::fs::set_permissions(&secrets, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(folder.path().join("yilin.toml"), "secrets_file = 'secrets.toml'").unwrap();
    let command = with(yilin(folder.path(), &[]), &["config", "--explain", "--timezone", "Asia/Urumqi"]);
    let text = String::from_utf8(output(command).stdout).unwrap();
    for part in [
        "bind = \"127.0.0.1:0\"  # 环境变量 environment",
        "timezone = \"Asia/Urumqi\"  # 参数 flag",
        "max_upload = \"2 GiB\"  # 默认值 default",
        "# YILIN_MAX_UPLOAD, --max-upload: must be",
        "initial_password = \"…\"  # 文件 file secrets.toml",
        "# 数据库 database: sqlite:/",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("hush-hush"));
    assert!(!folder.path().join("data").exists());
}

#[test]
fn help_speaks_the_language_of_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let help = |language: &str| {
        let command = with(yilin(folder.path(), &[("LANG", language)]), &["import", "--help"]);
        String::from_utf8(output(command).stdout).unwrap()
    };
    assert!(help("zh_CN.UTF-8").contains("只检查"));
    assert!(help("en_US.UTF-8").contains("the roster: .xlsx"), "{}", help("en_US.UTF-8"));
}

#[tokio::test]
async fn lines_of_the_log_speak_the_language_of_the_environment_but_for_machines() {
    let folder = tempfile::tempdir().unwrap();
    let log_of = |language: &str, format: &str| {
        let settings = [("LANG", language), ("YILIN_LOG", "info"), ("YILIN_LOG_FORMAT", format)];
        let mut command = yilin(folder.path(), &settings);
        let path = folder.path().join("log");
        command.stderr(std::fs::File::create(&path).unwrap());
        assert!(Instance::of(command).stop().success());
        std::fs::read_to_string(path).unwrap()
    };
    let chinese = log_of("zh_CN.UTF-8", "text");
    assert!(chinese.contains("正在启动 database=") && chinese.contains("正在停止"), "{chinese}");
    assert!(!chinese.contains("stopping"), "{chinese}");
    let english = log_of("C.UTF-8", "text");
    assert!(english.contains("starting") && english.contains("stopping"), "{english}");
    let json = log_of("zh_CN.UTF-8", "json");
    assert!(json.contains("\"message\":\"stopping\"") && !json.contains("正在"), "{json}");
}

#[test]
fn completions_know_the_commands() {
    let folder = tempfile::tempdir().unwrap();
    let script = output(with(yilin(folder.path(), &[]), &["completions", "bash"])).stdout;
    assert!(String::from_utf8(script).unwrap().contains("reset-password"));
}

/// A file on a full disk.
fn full() -> Stdio {
    std::fs::File::options().write(true).open("/dev/full").unwrap().into()
}

/// As after `yilin … | head`.
fn nobody_reads() -> Stdio {
    let (_reader, writer) = std::io::pipe().unwrap();
    writer.into()
}

#[test]
fn a_command_goes_on_when_its_output_cannot_be_written() {
    for (stdout, stderr, written) in [
        (nobody_reads(), Stdio::piped(), true),
        (full(), Stdio::piped(), false),
        (Stdio::piped(), full(), true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = with(yilin(folder.path(), &[]), &["demo"]);
        let ended = demo.stdout(stdout).stderr(stderr).spawn().unwrap().wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(!told.contains("panicked"), "{told}");
        assert_eq!(ended.status.code(), Some(i32::from(!written)), "{told}");
        assert_eq!(!written, told.contains("cannot print"), "{told}");
        let (again, _) = failure(with(yilin(folder.path(), &[]), &["demo"]));
        assert!(again.contains("20"), "all of the demo is there: {again}");
    }
}

#[test]
fn a_result_that_is_not_written_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    assert!(output(with(yilin(folder.path(), &[]), &["demo"])).status.success());
    for arguments in [&["config"][..], &["openapi"], &["completions", "bash"], &["doctor"], &["migrate"]] {
        let mut command = with(yilin(folder.path(), &[]), arguments);
        let ended = command.stdout(full()).stderr(Stdio::piped()).output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(!ended.status.success() && told.contains("cannot print"), "{arguments:?}: {told}");
        let mut command = with(yilin(folder.path(), &[]), arguments);
        let ended = command.stdout(nobody_reads()).stderr(Stdio::piped()).output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert!(!told.contains("panicked") && !told.contains("cannot print"), "{arguments:?}: {told}");
    }
}
