//! A stop by signal: running requests finish, new ones are refused, and clients that fall silent delay nothing.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use yilin_testkit::{eventually, form};

use crate::instance::{Instance, yilin};

/// When something hangs rather than is slow.
const LONG: Duration = Duration::from_secs(180);

fn send(instance: &Instance, request: &str) -> TcpStream {
    let mut connection = TcpStream::connect(instance.address()).unwrap();
    connection.set_read_timeout(Some(LONG)).unwrap();
    connection.write_all(request.as_bytes()).unwrap();
    connection
}

/// A status line and headers.
fn head(connection: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        connection.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// An upload whose handler is waiting for this many bytes: it has asked for them.
fn uploading(instance: &Instance, token: &str, bytes: usize) -> TcpStream {
    let mut connection = send(
        instance,
        &format!(
            "POST /api/upload HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\nExpect: 100-continue\r\n\
             Content-Type: {}\r\nContent-Length: {bytes}\r\n\r\n",
            form::CONTENT_TYPE
        ),
    );
    assert!(head(&mut connection).starts_with("HTTP/1.1 100"));
    connection
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_clients_do_not_delay_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = yilin(folder.path(), &[]);
    command.stderr(File::create(folder.path().join("log")).unwrap());
    let instance = Instance::of(command);
    let token = instance.log_in("admin").await;
    let large = instance.upload(&token, &vec![7; 64 << 20]).await;

    let mut silent = uploading(&instance, &token, 1 << 20);
    silent.write_all(form::HEAD.as_bytes()).unwrap();
    let mut dripping = uploading(&instance, &token, 1 << 20);
    let mut drips = dripping.try_clone().unwrap();
    let drip = std::thread::spawn(move || {
        while drips.write_all(b"-").is_ok() {
            std::thread::park_timeout(Duration::from_millis(50));
        }
    });
    let path = &large[large.find("/ipfs/").unwrap()..];
    let unread = send(&instance, &format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"));
    assert_eq!(unread.peek(&mut [0]).unwrap(), 1, "it is being sent");

    instance.ask_to_stop();
    for given_up in [&mut silent, &mut dripping] {
        assert!(head(given_up).starts_with("HTTP/1.1 408"));
    }
    assert!(instance.wait().success());
    drip.join().unwrap();
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(!log.contains("did not finish in time"), "nothing had to be cut off: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_request_finishes_while_new_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let mut idle = send(&instance, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert!(head(&mut idle).starts_with("HTTP/1.1 200"));
    let body = form::with_file(&vec![7; 8 << 20]);
    let mut upload = uploading(&instance, &token, body.len());

    instance.ask_to_stop();
    let mut pieces = body.chunks(1024);
    eventually("new connections are refused", async || {
        // It makes progress meanwhile.
        upload.write_all(pieces.next().unwrap()).unwrap();
        TcpStream::connect(instance.address()).is_err()
    })
    .await;
    let _rest_of_the_answer = idle.read_to_end(&mut Vec::new());
    for piece in pieces {
        upload.write_all(piece).unwrap();
    }
    assert!(head(&mut upload).starts_with("HTTP/1.1 200"));
    assert!(instance.wait().success());
}
