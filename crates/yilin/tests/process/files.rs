//! Files in a Kubo node, from the operator's point of view.

use yilin_testkit::contract::outside::files::sample;
use yilin_testkit::eventually;
use yilin_testkit::kubo::{Behaviour, StandIn};

use crate::instance::{Instance, failure, output, yilin};

/// Number of files queued for the node, according to `/readyz`.
async fn queued(instance: &Instance) -> u64 {
    instance.payload("/readyz", "").await["ipfs"]["queued_files"].as_u64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_survive_a_dead_node_and_a_crash() {
    let (folder, node) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let settings = [("YILIN_IPFS_API", node.url.as_str())];
    let instance = Instance::start(folder.path(), &settings);
    let token = instance.log_in("admin").await;
    let at_once = instance.upload(&token, b"at once").await;
    eventually("the node has the file", async || node.files().len() == 1 && queued(&instance).await == 0)
        .await;
    node.behave(Behaviour::Dead);
    let bytes = sample(300_000);
    let later = instance.upload(&token, &bytes).await;
    assert!(later.contains("QmdDgr6Dv4eKtRXrD4JJCdQarEdjDBEQSFyJAKynk44MRD"), "{later}");
    assert_eq!(queued(&instance).await, 1);
    instance.kill();

    let instance = Instance::start(folder.path(), &settings);
    assert_eq!(instance.file(&later).await, bytes);
    assert_eq!(queued(&instance).await, 1);
    node.behave(Behaviour::Well);
    eventually("the node has the file", async || queued(&instance).await == 0).await;
    assert_eq!(node.files().len(), 2);
    assert_eq!(instance.file(&later).await, bytes);
    assert_eq!(instance.file(&at_once).await, b"at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_node_is_rejected_unless_declared_private() {
    let (folder, node) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    node.behave(Behaviour::Public);
    let settings = [("YILIN_IPFS_API", node.url.as_str())];
    let (message, code) = failure(yilin(folder.path(), &settings));
    assert_eq!(code, Some(2));
    assert!(message.contains("YILIN_IPFS_PRIVATE=yes"), "{message}");
    let vouched = [settings[0], ("YILIN_IPFS_PRIVATE", "yes")];
    let instance = Instance::start(folder.path(), &vouched);
    let token = instance.log_in("admin").await;
    instance.upload(&token, b"for the hospital alone").await;
    eventually("the node has the file", async || node.files().len() == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_the_data_folder_move_to_a_node() {
    let (folder, node) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let (whole, rotten) = (instance.upload(&token, b"whole").await, instance.upload(&token, b"sound").await);
    instance.kill();
    let push = |settings: &[(&str, &str)]| {
        let mut command = yilin(folder.path(), settings);
        command.args(["files", "push"]);
        command
    };
    let (message, code) = failure(push(&[]));
    assert!(message.contains("YILIN_IPFS_API") && code == Some(2), "{message}");

    let settings = [("YILIN_IPFS_API", node.url.as_str())];
    node.behave(Behaviour::Dead);
    let (message, code) = failure(push(&settings));
    assert!(message.contains("YILIN_IPFS_API") && code == Some(1), "{message}");
    node.behave(Behaviour::Well);
    let cid = rotten.split('/').nth(4).unwrap();
    let path = folder.path().join("data/files").join(&cid[cid.len() - 2..]).join(cid);
    std::fs::write(&path, b"rotten").unwrap();
    let damaged = output(push(&settings));
    let message = String::from_utf8(damaged.stderr).unwrap();
    assert_eq!(damaged.status.code(), Some(1));
    assert!(message.contains(cid), "{message}");
    std::fs::write(&path, b"sound").unwrap();
    let pushed = output(push(&settings));
    let told = String::from_utf8(pushed.stdout).unwrap();
    assert!(pushed.status.success() && told.contains("1 added") && told.contains("1 there before"), "{told}");

    std::fs::remove_dir_all(folder.path().join("data/files")).unwrap();
    let instance = Instance::start(folder.path(), &settings);
    assert_eq!(instance.file(&whole).await, b"whole");
    assert_eq!(instance.file(&rotten).await, b"sound");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_limit_uploads() {
    const LARGEST_RESERVE: u64 = 1 << 40;
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[("YILIN_UPLOAD_PER_DAY", "1 MB")]);
    let token = instance.log_in("admin").await;
    instance.upload(&token, &sample(900_000)).await;
    let refused = instance.try_upload(&token, &sample(200_000)).await;
    assert_eq!(refused.status(), 429, "more than a day's");
    assert!(refused.headers().contains_key("retry-after"));
    instance.kill();

    let disk = rustix::fs::statvfs(folder.path()).unwrap();
    let has_reserve = disk.f_bavail * disk.f_frsize >= LARGEST_RESERVE;
    let instance = Instance::start(folder.path(), &[("YILIN_DISK_RESERVE", "1 TiB")]);
    let answer = instance.try_upload(&token, b"short").await;
    assert_eq!(answer.status(), if has_reserve { 200 } else { 503 });
}
