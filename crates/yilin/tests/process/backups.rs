//! Backups that are taken while people work, restored elsewhere, damaged, and interrupted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use serde_json::{Value, json};
use yilin_storage::{Row, Snapshot};
use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;

use crate::instance::{Instance, failure, output, yilin};

/// An installation: its folder and its settings.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) url: String,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("data/yilin.db").display());
        Self { folder, url }
    }

    pub(crate) async fn mariadb() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), url: Server::shared().await.database().await }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = yilin(self.folder.path(), &[("YILIN_DATABASE_URL", &self.url)]);
        command.args(arguments);
        command
    }

    fn start(&self) -> Instance {
        Instance::start(self.folder.path(), &[("YILIN_DATABASE_URL", &self.url)])
    }

    /// Runs a command that must succeed; gives what it printed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = output(self.command(arguments));
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// Every row of every table.
    pub(crate) async fn rows(&self) -> BTreeMap<String, Vec<Row>> {
        let url = self.url.clone();
        let read = move || {
            let mut snapshot = Snapshot::open(&url).unwrap();
            let tables = snapshot.tables().unwrap();
            let rows = tables.iter().map(|table| {
                let mut rows = Vec::new();
                let read = snapshot.read(table, |row| {
                    rows.push(table.adopt(table, row)?);
                    Ok::<_, yilin_storage::TransferError>(())
                });
                read.unwrap();
                (table.name.clone(), rows)
            });
            rows.collect()
        };
        tokio::task::spawn_blocking(read).await.unwrap()
    }

    /// Whether there is nothing in it but what migrations make.
    async fn is_empty(&self) -> bool {
        let is_seeded = |table: &str| table == "event_cursor";
        self.rows().await.into_iter().all(|(table, rows)| rows.is_empty() || is_seeded(&table))
    }
}

/// A hospital with records, files and an audit log; gives its admin's token, a file's URL, and the content.
pub(crate) async fn fill(place: &Place) -> (String, String, Vec<u8>) {
    place.run(&["demo"]);
    let instance = place.start();
    let token = instance.log_in("admin").await;
    let content = (0..300_000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>();
    let url = instance.upload(&token, &content).await;
    assert!(instance.stop().success());
    (token, url, content)
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn comes_back_whole(from: &Place, to: &Place) {
    let (token, url, content) = fill(from).await;
    let archive = from.path("backup.tar.zst");
    from.run(&["backup", text(&archive)]);
    let told = to.run(&["restore", text(&archive)]);
    assert!(told.contains("restored"), "{told}");

    let (before, after) = (from.rows().await, to.rows().await);
    // It stores its result.
    let heads = from.run(&["audit", "verify"]);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    for (table, rows) in &before {
        // The secret of a file goes into the table of a server.
        assert!(table == "secret" || rows.len() == after[table].len(), "{table}");
        // Bytes of one database may be text in the other.
        assert!(from.url[..5] != to.url[..5] || *rows == after[table], "{table}");
    }
    let kept: Vec<_> = heads.lines().flat_map(|head| ["--head", head]).collect();
    assert!(!kept.is_empty());
    let again = to.run(&[&["audit", "verify"][..], &kept].concat());
    assert!(heads.lines().all(|head| again.contains(head)), "{heads} is not in {again}");

    let instance = to.start();
    assert_eq!(
        instance.payload("/api/user/verifyToken", &token).await["username"],
        "admin",
        "the secret is the same"
    );
    assert_eq!(instance.file(&url).await, content);
    let made = instance.payload("/api/mock/testFullSystem?number=1&goroutineNumber=1", &token).await;
    assert_eq!(made["completed"], 1, "ids go on: {made}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_sqlite_comes_back_whole() {
    comes_back_whole(&Place::sqlite(), &Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_mariadb_comes_back_whole() {
    comes_back_whole(&Place::mariadb().await, &Place::mariadb().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_sqlite_comes_back_on_mariadb() {
    let (from, to) = (Place::sqlite(), Place::mariadb().await);
    comes_back_whole(&from, &to).await;
}

async fn is_consistent_while_people_work(place: Place, elsewhere: Place) {
    place.run(&["demo"]);
    let instance = place.start();
    let token = instance.log_in("admin").await;
    let archive = place.path("backup.tar.zst");
    let mut backing_up = place.command(&["backup", text(&archive)]).spawn().unwrap();
    // Uploads and whole visits, which name files, before, during and after.
    let mut uploads = 0_u32;
    while backing_up.try_wait().unwrap().is_none() || uploads < 3 {
        instance.upload(&token, &uploads.to_le_bytes()).await;
        instance.payload("/api/mock/testFullSystem?number=1&goroutineNumber=1", &token).await;
        uploads += 1;
    }
    assert!(backing_up.wait().unwrap().success());
    instance.kill();
    elsewhere.run(&["restore", text(&archive)]);
    let rows = elsewhere.rows().await;
    for upload in &rows["upload"] {
        let cid = upload.iter().find_map(|cell| match cell {
            yilin_storage::Cell::Text(text) if text.len() > 40 => Some(text.as_str()),
            _ => None,
        });
        let cid = cid.unwrap();
        let file = elsewhere.path("data/files").join(&cid[cid.len() - 2..]).join(cid);
        assert!(file.exists(), "{cid} is in the table and not among the files");
    }
    elsewhere.run(&["audit", "verify"]);
    let instance = elsewhere.start();
    let listed = instance.payload("/api/inquiry/queryAllInquiryRecord?page=1&size=1", &token).await;
    let all = instance.payload("/api/inquiry/queryAllInquiryRecord", &token).await;
    assert_eq!(
        listed["total"],
        all["list"].as_array().unwrap().len(),
        "totals are of the same moment as records"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_sqlite_is_consistent_while_people_work() {
    is_consistent_while_people_work(Place::sqlite(), Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_mariadb_is_consistent_while_people_work() {
    is_consistent_while_people_work(Place::mariadb().await, Place::mariadb().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_or_newer_backup_and_a_living_database_are_refused() {
    let (from, to) = (Place::sqlite(), Place::sqlite());
    fill(&from).await;
    let archive = from.path("backup.tar.zst");
    from.run(&["backup", text(&archive)]);
    let whole = std::fs::read(&archive).unwrap();
    let tar = zstd::decode_all(&whole[..]).unwrap();
    let refused = |name: &str, bytes: &[u8], words: &str| {
        let path = from.path(name);
        std::fs::write(&path, bytes).unwrap();
        let (message, code) = failure(to.command(&["restore", text(&path)]));
        assert!(code != Some(0) && message.contains(words), "{name}: {message}");
        assert!(!to.path("data").exists(), "{name}: nothing was made");
    };
    refused("cut-off", &whole[..whole.len() / 2], "damaged");
    let mut flipped = whole.clone();
    flipped[whole.len() / 2] ^= 1;
    refused("flipped", &flipped, "damaged");
    // Also where it is packed anew, so that only our own checksums can tell.
    let packed = |tar: &[u8]| zstd::encode_all(tar, 1).unwrap();
    let changed = |from: &str, to: &str| {
        let at = tar.windows(from.len()).position(|window| window == from.as_bytes()).unwrap();
        let mut changed = tar.clone();
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
        packed(&changed)
    };
    refused("changed", &changed("张", "李"), "damaged");
    refused("newer", &changed("\"format\": 1", "\"format\": 2"), "newer version");
    refused("other", b"PK and so on", "not a backup");
    assert_eq!(to.run(&["restore", "--verify", text(&archive)]).lines().count(), 1);
    assert!(!to.path("data").exists());

    let before = from.rows().await;
    let (message, code) = failure_after_output(from.command(&["restore", text(&archive)]));
    assert!(code == Some(2) && message.contains("has records"), "{message}");
    assert_eq!(from.rows().await, before, "the living database is as it was");
}

/// What a command that fails says, which has printed something before.
pub(crate) fn failure_after_output(command: Command) -> (String, Option<i32>) {
    let output = output(command);
    (String::from_utf8(output.stderr).unwrap(), output.status.code())
}

/// Kills a command as soon as this path is there.
async fn kill_when_there(mut child: Child, path: &Path) -> bool {
    eventually("it has begun, or is over", async || path.exists() || child.try_wait().unwrap().is_some())
        .await;
    let was_running = child.try_wait().unwrap().is_none();
    child.kill().unwrap();
    child.wait().unwrap();
    was_running
}

async fn is_killed_in_the_middle(from: Place, to: Place) {
    let (token, ..) = fill(&from).await;
    let instance = from.start();
    // Long enough to be killed in.
    let large: Vec<u8> =
        (0..8_000_000_u64).flat_map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_le_bytes()).collect();
    let url = instance.upload(&token, &large).await;
    instance.kill();

    let archive = from.path("backup.tar.zst");
    let child = from.command(&["backup", text(&archive)]).spawn().unwrap();
    let killed = kill_when_there(child, &from.path("backup.tar.zst.part")).await;
    assert_eq!(archive.exists(), !killed, "an archive that is not whole has no name");
    if killed {
        from.run(&["backup", text(&archive)]);
    }
    for _ in 0..3 {
        let child = to.command(&["restore", text(&archive)]).spawn().unwrap();
        if !kill_when_there(child, &to.path("data/files/incoming")).await {
            break;
        }
        let (_, code) = failure_after_output(to.command(&["audit", "verify"]));
        assert!(
            code == Some(2) || to.is_empty().await,
            "a killed restore leaves nothing that looks like a hospital"
        );
    }
    if !to.path("data/files").exists() || to.is_empty().await {
        to.run(&["restore", text(&archive)]);
    }
    let (before, after) = (from.rows().await, to.rows().await);
    assert_eq!(before, after);
    assert_eq!(to.start().file(&url).await, large);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_leaves_the_old_state_on_sqlite() {
    is_killed_in_the_middle(Place::sqlite(), Place::sqlite()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_leaves_the_old_state_on_mariadb() {
    is_killed_in_the_middle(Place::mariadb().await, Place::mariadb().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_backups_has_each_file_once() {
    let (from, to) = (Place::sqlite(), Place::sqlite());
    let (token, url, content) = fill(&from).await;
    let folder = from.path("backups");
    std::fs::create_dir(&folder).unwrap();
    let archives = || {
        let names = folder.read_dir().unwrap().map(|entry| entry.unwrap().path());
        let mut archives: Vec<_> =
            names.filter(|path| path.extension().is_some_and(|end| end == "zst")).collect();
        archives.sort();
        archives
    };
    from.run(&["backup", text(&folder)]);
    let [first] = &archives()[..] else { panic!("{:?}", archives()) };
    let size = first.metadata().unwrap().len();
    assert!(
        size < u64::try_from(content.len()).unwrap(),
        "the archive of {size} bytes does not have the file"
    );
    let instance = from.start();
    instance.upload(&token, b"another").await;
    assert!(instance.stop().success());
    eventually("the clock's second is another one", async || {
        from.run(&["backup", text(&folder), "--keep", "1,0,0"]);
        archives()[..] != [first.clone()]
    })
    .await;
    let [last] = &archives()[..] else { panic!("of one day the newest is kept: {:?}", archives()) };
    to.run(&["restore", text(last)]);
    assert_eq!(from.rows().await, to.rows().await);
    assert_eq!(to.start().file(&url).await, content);

    to.run(&["restore", "--verify", text(last)]);

    // One that is damaged is found, and loses no other.
    let cid = url.split('/').nth(4).unwrap();
    let beside = folder.join("files").join(&cid[cid.len() - 2..]).join(cid);
    let mut damaged = content.clone();
    damaged[content.len() / 2] ^= 1;
    std::fs::write(&beside, damaged).unwrap();
    let another = Place::sqlite();
    let (message, code) = failure_after_output(another.command(&["restore", "--verify", text(last)]));
    assert!(code == Some(1) && message.contains("1 files are missing or damaged"), "{message}");
    assert!(message.contains(cid), "{message}");
    let (message, code) = failure_after_output(another.command(&["restore", text(last)]));
    assert!(
        code == Some(1) && message.contains(cid) && message.contains("everything was restored except"),
        "{message}"
    );
    assert_eq!(from.rows().await, another.rows().await);

    // The next backup copies it again once it is gone.
    std::fs::remove_file(&beside).unwrap();
    from.run(&["backup", text(&folder)]);
    to.run(&["restore", "--verify", text(archives().last().unwrap())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_lost_is_named_and_the_rest_is_kept() {
    let (from, to) = (Place::sqlite(), Place::sqlite());
    let (_, url, _) = fill(&from).await;
    let cid = url.split('/').nth(4).unwrap();
    std::fs::remove_file(from.path("data/files").join(&cid[cid.len() - 2..]).join(cid)).unwrap();
    let archive = from.path("backup.tar.zst");
    let (message, code) = failure_after_output(from.command(&["backup", text(&archive)]));
    assert!(
        code == Some(1) && message.contains(cid) && message.contains("1 files were missing"),
        "{message}"
    );
    to.run(&["restore", text(&archive)]);
    assert_eq!(from.rows().await, to.rows().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_through_a_pipe() {
    let (from, to) = (Place::sqlite(), Place::sqlite());
    fill(&from).await;
    let piped = output(from.command(&["backup", "-"]));
    assert!(piped.status.success());
    let archive = to.path("piped.tar.zst");
    std::fs::write(&archive, piped.stdout).unwrap();
    to.run(&["restore", text(&archive)]);
    assert_eq!(from.rows().await, to.rows().await);
    let answer =
        to.start().post("/api/user/adminLogin", &json!({"username": "admin", "password": "admin"})).await;
    assert_ne!(answer["data"][0], Value::Null);
}
