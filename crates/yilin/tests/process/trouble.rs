//! Failures around the service: a silent database, a disk that is full or read-only, and clients that stall.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Client;
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;

use crate::instance::{Instance, failure, yilin};

/// After this time something hangs rather than being slow.
const LONG: Duration = Duration::from_secs(180);

/// A proxy to a server that can fall silent without closing connections, like a network.
struct Relay {
    port: u16,
    silent: Arc<AtomicBool>,
}

impl Relay {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (port, silent) = (listener.local_addr().unwrap().port(), Arc::<AtomicBool>::default());
        let is_silent = silent.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let Ok(far) = tokio::net::TcpStream::connect(&server).await else { continue };
                let ((near_out, near_in), (far_out, far_in)) = (near.into_split(), far.into_split());
                tokio::spawn(pass_on(near_out, far_in, is_silent.clone()));
                tokio::spawn(pass_on(far_out, near_in, is_silent.clone()));
            }
        });
        Self { port, silent }
    }

    fn set_silent(&self, silent: bool) {
        self.silent.store(silent, Ordering::Relaxed);
    }
}

async fn pass_on(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    silent: Arc<AtomicBool>,
) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        while silent.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_mariadb_is_a_503_for_everybody() {
    let url = Server::shared().await.database().await;
    let (account, rest) = url.split_once('@').unwrap();
    let (server, name) = rest.split_once('/').unwrap();
    let relay = Relay::to(server.to_owned()).await;
    let through = format!("{account}@127.0.0.1:{}/{name}", relay.port);
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[("YILIN_DATABASE_URL", &through), ("YILIN_LOG", "off")]);
    let token = instance.log_in("admin").await;
    relay.set_silent(true);
    // More concurrent requests than may wait for a connection.
    let answers = join_all((0..700).map(|_| async {
        let answer = instance.get("/api/user/queryUserMessage", &token).await;
        (answer.status().as_u16(), answer.headers().contains_key("retry-after"))
    }));
    let answers = tokio::time::timeout(LONG, answers).await.expect("none hangs");
    assert!(answers.iter().all(|(status, waits)| *status == 503 && *waits));
    assert_eq!(instance.get("/healthz", "").await.status(), 200, "the process itself is alive");

    relay.set_silent(false);
    eventually("it works again", async || instance.get("/readyz", "").await.status() == 200).await;
    assert_eq!(instance.payload("/api/user/queryUserMessage", &token).await["username"], "admin");
}

/// The service with a limit on file size: writes beyond it fail, as on a full disk. The signal for it is
/// ignored; it would kill the process.
fn with_small_files(command: &Command, kibibytes: u32) -> Command {
    let mut limited = Command::new("bash");
    limited.args(["-c", &format!("trap '' XFSZ; ulimit -f {kibibytes}; exec \"$0\" \"$@\"")]);
    wrapped(limited, command)
}

/// The service without root's privilege to bypass file permissions.
fn without_privileges(command: &Command) -> Command {
    let mut plain = Command::new("setpriv");
    plain.args(["--bounding-set=-all", "--inh-caps=-all"]);
    wrapped(plain, command)
}

fn wrapped(mut outer: Command, inner: &Command) -> Command {
    outer.arg(inner.get_program()).args(inner.get_args()).env_clear();
    outer.envs(inner.get_envs().filter_map(|(name, value)| value.map(|value| (name, value))));
    outer.env("PATH", std::env::var_os("PATH").unwrap()).current_dir(inner.get_current_dir().unwrap());
    outer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_reported_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let kept = instance.upload(&token, b"kept").await;
    instance.kill();

    let mut command = with_small_files(&yilin(folder.path(), &[("YILIN_LOG", "warn")]), 1024);
    command.stderr(File::create(folder.path().join("log")).unwrap());
    let instance = Instance::of(command);
    let large = vec![7; 2 << 20];
    let refused = instance.try_upload(&token, &large).await;
    assert!(refused.status().is_server_error(), "{refused:?}");
    let mut made = 1;
    // Until the database's log cannot grow any more.
    loop {
        let answer = instance.get("/api/mock/generatePatientAccount?number=200", &token).await;
        match answer.status().as_u16() {
            200 => made += 200,
            status => {
                let told = answer.text().await.unwrap();
                let unavailable = "\"error\":\"service.database_unavailable\"";
                assert!(status == 503 && told.contains(unavailable), "{status} {told}");
                break;
            }
        }
        assert!(made < 100_000, "the disk never got full");
    }
    assert_eq!(instance.file(&kept).await, b"kept", "existing files can still be read");
    assert_eq!(instance.get("/readyz", "").await.status(), 503);
    assert_eq!(instance.get("/healthz", "").await.status(), 200);
    let credentials = json!({"username": "admin", "password": "admin"});
    let log_in = instance.post("/api/user/adminLogin", &credentials).await;
    assert!(log_in["code"] == 200 || log_in["error"] == "service.database_unavailable", "{log_in}");
    instance.kill();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    // The file size limit stands in for a full disk; SQLite distinguishes the two.
    assert!(log.contains("disk I/O error") || log.contains("database or disk is full"), "{log}");
    assert!(!log.contains("no transaction is active"), "{log}");

    let instance = Instance::start(folder.path(), &[]);
    let patients = instance.payload("/api/user/queryPatientInformation?page=1", &token).await;
    assert_eq!(patients["total"], made - 1, "all that was acknowledged, and nothing of what was refused");
    assert_eq!(instance.file(&kept).await, b"kept");
    let again = instance.upload(&token, &large).await;
    assert_eq!(instance.file(&again).await, large);
}

#[test]
fn a_read_only_data_folder_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let set = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    set(folder.path(), 0o555);
    let (message, code) = failure(without_privileges(&yilin(folder.path(), &[])));
    assert!(code == Some(1) && message.contains("data") && message.contains("denied"), "{message}");

    set(folder.path(), 0o755);
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    set(&data, 0o555);
    let (message, code) = failure(without_privileges(&yilin(folder.path(), &[])));
    assert!(code == Some(1) && message.contains("YILIN_"), "{message}");
    set(&data, 0o755);
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_idle_connections_do_not_block_others() {
    let room = rlimit::increase_nofile_limit(8192).unwrap();
    let folder = tempfile::tempdir().unwrap();
    // The default limit of most systems for a process that does not raise it.
    let mut command = Command::new("bash");
    command.args(["-c", "ulimit -Sn 256; exec \"$0\" \"$@\""]);
    let instance = Instance::of(wrapped(command, &yilin(folder.path(), &[("YILIN_LOG", "off")])));
    let token = instance.log_in("admin").await;
    let idle: Vec<_> = (0..(room / 2).min(2500)).map(|_| begin(instance.address(), "")).collect();
    assert!(idle.len() > 256, "the limit on open files is too low for this test");
    eventually("the limit was raised", async || instance.open_files() > 256).await;
    let uploaded = instance.upload(&token, b"a file needs one, too").await;
    assert_eq!(instance.file(&uploaded).await, b"a file needs one, too");
    let made = instance.payload("/api/mock/generatePatientAccount?number=3", &token).await;
    assert_eq!(made["created"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_downloads_and_few_files_stop_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("bash");
    command.args(["-c", "ulimit -n 256; exec \"$0\" \"$@\""]);
    let instance = Instance::of(wrapped(command, &yilin(folder.path(), &[("YILIN_LOG", "off")])));
    let token = instance.log_in("admin").await;
    let url = instance.upload(&token, &vec![7; 16 << 20]).await;
    let path = url.split_once("/ipfs/").unwrap().1;
    let request = format!("GET /ipfs/{path} HTTP/1.1\r\nHost: {}\r\n\r\n", instance.address());
    let unread: Vec<_> = (0..125).map(|_| begin(instance.address(), &request)).collect();
    eventually("each of them is being sent or rejected", async || {
        let begun = unread.iter().filter(|connection| {
            connection.set_nonblocking(true).unwrap();
            connection.peek(&mut [0]).is_ok()
        });
        begun.count() == unread.len()
    })
    .await;
    assert_eq!(instance.payload("/api/user/queryUserMessage", &token).await["username"], "admin");
    let uploaded = instance.upload(&token, b"a file needs one, too").await;
    assert_eq!(instance.file(&uploaded).await, b"a file needs one, too");
}

/// Opens a connection and sends the beginning of a request.
fn begin(address: &str, text: &str) -> TcpStream {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.write_all(text.as_bytes()).unwrap();
    connection
}

#[tokio::test(flavor = "multi_thread")]
async fn stalling_clients_do_not_block_others() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[("YILIN_LOG", "off")]);
    let token = instance.log_in("admin").await;
    let address = instance.address();
    let idle: Vec<_> = (0..400).map(|_| begin(address, "")).collect();
    let headers: Vec<_> = (0..100)
        .map(|_| begin(address, "GET /api/user/verifyToken HTTP/1.1\r\nHost: localhost\r\nX-A"))
        .collect();
    let later_headers: Vec<_> = (0..10)
        .map(|_| {
            let mut connection = begin(address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            connection.set_read_timeout(Some(LONG)).unwrap();
            let mut answer = [0; 12];
            connection.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"HTTP/1.1 200");
            connection.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A").unwrap();
            connection
        })
        .collect();
    let body = format!(
        "POST /api/inquiry/createInquiryRecord HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\nContent-Length: 500\r\n\r\n{{"
    );
    let bodies: Vec<_> = (0..100).map(|_| begin(address, &body)).collect();
    // They make progress, but never finish while the others are served.
    let dripping = tokio::spawn(async move {
        loop {
            for mut body in &bodies {
                let _gone = body.write_all(b" ");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let others = async {
        for _ in 0..50 {
            // A new client for each, so that each needs a connection.
            let url = format!("http://{address}/api/user/verifyToken");
            let answer = Client::new().get(url).header("authorization", &token).send().await.unwrap();
            assert_eq!(answer.status(), 200);
        }
    };
    tokio::time::timeout(LONG, others).await.expect("others are answered meanwhile");
    dripping.abort();
    drop(idle);
    // Clients that never finish their headers are disconnected.
    for mut connection in headers {
        connection.set_read_timeout(Some(LONG)).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    // Nor those of a later request, of which nothing is answered.
    for mut connection in later_headers {
        let mut rest = Vec::new();
        let ended = connection.read_to_end(&mut rest);
        assert!(ended.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset));
        let rest = String::from_utf8(rest).unwrap();
        assert!(!rest.contains("HTTP/1.1"), "{rest}");
    }
    let inquiries = instance.payload("/api/inquiry/queryAllInquiryRecord", &token).await;
    assert_eq!(inquiries["total"], json!(0));
}
