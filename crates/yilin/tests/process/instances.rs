use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;

use crate::instance::Instance;

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_start_at_once_on_an_empty_mariadb_and_share_sessions() {
    let url = Server::shared().await.database().await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let settings = [("YILIN_DATABASE_URL", url.as_str())];
    let starting = folders.each_ref().map(|folder| Instance::launch(folder.path(), &settings));
    let [here, there] = starting.map(crate::instance::Starting::ready);

    let token = here.log_in("admin").await;
    let admin = there.payload("/api/user/verifyToken", &token).await;
    assert_eq!(admin["username"], "admin", "both sign with the same secret");
    assert_eq!(here.payload("/api/user/verifyToken", &token).await["uuid"], admin["uuid"]);

    assert!(here.get("/api/user/logOut", &token).await.status().is_success());
    assert_eq!(here.get("/api/user/verifyToken", &token).await.status(), 401, "at once here");
    eventually("the other instance has learnt of it", async || {
        there.get("/api/user/verifyToken", &token).await.status() == 401
    })
    .await;
}
