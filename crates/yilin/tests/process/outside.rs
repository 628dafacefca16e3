//! What is refused when others than this machine could reach the service.

use crate::instance::{Instance, failure, output, yilin};

const OUTSIDE: (&str, &str) = ("YILIN_BIND", "0.0.0.0:0");
const INITIAL: (&str, &str) = ("YILIN_INITIAL_PASSWORD", "Lin-2026");

#[tokio::test]
async fn well_known_passwords_are_refused_all_at_once_and_leave_nothing_in_the_way() {
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
    assert!(message.contains("reset-admin") && message.contains("YILIN_ADMIN_PASSWORD"), "{message}");
    assert!(!message.contains("YILIN_INITIAL_PASSWORD"), "{message}");

    let mut reset = yilin(folder.path(), &[]);
    reset.arg("reset-admin");
    let (message, _) = failure(reset);
    assert!(message.contains("YILIN_ADMIN_PASSWORD"), "a default is no new password: {message}");
    let mut reset = yilin(folder.path(), &settings);
    reset.arg("reset-admin");
    assert!(output(reset).status.success());
    let instance = Instance::start(folder.path(), &settings);
    let admin = instance.log_in("Guan-2026").await;
    let log = instance.payload("/api/audit?operation=reset-admin&page=1", &admin).await;
    assert_eq!((&log["total"], &log["list"][0]["source"]), (&1.into(), &"command line".into()));
}
