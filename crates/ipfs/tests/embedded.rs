//! The embedded store against the port's contract, and its behaviour on the file system.
#![expect(clippy::unwrap_used, reason = "tests panic on failure")]

use std::fs;
use std::path::Path;

use futures_util::{StreamExt as _, stream};
use yilin_domain::port::{AddFileError, FileStore as _, PortError};
use yilin_ipfs::EmbeddedStore;
use yilin_testkit::contract::outside::files;
use yilin_testkit::eventually;

fn names_below(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            names.extend(names_below(&entry.path()));
        } else {
            names.push(entry.file_name().into_string().unwrap());
        }
    }
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    files::suite(&EmbeddedStore::open(folder.path().join("files")).unwrap()).await;
    let leftovers = names_below(&folder.path().join("files/incoming"));
    assert!(leftovers.is_empty(), "{leftovers:?}");
}

/// A disk may damage a file; whoever sends it again mends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_file_is_replaced_by_the_same_upload() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    let content = files::sample(100_000);
    let stored = store.add(files::arriving(&content), u64::MAX).await.unwrap();
    let cid = stored.cid.as_str();
    let path = folder.path().join(&cid[cid.len() - 2..]).join(cid);
    for damage in [content[..1000].to_vec(), vec![0; content.len()]] {
        assert!(store.has_whole(&stored.cid, stored.size).unwrap());
        fs::write(&path, damage).unwrap();
        assert!(!store.has_whole(&stored.cid, stored.size).unwrap());
        assert_eq!(store.add(files::arriving(&content), u64::MAX).await.unwrap(), stored);
        assert_eq!(fs::read(&path).unwrap(), content);
    }
    fs::remove_file(&path).unwrap();
    assert!(!store.has_whole(&stored.cid, stored.size).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_is_dropped_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    let endless = files::arriving(&files::sample(500_000)).chain(stream::pending());
    tokio::select! {
        added = store.add(endless.boxed(), u64::MAX) => panic!("returned before the upload ended: {added:?}"),
        () = eventually("the upload has begun", async || names_below(folder.path()).len() == 1) => {}
    }
    // It is removed with the upload, or at the end of a write in progress; the next upload shows that none was left.
    let added = store.add(files::arriving(b"whole"), 100).await.unwrap();
    eventually("no partial file is left", async || names_below(folder.path()) == [added.cid.as_str()]).await;
}

/// Uploads whose clients pause do not occupy the threads that everything else needs to reach the disk.
#[test]
fn uploads_that_wait_for_their_clients_leave_the_blocking_threads_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path()).unwrap();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(1).max_blocking_threads(1).enable_all().build().unwrap();
    let stored = runtime.block_on(async {
        let slow = (0..3).map(|_| {
            let (store, content) = (store.clone(), files::arriving(b"some").chain(stream::pending()).boxed());
            tokio::spawn(async move { store.add(content, u64::MAX).await })
        });
        let slow: Vec<_> = slow.collect();
        let begun = async || names_below(&folder.path().join("incoming")).len() == 3;
        eventually("three uploads have begun", begun).await;
        let stored = store.add(files::arriving(b"whole"), 100).await.unwrap();
        slow.iter().for_each(tokio::task::JoinHandle::abort);
        stored
    });
    assert_eq!(stored.size, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let stored =
        EmbeddedStore::open(folder.path()).unwrap().add(files::arriving(b"kept"), 100).await.unwrap();
    let again = EmbeddedStore::open(folder.path()).unwrap();
    assert_eq!(again.size(&stored.cid).await.unwrap(), Some(4));
}

/// As when another instance starts over the same folder.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_process_writes_is_removed_at_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let incoming = folder.path().join("incoming");
    let store = EmbeddedStore::open(folder.path()).unwrap();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let rest = stream::once(async move { Ok(receiver.await.unwrap()) });
    let content = files::arriving(&files::sample(100_000)).chain(rest).boxed();
    let adding = tokio::spawn(async move { store.add(content, u64::MAX).await });
    eventually("the upload has begun", async || names_below(&incoming).len() == 1).await;
    fs::write(incoming.join("leftover"), b"half").unwrap();
    drop(EmbeddedStore::open(folder.path()).unwrap());
    assert!(!incoming.join("leftover").exists());
    assert_eq!(names_below(&incoming).len(), 1, "one is in progress");
    sender.send(bytes::Bytes::from_static(b"the end")).unwrap();
    let stored = adding.await.unwrap().unwrap();
    assert_eq!(names_below(folder.path()), [stored.cid.as_str()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(folder.path().join("files")).unwrap();
    fs::remove_dir_all(folder.path().join("files")).unwrap();
    let added = store.add(files::arriving(b"lost"), 100).await;
    assert!(matches!(added, Err(AddFileError::Port(PortError::Failed { .. }))), "{added:?}");
}

#[test]
fn an_unusable_folder_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("occupied");
    fs::write(&file, b"").unwrap();
    let error = EmbeddedStore::open(file.join("files")).unwrap_err();
    assert!(error.to_string().contains("occupied"), "{error}");
}
