//! Files too large for memory, and interrupted uploads.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::Stdio;

use yilin_testkit::eventually;
use yilin_testkit::form::{CONTENT_TYPE, HEAD, TAIL};
use yilin_testkit::mariadb::Server;

use crate::instance::{Instance, yilin};

/// In CI; `just bench` uses a gigabyte.
const LARGE: usize = 64 << 20;

/// Maximum growth of the service's memory during the transfer of a large file, and memory of a backup, in KiB.
const MEMORY_KIB: u64 = 32 << 10;

/// Begins an upload of this many bytes.
fn begin_upload(instance: &Instance, token: &str, size: usize) -> TcpStream {
    let mut connection = TcpStream::connect(instance.address()).unwrap();
    let length = HEAD.len() + size + TAIL.len();
    let head = format!(
        "POST /api/upload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {token}\r\n\
         Content-Type: {CONTENT_TYPE}\r\nContent-Length: {length}\r\n\r\n{HEAD}"
    );
    connection.write_all(head.as_bytes()).unwrap();
    connection
}

fn files_below(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    let count = |path: std::path::PathBuf| if path.is_dir() { files_below(&path) } else { 1 };
    entries.map(|entry| count(entry.unwrap().path())).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_does_not_grow_with_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    instance.upload(&token, &vec![1; 1 << 20]).await;
    let before = instance.memory_kib("VmRSS:");

    let mut connection = begin_upload(&instance, &token, LARGE);
    let piece: Vec<u8> = (0..1 << 20).map(|i: u32| i.to_le_bytes()[1]).collect();
    for _ in 0..LARGE / piece.len() {
        connection.write_all(&piece).unwrap();
    }
    connection.write_all(TAIL.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    let url = &answer[answer.find("/ipfs/").unwrap()..answer.rfind('"').unwrap()];
    let grown = instance.memory_kib("VmHWM:") - before;
    assert!(grown < MEMORY_KIB, "the upload took {grown} KiB");

    // A slow reader: unread data must not accumulate in memory.
    let mut connection = TcpStream::connect(instance.address()).unwrap();
    connection
        .write_all(format!("GET {url} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())
        .unwrap();
    connection.read_exact(&mut [0; 100]).unwrap();
    instance.get("/readyz", "").await;
    let received = std::io::copy(&mut connection, &mut std::io::sink()).unwrap();
    assert!(received > LARGE as u64, "{received} bytes came");
    let grown = instance.memory_kib("VmHWM:") - before;
    assert!(grown < MEMORY_KIB, "upload and download took {grown} KiB");
}

/// A process's memory without the pages of the program's file, which are many in a development build, in KiB; `None` if
/// the process has ended.
fn own_memory_kib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let own = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    own.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_of_a_backup_does_not_grow_with_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let noise = (0..2 * LARGE as u64 / 8).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes());
    instance.upload(&token, &noise.collect::<Vec<u8>>()).await;

    let mut backup = yilin(folder.path(), &[]);
    let mut backup = backup.args(["backup", "-"]).stdout(Stdio::piped()).spawn().unwrap();
    let (mut archive, mut piece) = (backup.stdout.take().unwrap(), vec![0; 64 << 10]);
    let (mut received, mut peak) = (0, 0);
    loop {
        match archive.read(&mut piece).unwrap() {
            0 => break,
            read => received += read,
        }
        peak = own_memory_kib(backup.id()).unwrap_or_default().max(peak);
    }
    assert!(backup.wait().unwrap().success());
    assert!(received > LARGE && peak > 0, "{received} bytes, {peak} KiB");
    assert!(peak < MEMORY_KIB, "the backup took {peak} KiB");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upload_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let files = folder.path().join("data/files");
    for how in ["half-closed", "closed", "reset"] {
        let mut connection = begin_upload(&instance, &token, 1 << 20);
        connection.write_all(&vec![7; 300_000]).unwrap();
        eventually("the upload has begun", async || files_below(&files) == 1).await;
        match how {
            "half-closed" => {
                connection.shutdown(Shutdown::Write).unwrap();
                let mut answer = String::new();
                connection.read_to_string(&mut answer).unwrap();
                assert!(!answer.contains("/ipfs/"), "{answer}");
            }
            "closed" => drop(connection),
            _ => {
                socket2::SockRef::from(&connection).set_linger(Some(std::time::Duration::ZERO)).unwrap();
                drop(connection);
            }
        }
        eventually("nothing is left", async || files_below(&files) == 0).await;
    }
    instance.upload(&token, b"whole").await;
    assert_eq!(files_below(&files), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_process_left_is_removed_at_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let files = folder.path().join("data/files");
    let mut connection = begin_upload(&instance, &token, 1 << 20);
    connection.write_all(&vec![7; 300_000]).unwrap();
    eventually("the upload has begun", async || files_below(&files) == 1).await;
    instance.kill();
    assert_eq!(files_below(&files), 1);
    let _instance = Instance::start(folder.path(), &[]);
    assert_eq!(files_below(&files), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_survives_the_start_of_another_instance_on_mariadb() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Server::shared().await.database().await);
    let settings = [("YILIN_DATABASE_URL", database.as_str())];
    let instance = Instance::start(folder.path(), &settings);
    let token = instance.log_in("admin").await;
    let files = folder.path().join("data/files");
    let mut connection = begin_upload(&instance, &token, 400_000);
    connection.write_all(&vec![7; 300_000]).unwrap();
    eventually("the upload has begun", async || files_below(&files) == 1).await;
    let other = Instance::start(folder.path(), &settings);
    connection.write_all(&vec![7; 100_000]).unwrap();
    connection.write_all(TAIL.as_bytes()).unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("/ipfs/"), "{answer}");
    let path = &answer[answer.find("/ipfs/").unwrap()..answer.rfind('"').unwrap()];
    let read = other.get(path, "").await;
    assert_eq!((read.status().as_u16(), read.bytes().await.unwrap().len()), (200, 400_000));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_a_known_size_is_cut_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[("YILIN_MAX_UPLOAD", "1 MiB")]);
    let token = instance.log_in("admin").await;
    let mut connection = TcpStream::connect(instance.address()).unwrap();
    let head = format!(
        "POST /api/upload HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {token}\r\n\
         Content-Type: {CONTENT_TYPE}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).unwrap();
    let mut reading = connection.try_clone().unwrap();
    let answer = tokio::task::spawn_blocking(move || {
        let mut answer = [0; 12];
        reading.read_exact(&mut answer).unwrap();
        String::from_utf8(answer.to_vec()).unwrap()
    });
    let chunk = |bytes: &[u8]| [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat();
    connection.write_all(&chunk(HEAD.as_bytes())).unwrap();
    // The request has no declared length, so the limit must be detected while reading. The service may close
    // the connection after its response.
    for _ in 0..64 {
        if connection.write_all(&chunk(&vec![7; 64 << 10])).is_err() {
            break;
        }
    }
    assert_eq!(answer.await.unwrap(), "HTTP/1.1 413");
    eventually("nothing is left", async || files_below(&folder.path().join("data/files")) == 0).await;
}
