//! Start-up and restart of the service.

use serde_json::json;

use crate::instance::Instance;

#[tokio::test]
async fn startup_prints_url_log_in_and_api_page() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let [place, log_in, page] = &instance.lines[..] else { panic!("{:?}", instance.lines) };
    assert!(place.contains("http://127.0.0.1:") && !place.contains(":0"), "{place}");
    assert!(log_in.contains("/console") && log_in.contains("admin"), "{log_in}");
    assert!(page.ends_with("/docs"), "{page}");
    let token = instance.log_in("admin").await;
    assert_eq!(instance.payload("/api/user/verifyToken", &token).await["username"], "admin");
    assert!(instance.get("/readyz", "").await.status().is_success());
    assert!(instance.get("/docs", "").await.status().is_success());
    let led = instance.get("/", "").await;
    assert!(led.status().is_success() && led.url().path() == "/console/log-in", "{led:?}");
    assert!(instance.stop().success());
}

#[tokio::test]
async fn data_and_sessions_survive_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let made = instance.payload("/api/mock/generatePatientAccount?number=3", &token).await;
    assert_eq!(made["created"], 3);
    let ended = instance.log_in("admin").await;
    assert!(instance.get("/api/user/logOut", &ended).await.status().is_success());
    instance.kill();

    let instance = Instance::start(folder.path(), &[]);
    let patients = instance.payload("/api/user/queryPatientInformation", &token).await;
    assert_eq!(patients["total"], 3, "the token's secret and the accounts are still there");
    assert_eq!(instance.get("/api/user/queryUserMessage", &ended).await.status(), 401);
}

#[tokio::test]
async fn a_configured_port_in_use_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (message, _) =
        crate::instance::failure(crate::instance::yilin(folder.path(), &[("YILIN_BIND", &address)]));
    assert!(message.contains(&address) && message.contains("YILIN_BIND"), "{message}");
    assert!(!folder.path().join("data").exists(), "nothing was created");
}

#[tokio::test]
async fn mock_routes_can_be_turned_off() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[("YILIN_MOCK", "off")]);
    let token = instance.log_in("admin").await;
    assert_eq!(instance.get("/api/mock/generatePatientAccount?number=1", &token).await.status(), 404);
    let wrong = instance.post("/api/user/adminLogin", &json!({"username": "admin", "password": "no"})).await;
    assert_eq!(wrong["error"], "session.wrong_credentials");
}
