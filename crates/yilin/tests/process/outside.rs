//! Configurations that are rejected when other machines can reach the service.

use serde_json::json;
use yilin_testkit::eventually;

use crate::instance::{Instance, failure, output, yilin};

const OUTSIDE: (&str, &str) = ("YILIN_BIND", "0.0.0.0:0");
const INITIAL: (&str, &str) = ("YILIN_INITIAL_PASSWORD", "Lin-2026");

#[tokio::test]
async fn well_known_passwords_are_all_reported_and_leave_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let (message, code) = failure(yilin(folder.path(), &[OUTSIDE]));
    assert_eq!(code, Some(2));
    assert!(
        message.contains("YILIN_INITIAL_PASSWORD") && message.contains("YILIN_ADMIN_PASSWORD"),
        "{message}"
    );

    let settings = [OUTSIDE, INITIAL, ("YILIN_ADMIN_PASSWORD", "Guan-2026")];
    let instance = Instance::start(folder.path(), &settings);
    assert!(!instance.lines.join("\n").contains("Guan-2026"), "{:?}", instance.lines);
    instance.log_in("Guan-2026").await;
    assert_eq!(instance.get("/api/mock/generatePatientAccount?number=1", "").await.status(), 404);
}

#[tokio::test]
async fn a_public_url_alone_makes_it_public() {
    let folder = tempfile::tempdir().unwrap();
    let (message, _) = failure(yilin(folder.path(), &[("YILIN_PUBLIC_URL", "https://yilin.example.cn")]));
    assert!(message.contains("YILIN_ADMIN_PASSWORD"), "{message}");
}

#[tokio::test]
async fn a_stored_default_password_is_refused_until_it_is_reset() {
    let folder = tempfile::tempdir().unwrap();
    Instance::start(folder.path(), &[]).stop();
    let settings = [OUTSIDE, INITIAL, ("YILIN_ADMIN_PASSWORD", "Guan-2026")];
    let (message, _) = failure(yilin(folder.path(), &settings));
    assert!(
        message.contains("yilin admin reset-password") && message.contains("YILIN_ADMIN_PASSWORD"),
        "{message}"
    );
    assert!(!message.contains("YILIN_INITIAL_PASSWORD"), "{message}");

    let mut reset = yilin(folder.path(), &[]);
    reset.args(["admin", "reset-password"]);
    let (message, _) = failure(reset);
    assert!(message.contains("YILIN_ADMIN_PASSWORD"), "a default is not accepted: {message}");
    let mut reset = yilin(folder.path(), &settings);
    reset.args(["admin", "reset-password"]);
    assert!(output(reset).status.success());
    let instance = Instance::start(folder.path(), &settings);
    let admin = instance.log_in("Guan-2026").await;
    let log = instance.payload("/api/audit?operation=admin%20reset-password&page=1", &admin).await;
    assert_eq!((&log["total"], &log["list"][0]["source"]), (&1.into(), &"command line".into()));
}

#[tokio::test]
async fn operators_can_list_and_end_sessions() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let (first, second) = (instance.log_in("admin").await, instance.log_in("admin").await);
    let patient = instance.payload("/api/mock/generatePatientAccount?number=1", &first).await;
    let patient = json!({"phone": patient["accounts"][0]["phone"], "password": "123456"});
    instance.post("/api/user/login", &patient).await;
    let run = |arguments: &[&str]| {
        let mut command = yilin(folder.path(), &[]);
        command.arg("admin").args(arguments);
        command
    };
    let said = |arguments: &[&str]| String::from_utf8(output(run(arguments)).stdout).unwrap();
    let listed = said(&["sessions"]);
    let lines: Vec<_> = listed.lines().filter(|line| line.contains("系统管理员 admin")).collect();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.contains("127.0.0.1")), "{listed}");
    assert_eq!(listed.lines().filter(|line| line.contains("患者")).count(), 1, "{listed}");
    let [newest, account, ..] = lines[0].split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{listed}")
    };
    let own = said(&["sessions", "--account", account]);
    assert!(lines.iter().all(|line| own.contains(line)) && !own.contains("患者"), "{own}");

    assert!(said(&["end-sessions", newest]).contains("ended 1"));
    let ended = async |token: &str| instance.get("/api/user/verifyToken", token).await.status() == 401;
    eventually("one session has ended", async || ended(&first).await != ended(&second).await).await;
    assert!(said(&["end-sessions", account]).contains("ended 1"));
    eventually("both have ended", async || ended(&first).await && ended(&second).await).await;
    assert!(said(&["end-sessions", "all"]).contains("ended 1"));
    let (message, _) = failure(run(&["end-sessions", "admin"]));
    assert!(message.contains("all"), "{message}");
}

#[tokio::test]
async fn an_admin_password_the_api_rejects_is_rejected_at_startup() {
    let folder = tempfile::tempdir().unwrap();
    for password in ["abc", "12345", "123456", "Lin-2026"] {
        let (message, code) =
            failure(yilin(folder.path(), &[OUTSIDE, INITIAL, ("YILIN_ADMIN_PASSWORD", password)]));
        assert!(code == Some(2) && message.contains("YILIN_ADMIN_PASSWORD"), "{password}: {message}");
        let mut reset = yilin(folder.path(), &[INITIAL, ("YILIN_ADMIN_PASSWORD", password)]);
        reset.args(["admin", "reset-password"]);
        let (message, code) = failure(reset);
        assert!(code == Some(2) && message.contains("YILIN_ADMIN_PASSWORD"), "{password}: {message}");
    }
    // In a private installation it is accepted with a warning, and rejected once the service is made public.
    let mut command = yilin(folder.path(), &[("YILIN_ADMIN_PASSWORD", "abc")]);
    command.stderr(std::process::Stdio::piped());
    let instance = Instance::of(command);
    instance.log_in("abc").await;
    let told = instance.stop_and_read();
    assert!(told.contains("YILIN_ADMIN_PASSWORD") && told.contains("chars=3"), "{told}");
    let (message, code) = failure(yilin(folder.path(), &[OUTSIDE, INITIAL, ("YILIN_ADMIN_PASSWORD", "abc")]));
    assert!(code == Some(2) && message.contains("reset-password"), "{message}");
}
