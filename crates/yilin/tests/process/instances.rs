//! Several instances over one database.

use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;

use crate::instance::{Instance, failure, output, yilin};

#[tokio::test(flavor = "multi_thread")]
async fn two_instances_start_concurrently_on_an_empty_mariadb_and_share_sessions() {
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
    eventually("the other instance knows the session has ended", async || {
        there.get("/api/user/verifyToken", &token).await.status() == 401
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_instance_on_one_sqlite_folder_is_refused_and_commands_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let (message, code) = failure(yilin(folder.path(), &[]));
    assert!(code == Some(1) && message.contains("yilin.db.lock") && message.contains("SQLite"), "{message}");

    for arguments in [&["admin", "sessions"][..], &["audit", "verify"], &["admin", "end-sessions", "all"]] {
        let mut command = yilin(folder.path(), &[]);
        command.args(arguments);
        let output = output(command);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    eventually("a command has ended its sessions", async || {
        instance.get("/api/user/verifyToken", &token).await.status() == 401
    })
    .await;
    instance.kill();
    Instance::start(folder.path(), &[]).log_in("admin").await;
}

/// SQLite's journal and our lock are named after the name in use, so another name would let a second one in.
#[tokio::test(flavor = "multi_thread")]
async fn a_sqlite_file_with_several_names_is_refused() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let instance = Instance::start(folder.path(), &[]);
    instance.log_in("admin").await;
    let (database, link) = (folder.path().join("data/yilin.db"), other.path().join("data/yilin.db"));
    std::fs::create_dir(other.path().join("data")).unwrap();
    std::fs::hard_link(&database, &link).unwrap();
    for arguments in [&["serve"][..], &["admin", "end-sessions", "all"], &["backup", "backup.tar"]] {
        let mut command = yilin(other.path(), &[]);
        command.args(arguments);
        let (message, code) = failure(command);
        let names = message.contains("2 个名称") && message.contains("2 names (hard links)");
        assert!(code == Some(2) && names, "{arguments:?}: {message}");
    }
    assert!(!other.path().join("data/yilin.db-wal").exists(), "it was not opened");
    // Nor does it start under its first name, where the other could be used at any time.
    instance.kill();
    let (message, code) = failure(yilin(folder.path(), &[]));
    assert!(code == Some(2) && message.contains("find -samefile"), "{message}");
    std::fs::remove_file(link).unwrap();
    Instance::start(folder.path(), &[]).log_in("admin").await;
}
