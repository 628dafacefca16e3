//! Clients that disconnect in the middle of a request. A dropped query leaves its response in the database
//! connection, where no other request may ever read it.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use yilin_domain::port::Random as _;
use yilin_testkit::eventually;
use yilin_testkit::fakes::FakeRandom;

use crate::arrange::{Case, Person};
use crate::world::{Backend, run};

/// Number of requests that are answered while others are aborted, and of those aborted for each of them: they leave work
/// behind, and on a busy machine nobody would be answered if they were never waited for.
const ANSWERED: usize = 100;
const CUT_OFF: usize = 60;

/// After this time the service hangs rather than being slow.
const DEADLINE: Duration = Duration::from_secs(600);

#[test]
fn a_dropped_request_never_shows_its_rows_to_another_on_mariadb() {
    run(Backend::MariaDb, async |world| {
        let people = world.patients(8).await;
        for person in &people {
            person
                .client
                .post("/api/inquiry/createInquiryRecord", crate::arrange::inquiry_body())
                .await
                .expect(200);
        }
        let address: SocketAddr = world.base.strip_prefix("http://").unwrap().parse().unwrap();
        let requests: Vec<String> = people
            .iter()
            .flat_map(|person| {
                let token = person.account["token"].as_str().unwrap();
                ["/api/user/queryUserMessage", "/api/inquiry/queryPatientInquiryRecord?page=1"].map(|path| {
                    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\r\n")
                })
            })
            .collect();
        let (done, checked, since) = (AtomicBool::new(false), AtomicUsize::new(0), Instant::now());
        let cut = AtomicUsize::new(0);
        let next = || {
            let (cut_off, answered) = (cut.load(Ordering::Relaxed), checked.load(Ordering::Relaxed));
            let is_enough = answered >= ANSWERED && cut_off >= CUT_OFF * ANSWERED;
            if is_enough || since.elapsed() > DEADLINE {
                Next::Stop
            } else if cut_off >= CUT_OFF * ANSWERED.min(answered + 1) {
                Next::Wait
            } else {
                cut.fetch_add(1, Ordering::Relaxed);
                Next::Go
            }
        };
        std::thread::scope(|scope| {
            let cutters: Vec<_> = (0..4)
                .map(|seed| {
                    let (requests, next) = (&requests, &next);
                    scope.spawn(move || cut_off(address, requests, seed, next))
                })
                .collect();
            let runtime = tokio::runtime::Handle::current();
            for person in &people {
                let (runtime, done, checked) = (runtime.clone(), &done, &checked);
                scope.spawn(move || {
                    while !done.load(Ordering::Relaxed) {
                        let saw = runtime.block_on(looks(person));
                        checked.fetch_add(usize::from(saw), Ordering::Relaxed);
                    }
                });
            }
            for cutter in cutters {
                cutter.join().unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
        assert!(checked.load(Ordering::Relaxed) >= ANSWERED, "only {checked:?} requests were answered");
        // No database connection was lost permanently.
        for person in &people {
            eventually("all accounts are served again", async || looks(person).await).await;
        }
    });
}

#[test]
fn a_stalled_body_times_out() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let hasty =
            world.beside(|options| options.connections.pace.patience = Duration::from_millis(300)).await;
        let token = case.patient.token();
        let form = "Content-Type: multipart/form-data; boundary=b\r\n";
        for (path, headers, body) in [
            ("/api/inquiry/createInquiryRecord", "", "{"),
            ("/api/v1/chat/completions", "", "{"),
            ("/api/upload", form, "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nhalf a file"),
        ] {
            let mut connection = TcpStream::connect(hasty.base.strip_prefix("http://").unwrap()).unwrap();
            let request = format!(
                "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {token}\r\nContent-Length: 5000\r\n{headers}\r\n{body}"
            );
            connection.write_all(request.as_bytes()).unwrap();
            connection.set_read_timeout(Some(DEADLINE)).unwrap();
            let mut answer = [0; 16];
            connection.read_exact(&mut answer).unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 408"), "{path}: {}", String::from_utf8_lossy(&answer));
        }
        let all = case.admin.client.get("/api/inquiry/queryAllInquiryRecord").await.payload();
        assert_eq!(all["total"], 0);
        hasty.stop().await;
    });
}

/// Whether the account only sees its own data; `false` while the database is overloaded.
async fn looks(person: &Person<'_>) -> bool {
    let own = person.client.get("/api/user/queryUserMessage").await;
    let list = person.client.get("/api/inquiry/queryPatientInquiryRecord?page=1").await;
    if [&own, &list].iter().any(|answer| answer.error() == "service.overloaded") {
        return false;
    }
    let (own, list) = (own.payload(), list.payload());
    assert_eq!(own["uuid"], person.account["uuid"], "another's account");
    assert_eq!(list["total"], 1);
    assert_eq!(list["list"][0]["patient"]["uuid"], person.account["uuid"], "another's inquiry");
    true
}

/// What somebody who aborts requests does next.
enum Next {
    Go,
    Wait,
    Stop,
}

/// Sends requests and resets each connection a moment later: immediately, or while it is being answered.
fn cut_off(address: SocketAddr, requests: &[String], seed: u64, next: impl Fn() -> Next) {
    let random = FakeRandom::new(seed + 1);
    loop {
        match next() {
            Next::Go => {}
            Next::Wait => {
                std::thread::park_timeout(Duration::from_millis(1));
                continue;
            }
            Next::Stop => break,
        }
        let mut choice = [0; 2];
        random.fill(&mut choice);
        let mut connection = TcpStream::connect(address).unwrap();
        connection.write_all(requests[usize::from(choice[0]) % requests.len()].as_bytes()).unwrap();
        std::thread::park_timeout(Duration::from_micros(u64::from(choice[1]) * 12));
        // With no linger time, closing sends a reset, which drops the handler's future.
        socket2::SockRef::from(&connection).set_linger(Some(Duration::ZERO)).unwrap();
    }
}
