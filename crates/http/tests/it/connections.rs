//! How long clients may keep the service waiting, over plain sockets: slow heads and bodies, unread answers, and requests that
//! wait to be asked for their body.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use chrono::TimeDelta;
use serde_json::{Value, json};
use yilin_testkit::fakes::Mood;
use yilin_testkit::{eventually, form};
use yilin_web::HttpOptions;

use crate::arrange::{Case, Person, inquiry_body};
use crate::on_every_backend;
use crate::world::{Backend, World, run, run_adjusted};

const CHAT: &str = "/api/v1/chat/completions";

/// When something hangs rather than is slow.
const LONG: Duration = Duration::from_secs(180);

fn connect(world: &World) -> TcpStream {
    let connection = TcpStream::connect(world.base.strip_prefix("http://").unwrap()).unwrap();
    connection.set_read_timeout(Some(LONG)).unwrap();
    connection
}

/// A new connection on which this was sent.
fn send(world: &World, request: &str) -> TcpStream {
    let mut connection = connect(world);
    connection.write_all(request.as_bytes()).unwrap();
    connection
}

/// All that comes until the connection ends, however it ends.
fn rest(connection: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    if let Err(error) = connection.read_to_end(&mut bytes) {
        assert_ne!(error.kind(), ErrorKind::WouldBlock, "it hangs after {}", String::from_utf8_lossy(&bytes));
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// An answer's status line and headers.
fn head(connection: &mut TcpStream) -> String {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        connection.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap().to_ascii_lowercase()
}

/// A whole answer: its status line and headers, and as much of its body as they announce.
fn answer(connection: &mut TcpStream) -> (String, String) {
    let head = head(connection);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    connection.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}

/// Whether the other side has reset the connection.
fn is_reset(connection: &TcpStream) -> bool {
    connection.take_error().unwrap().is_some()
}

fn hasty(options: &mut HttpOptions) {
    options.connections.pace.patience = Duration::from_millis(400);
    // So that no pause of a busy machine makes up for what is late.
    options.connections.pace.bytes_per_second = u32::MAX;
}

#[test]
fn a_body_that_comes_too_slowly_is_given_up() {
    run_adjusted(Backend::Fakes, hasty, async |world| {
        let address = world.base.strip_prefix("http://").unwrap();
        for (headers, body) in [
            ("Content-Length: 8000", "{".to_owned() + &" ".repeat(7000)),
            ("Transfer-Encoding: chunked", format!("1b58\r\n{{{}\r\n400\r\n", " ".repeat(6999))),
        ] {
            let request =
                format!("POST /api/user/login HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n\r\n{body}");
            let mut connection = send(world, &request);
            let mut dripping = connection.try_clone().unwrap();
            let drip = std::thread::spawn(move || {
                while dripping.write_all(b" ").is_ok() {
                    std::thread::park_timeout(Duration::from_millis(20));
                }
            });
            assert!(rest(&mut connection).starts_with("HTTP/1.1 408"));
            drop(connection);
            drip.join().unwrap();
        }
    });
}

/// A request with this many bytes of padding in its head, without its end.
fn beginning(world: &World, padding: usize) -> String {
    let address = world.base.strip_prefix("http://").unwrap();
    format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nX-Padding: {}", "a".repeat(padding))
}

/// A connection on which this many requests have been answered.
fn used(world: &World, requests: usize) -> TcpStream {
    let mut connection = connect(world);
    for _ in 0..requests {
        connection.write_all(format!("{}\r\n\r\n", beginning(world, 10)).as_bytes()).unwrap();
        assert!(answer(&mut connection).0.starts_with("http/1.1 200"));
    }
    connection
}

const HEAD_PATIENCE: Duration = Duration::from_millis(400);

fn no_patience_for_heads(options: &mut HttpOptions) {
    options.connections.head_patience = HEAD_PATIENCE;
}

#[test]
fn a_head_that_does_not_end_ends_its_connection() {
    run_adjusted(Backend::Fakes, no_patience_for_heads, async |world| {
        for requests in [0, 1, 2] {
            let mut connection = used(world, requests);
            connection.write_all(beginning(world, 10_000).as_bytes()).unwrap();
            let mut dripping = connection.try_clone().unwrap();
            let drip = std::thread::spawn(move || {
                while dripping.write_all(b"a").is_ok() {
                    std::thread::park_timeout(Duration::from_millis(20));
                }
            });
            assert_eq!(rest(&mut connection), "");
            drop(connection);
            drip.join().unwrap();
        }
        // Pauses between requests are none in a head.
        let mut connection = used(world, 2);
        for _ in 0..2 {
            std::thread::park_timeout(HEAD_PATIENCE + HEAD_PATIENCE / 2);
            connection.write_all(format!("{}\r\n\r\n", beginning(world, 10)).as_bytes()).unwrap();
            assert!(answer(&mut connection).0.starts_with("http/1.1 200"));
        }
    });
}

#[test]
fn a_head_that_is_too_long_ends_its_connection() {
    run(Backend::Fakes, async |world| {
        for requests in [0, 1] {
            let mut connection = used(world, requests);
            // It may be closed before all of this is sent, and then the answer may be lost.
            let _sent = connection.write_all(beginning(world, 256 << 10).as_bytes());
            let answer = rest(&mut connection);
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431 "), "{answer}");
        }
        let mut connection = used(world, 1);
        connection.write_all(format!("{}\r\n\r\n", beginning(world, 100 << 10)).as_bytes()).unwrap();
        assert!(answer(&mut connection).0.starts_with("http/1.1 200"));
    });
}

/// Heads of 100 KiB: more than there is memory for, and fewer than if each of two threads had as much.
const TOO_MANY_LONG_HEADS: usize = 300;

#[test]
fn long_heads_share_what_memory_there_is_for_them() {
    run(Backend::Fakes, async |world| {
        // Nothing is answered, and that it was reset is said only once.
        let is_closed = |connection: &TcpStream| {
            !connection.peek(&mut [0]).is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
        };
        let mut held: Vec<TcpStream> = Vec::new();
        while held.len() < TOO_MANY_LONG_HEADS && !held.iter().any(is_closed) {
            // The time for a second head is the configured one.
            let mut connection = used(world, 1);
            let _sent = connection.write_all(beginning(world, 100 << 10).as_bytes());
            connection.set_nonblocking(true).unwrap();
            held.push(connection);
        }
        assert!(held.len() > 100, "{} were too many", held.len());
        eventually("one of them is closed", async || held.iter().any(is_closed)).await;
        drop(held);
        eventually("there is room again", async || {
            let mut connection = used(world, 1);
            let request = format!("{}\r\nConnection: close\r\n\r\n", beginning(world, 100 << 10));
            let _sent = connection.write_all(request.as_bytes());
            rest(&mut connection).starts_with("HTTP/1.1 200")
        })
        .await;
    });
}

/// All of them together are more than there is memory for.
#[test]
fn long_heads_that_were_read_leave_room_for_others() {
    run(Backend::Fakes, async |world| {
        let mut connection = connect(world);
        let request = format!("{}\r\n\r\n", beginning(world, 100 << 10));
        for _ in 0..TOO_MANY_LONG_HEADS {
            connection.write_all(request.as_bytes()).unwrap();
            assert!(answer(&mut connection).0.starts_with("http/1.1 200"));
        }
    });
}

/// Together they are more than is read ahead.
#[test]
fn requests_that_do_not_wait_for_answers_are_answered_in_order() {
    run(Backend::Fakes, async |world| {
        let mut connection = connect(world);
        let request = format!("{}\r\n\r\n", beginning(world, 30 << 10));
        connection.write_all(request.repeat(10).as_bytes()).unwrap();
        for _ in 0..10 {
            assert!(answer(&mut connection).0.starts_with("http/1.1 200"));
        }
    });
}

/// The beginning of a request whose body never ends, with so much of it.
fn unfinished(world: &World, person: &Person<'_>, bytes: usize) -> String {
    format!(
        "POST /api/inquiry/createInquiryRecord HTTP/1.1\r\nHost: {}\r\nAuthorization: {}\r\nContent-Length: 1000000\r\n\r\n{{{}",
        world.base.strip_prefix("http://").unwrap(),
        person.token(),
        " ".repeat(bytes)
    )
}

fn little_memory(options: &mut HttpOptions) {
    options.connections.body_memory = 1 << 20;
    // On a busy machine the held ones must not be given up before the others are looked at.
    options.connections.pace.patience = LONG;
}

#[test]
fn bodies_share_what_memory_there_is_for_them() {
    run_adjusted(Backend::Fakes, little_memory, async |world| {
        let people = world.patients(6).await;
        let refused = |connection: &mut TcpStream| {
            let head = head(connection);
            assert!(head.starts_with("http/1.1 503") && head.contains("\r\nretry-after: 2\r\n"), "{head}");
        };
        // One account has a quarter of it.
        refused(&mut send(world, &unfinished(world, &people[0], 300_000)));
        // All together have it all; which of them are refused is open.
        let held: Vec<_> =
            people.iter().map(|person| send(world, &unfinished(world, person, 250_000))).collect();
        let mut refusals = Vec::new();
        eventually("the last of them are refused", async || {
            refusals = held
                .iter()
                .map(|connection| {
                    connection.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
                    connection.peek(&mut [0]).is_ok()
                })
                .collect();
            refusals.iter().filter(|refused| **refused).count() == 2
        })
        .await;
        // Small ones always fit.
        let log_in = json!({"username": "admin", "password": "admin"});
        world.anonymous().post("/api/user/adminLogin", log_in).await.expect(200);
        drop(held);
        eventually("what was held is given back", async || {
            let large = json!({"padding": " ".repeat(250_000)}).to_string();
            let request = people[0].client.request(reqwest::Method::POST, "/api/inquiry/createInquiryRecord");
            request.body(large).send().await.unwrap().status() == 422
        })
        .await;
        people[0].client.post("/api/inquiry/createInquiryRecord", inquiry_body()).await.expect(200);
    });
}

/// It is in memory as long as the model answers.
#[test]
fn a_body_that_was_read_counts_until_it_is_answered() {
    run_adjusted(Backend::Fakes, little_memory, async |world| {
        let person = world.patients(1).await.remove(0);
        let large = json!({"padding": " ".repeat(150_000)}).to_string();
        let is_admitted = async || {
            let request = person.client.request(reqwest::Method::POST, "/api/inquiry/createInquiryRecord");
            request.body(large.clone()).send().await.unwrap().status() == 422
        };
        world.fakes.model.set_mood(Mood::Silent);
        let question = json!({"messages": [{"role": "user", "content": "头痛"}]}).to_string();
        let body = question + &" ".repeat(150_000);
        let address = world.base.strip_prefix("http://").unwrap();
        let asking = send(
            world,
            &format!(
                "POST {CHAT} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\nContent-Length: {}\r\n\r\n{body}",
                person.token(),
                body.len()
            ),
        );
        eventually("the model is asked", async || !world.fakes.model.requests().is_empty()).await;
        assert!(!is_admitted().await, "both are more than an account may have");
        drop(asking);
    });
}

/// A file is not read as a whole, but its upload holds something, too.
#[test]
fn uploads_share_the_memory_of_bodies() {
    run_adjusted(Backend::Fakes, little_memory, async |world| {
        let person = world.patients(1).await.remove(0);
        let address = world.base.strip_prefix("http://").unwrap();
        let upload = format!(
            "POST /api/upload HTTP/1.1\r\nHost: {address}\r\nAuthorization: {}\r\nContent-Type: multipart/form-data; \
             boundary=b\r\nContent-Length: 10000\r\n\r\n--b\r\n",
            person.token()
        );
        let held: Vec<TcpStream> = (0..3).map(|_| send(world, &upload)).collect();
        eventually("one of the three is refused", async || {
            let is_answered = |connection: &&TcpStream| {
                connection.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
                connection.peek(&mut [0]).is_ok()
            };
            held.iter().filter(is_answered).count() == 1
        })
        .await;
    });
}

/// Any stranger may send one, and no password is as long.
#[test]
fn a_log_in_that_is_too_long_is_wrong_and_takes_no_memory() {
    run_adjusted(Backend::Fakes, little_memory, async |world| {
        let person = world.patients(1).await.remove(0);
        let log_in = async |padding: usize| {
            let padding = " ".repeat(padding);
            let body = json!({"phone": person.phone(), "password": "123456", "padding": padding});
            world.anonymous().post("/api/user/login", body).await
        };
        log_in(7_000).await.expect(200);
        // The second one is more than all strangers together may have.
        for padding in [9_000, 900_000] {
            log_in(padding).await.expect_error(422, "session.wrong_credentials");
        }
    });
}

fn impatient(options: &mut HttpOptions) {
    options.connections.write_patience = Duration::from_millis(400);
    options.connections.long_answers = 2;
    options.max_upload = 32 << 20;
}

/// A request for a file that is too large to be sent unless it is read.
async fn download(world: &World, person: &Person<'_>) -> String {
    let request = person.client.request(reqwest::Method::POST, "/api/upload");
    let request =
        request.header("content-type", form::CONTENT_TYPE).body(form::with_file(&vec![7; 16 << 20]));
    let answer: Value = serde_json::from_str(&request.send().await.unwrap().text().await.unwrap()).unwrap();
    let path = answer["data"][0].as_str().unwrap().strip_prefix(&world.base).unwrap();
    format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", world.base.strip_prefix("http://").unwrap())
}

#[test]
fn downloads_that_are_not_read_are_closed_and_leave_room_for_others() {
    run_adjusted(Backend::Fakes, impatient, async |world| {
        let admin = world.admin().await;
        let request = download(world, &admin).await;
        let patient = world.beside(|options| {
            impatient(options);
            options.connections.write_patience = LONG;
        });
        let patient = patient.await;
        let unread: Vec<_> = (0..2).map(|_| send(&patient, &request)).collect();
        for connection in &unread {
            connection.peek(&mut [0]).unwrap();
        }
        let mut refused = send(&patient, &request);
        let head = head(&mut refused);
        assert!(head.starts_with("http/1.1 503") && head.contains("\r\nretry-after: "), "{head}");
        let small = patient.anonymous().get("/healthz").await;
        assert_eq!(small.status, 200, "what is short has room");
        drop(unread);
        eventually("there is room again", async || {
            let connection = send(&patient, &request);
            let mut status = [0; 12];
            (&connection).read_exact(&mut status).unwrap();
            status.ends_with(b"200")
        })
        .await;

        let unread = send(world, &request);
        eventually("it is closed", async || is_reset(&unread)).await;
        patient.stop().await;
    });
}

fn little_room(options: &mut HttpOptions) {
    options.connections.answer_memory = 6 << 20;
    options.max_upload = 32 << 20;
    options.connections.write_patience = LONG;
}

/// A page of a list is there as a whole until it is sent.
#[test]
fn unread_pages_of_one_account_leave_room_for_others() {
    run_adjusted(Backend::Fakes, little_room, async |world| {
        let people = world.patients(2).await;
        for person in &people {
            for number in 100..200 {
                let detail = format!("{number}{}", "头".repeat(3990));
                let body = json!({"type": "在家就医", "inquiry_detail": detail, "appointment_time": "2024-03-02 20:30"});
                person.client.post("/api/inquiry/createInquiryRecord", body).await.expect(200);
            }
        }
        let address = world.base.strip_prefix("http://").unwrap();
        let [request, others] = [0, 1].map(|number: usize| {
            let token = people[number].token();
            let path = "/api/inquiry/queryPatientInquiryRecord?page=1&size=1000";
            format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\n\r\n")
        });
        let status_of =
            |request: &str| answer(&mut send(world, request)).0.lines().next().unwrap().to_owned();
        let mut unread = send(world, &request);
        assert!(head(&mut unread).starts_with("http/1.1 200"));
        assert!(status_of(&request).contains("503"), "the second one has no room");
        assert!(status_of(&others).contains("200"), "another account's has");
        drop(unread);
        eventually("there is room again", async || status_of(&request).contains("200")).await;
    });
}

#[test]
fn a_download_ends_with_its_session() {
    run_adjusted(Backend::Fakes, little_room, async |world| {
        let admin = world.admin().await;
        let request = download(world, &admin).await;
        let token = request.split(' ').nth(1).unwrap().rsplit_once('/').unwrap().0.to_owned();
        let by_header = request.replacen(request.split(' ').nth(1).unwrap(), &token, 1);
        let by_header = by_header.replacen("\r\n", &format!("\r\nAuthorization: {}\r\n", admin.token()), 1);
        let mut connection = send(world, &by_header);
        assert!(head(&mut connection).starts_with("http/1.1 200"));
        admin.client.get("/api/user/logOut").await.expect(200);
        eventually("it is closed, although nobody reads it", async || is_reset(&connection)).await;
    });
}

/// A chat whose answer is streamed; what has come of it is not read.
fn chat(world: &World, token: &str) -> TcpStream {
    let body = json!({"stream": true, "messages": [{"role": "user", "content": "头痛"}]}).to_string();
    let address = world.base.strip_prefix("http://").unwrap();
    let length = body.len();
    send(
        world,
        &format!(
            "POST {CHAT} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
}

fn impatient_with_chats(options: &mut HttpOptions) {
    options.connections.chat_patience = Duration::from_millis(200);
}

#[test]
fn unread_chats_do_not_block_their_account() {
    run_adjusted(Backend::Fakes, impatient_with_chats, async |world| {
        let person = world.patients(1).await.remove(0);
        world.fakes.model.set_mood(Mood::Endless);
        let mut unread: Vec<_> = (0..2).map(|_| chat(world, person.token())).collect();
        for connection in &mut unread {
            assert!(head(connection).starts_with("http/1.1 200"));
        }
        eventually("the model is let go", async || world.fakes.model.listeners() == 0).await;
        world.fakes.model.set_mood(Mood::Well);
        let body = json!({"messages": [{"role": "user", "content": "三天"}]}).to_string();
        eventually("another question is answered", async || {
            let request = person.client.request(reqwest::Method::POST, CHAT).body(body.clone());
            request.send().await.unwrap().status() == 200
        })
        .await;
    });
}

/// A chat whose answer has begun and does not go on.
fn stalling_chat(world: &World, person: &Person<'_>) -> TcpStream {
    world.fakes.model.set_mood(Mood::Stalling);
    let mut chat = chat(world, person.token());
    assert!(head(&mut chat).starts_with("http/1.1 200"));
    chat
}

on_every_backend! {
    /// Who sends a body decides how long that takes.
    async fn a_session_that_ends_while_a_body_arrives_changes_nothing(world: &World) {
        let case = Case::new(world).await;
        let address = world.base.strip_prefix("http://").unwrap();
        let change = json!({"uuid": case.patient.uuid(), "nickname": "late"}).to_string();
        let file = format!("{}late{}", form::HEAD, form::TAIL);
        let json = "application/json";
        for (request, kind, body) in [
            ("PUT /api/user/updatePatientInformation", json, change),
            ("POST /api/inquiry/createInquiryRecord", json, inquiry_body().to_string()),
            ("POST /api/upload", form::CONTENT_TYPE, file),
        ] {
            let person = world.log_in(case.patient.phone(), "123456").await;
            let (length, token) = (body.len(), person.token());
            let mut connection = send(
                world,
                &format!(
                    "{request} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\nContent-Type: {kind}\r\n\
                     Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
                ),
            );
            // The caller is known before the body is asked for.
            assert!(head(&mut connection).starts_with("http/1.1 100"), "{request}");
            let (first, rest) = body.as_bytes().split_at(length - 3);
            connection.write_all(first).unwrap();
            person.client.get("/api/user/logOut").await.expect(200);
            connection.write_all(rest).unwrap();
            let (head, body) = answer(&mut connection);
            assert!(head.starts_with("http/1.1 401"), "{request}: {head}");
            assert!(body.contains("session.required"), "{request}: {body}");
        }
        let person = world.log_in(case.patient.phone(), "123456").await;
        let own = person.client.get("/api/user/queryUserMessage").await.payload();
        assert_ne!(own["nickname"], "late");
        let asked = person.client.get("/api/inquiry/queryPatientInquiryRecord").await.payload();
        assert_eq!(asked["total"], 0);
    }
}

on_every_backend! {
    async fn streams_end_with_their_session(world: &World) {
        let person = world.patients(1).await.remove(0);
        let mut read = stalling_chat(world, &person);
        world.fakes.model.set_mood(Mood::Endless);
        let unread = chat(world, person.token());
        unread.peek(&mut [0]).unwrap();
        // Over another way than the two streams.
        person.client.get("/api/user/logOut").await.expect(200);
        let said = rest(&mut read);
        assert!(said.contains("session.required") && !said.contains("[DONE]"), "{said}");
        eventually("the one that is not read is closed", async || is_reset(&unread)).await;
        eventually("the model is let go", async || world.fakes.model.listeners() == 0).await;
    }
}

on_every_backend! {
    async fn streams_end_when_their_session_expires(world: &World) {
        let person = world.patients(1).await.remove(0);
        let mut read = stalling_chat(world, &person);
        world.fakes.clock.advance(TimeDelta::days(8));
        let said = rest(&mut read);
        assert!(said.contains("session.required") && !said.contains("[DONE]"), "{said}");
    }
}

/// What a client gets that sends these headers and waits with its body.
fn waiting(world: &World, method_and_path: &str, version: &str, headers: &str) -> TcpStream {
    let address = world.base.strip_prefix("http://").unwrap();
    send(
        world,
        &format!(
            "{method_and_path} HTTP/{version}\r\nHost: {address}\r\nExpect: 100-continue\r\n{headers}\r\n"
        ),
    )
}

#[test]
fn who_waits_to_be_asked_for_a_body_is_asked_only_if_it_is_wanted() {
    run(Backend::Fakes, async |world| {
        let case = Case::new(world).await;
        let (patient, admin) = (case.patient.token(), case.admin.token());
        let huge = "Content-Length: 3221225472\r\n";
        let form = "Content-Type: multipart/form-data; boundary=b\r\n";
        for (target, headers, status) in [
            ("POST /api/upload", format!("{form}{huge}Authorization: {patient}\r\n"), 413),
            ("POST /api/upload", format!("{form}{huge}"), 401),
            ("POST /api/upload", format!("{form}Transfer-Encoding: chunked\r\n"), 401),
            ("POST /api/upload", format!("{huge}Authorization: {patient}\r\n"), 422),
            ("POST /api/user/uploadUserMessage", format!("{form}{huge}Authorization: {patient}\r\n"), 403),
            ("POST /api/user/uploadUserMessage", format!("{form}{huge}Authorization: {admin}\r\n"), 413),
            ("POST /api/inquiry/createInquiryRecord", format!("{huge}Authorization: {patient}\r\n"), 413),
            ("POST /api/inquiry/createInquiryRecord", huge.to_owned(), 401),
            ("POST /api/user/login", huge.to_owned(), 413),
            ("POST /api/v1/chat/completions", format!("{huge}Authorization: {patient}\r\n"), 422),
            ("POST /api/nothing", huge.to_owned(), 404),
            ("PUT /api/upload", huge.to_owned(), 405),
        ] {
            let (head, body) = answer(&mut waiting(world, target, "1.1", &headers));
            assert!(head.starts_with(&format!("http/1.1 {status}")), "{target}: {head}");
            let json: Value = serde_json::from_str(&body).unwrap();
            assert!(json["code"] == status || json["error"]["code"].is_string(), "{json}");
        }

        // The same thing twice would be one inquiry.
        let body = |detail: &str| {
            let mut body = inquiry_body();
            body["inquiry_detail"] = json!(detail);
            body.to_string()
        };
        let length = body("一").len();
        let headers =
            format!("Content-Length: {length}\r\nAuthorization: {patient}\r\nConnection: close\r\n");
        let create = "POST /api/inquiry/createInquiryRecord";
        let mut asked = waiting(world, create, "1.1", &headers);
        assert_eq!(head(&mut asked), "http/1.1 100 continue\r\n\r\n");
        asked.write_all(body("一").as_bytes()).unwrap();
        let answer = rest(&mut asked);
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.contains("\"status\":\"submitted\""),
            "{answer}"
        );
        // With the body sent at once, and from a program that does not know of it.
        for (version, detail) in [("1.1", "二"), ("1.0", "三")] {
            let mut asked = waiting(world, create, version, &headers);
            asked.write_all(body(detail).as_bytes()).unwrap();
            let answer = rest(&mut asked);
            let final_answer = answer.strip_prefix("HTTP/1.1 100 Continue\r\n\r\n");
            assert!(version == "1.1" || final_answer.is_none(), "{answer}");
            let final_answer = final_answer.unwrap_or(&answer);
            assert!(final_answer.starts_with(&format!("HTTP/{version} 200")), "{answer}");
        }
        let form = format!("{form}Content-Length: 1000\r\nAuthorization: {patient}\r\n");
        assert_eq!(
            head(&mut waiting(world, "POST /api/upload", "1.1", &form)),
            "http/1.1 100 continue\r\n\r\n"
        );
        let all = case.admin.client.get("/api/inquiry/queryAllInquiryRecord").await.payload();
        assert_eq!(all["total"], 3);
    });
}

#[test]
fn a_connection_ends_when_the_rest_of_a_body_is_not_wanted() {
    run(Backend::Fakes, async |world| {
        let address = world.base.strip_prefix("http://").unwrap();
        for body in ["Content-Length: 1000000\r\n\r\n{", "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"] {
            for target in ["POST /api/inquiry/createInquiryRecord", "GET /healthz"] {
                let mut connection = send(world, &format!("{target} HTTP/1.1\r\nHost: {address}\r\n{body}"));
                let head = head(&mut connection);
                assert!(head.contains("\r\nconnection: close\r\n"), "{target}: {head}");
            }
        }
        // One that was read or is whole does not.
        let request = format!(
            "POST /api/user/login HTTP/1.1\r\nHost: {address}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
        );
        let mut connection = send(world, &request);
        assert!(!head(&mut connection).contains("connection: close"));
    });
}

on_every_backend! {
    async fn nothing_is_chunked_to_old_programs(world: &World) {
        let case = Case::new(world).await;
        case.submitted().await;
        let address = world.base.strip_prefix("http://").unwrap();
        let token = case.admin.token();
        for (headers, version) in [("", "1.0"), ("Connection: keep-alive\r\n", "1.0"), ("Connection: close\r\n", "1.1")] {
            let answer = rest(&mut send(world, &format!(
                "GET /api/inquiry/queryAllInquiryRecord HTTP/{version}\r\nHost: {address}\r\n{headers}Authorization: {token}\r\n\r\n"
            )));
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding");
            assert_eq!(is_chunked, version == "1.1", "{answer}");
            if version == "1.0" {
                let list: Value = serde_json::from_str(body).unwrap();
                assert_eq!(list["data"][0]["total"], 1);
            }
        }
    }

    async fn head_is_answered_like_get_without_a_body(world: &World) {
        let case = Case::new(world).await;
        let (inquiry, record) = case.registered().await;
        let file = world.file_of(&case.patient).await;
        let address = world.base.strip_prefix("http://").unwrap();
        let paths = yilin_http::openapi_json().unwrap();
        let paths: Value = serde_json::from_str(&paths).unwrap();
        let mut checked = 0;
        for (path, item) in paths["paths"].as_object().unwrap() {
            // A second export waits for the end of the first.
            if item.get("get").is_none() || ["/api/user/logOut", "/api/user/exportMyData"].contains(&path.as_str()) {
                continue;
            }
            let path = if path.starts_with("/ipfs/") { &file } else { path };
            let query = format!("?id={inquiry}&inquiryId={inquiry}&medicalId={record}&medical_id={record}&number=1&goroutineNumber=1");
            let [get, of_head] = ["GET", "HEAD"].map(|method| {
                let mut connection = send(world, &format!(
                    "{method} {path}{query} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: {}\r\n\r\n",
                    case.admin.token(),
                ));
                let status = head(&mut connection).lines().next().unwrap().to_owned();
                // What GET streams may have no end.
                let body = if method == "HEAD" { rest(&mut connection) } else { String::new() };
                (status, body)
            });
            assert_eq!(get, of_head, "{path}");
            checked += 1;
        }
        assert!(checked > 30, "{checked}");
    }
}

/// The status that a request with these hosts gets.
fn status_for(world: &World, path: &str, version: &str, hosts: &str) -> String {
    let answer =
        rest(&mut send(world, &format!("GET {path} HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n")));
    let json = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let error: Value = serde_json::from_str(json).unwrap_or_default();
    format!("{} {}", &answer[9..12], error["error"].as_str().unwrap_or_default()).trim_end().to_owned()
}

fn with_names(options: &mut HttpOptions) {
    options.public_url = "http://yilin.localhost.example:8088".parse().unwrap();
    options.web_origins = vec!["https://console.example:9000".to_owned()];
}

#[test]
fn a_private_installation_is_called_by_its_own_names_alone() {
    run_adjusted(Backend::Fakes, with_names, async |world| {
        let path = "/api/user/verifyToken";
        for own in [
            "127.0.0.1",
            "127.0.0.1:1",
            "127.8.8.8",
            "localhost",
            "LocalHost:8088",
            "localhost.:8088",
            "[::1]:8088",
            "app.localhost",
            "yilin.localhost.example",
            "yilin.localhost.example:99",
            "console.example",
            "[::ffff:127.0.0.1]",
        ] {
            assert_eq!(
                status_for(world, path, "1.1", &format!("Host: {own}\r\n")),
                "401 session.required",
                "{own}"
            );
        }
        let foreign = "403 request.foreign_host";
        for host in [
            "evil.example",
            "evil.example:8088",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "evil-localhost",
            "localhost@evil.example",
            "evil.example#localhost",
            "10.0.0.1",
            "0.0.0.0:8088",
            "[::2]",
            "",
            "x y",
            "console.example.evil.example",
            "127.0.0.1,evil.example",
        ] {
            for hosts in [format!("Host: {host}\r\n"), format!("Host: 127.0.0.1\r\nHost: {host}\r\n")] {
                let status = status_for(world, path, "1.1", &hosts);
                assert!(status == foreign || status.starts_with("400"), "{host}: {status}");
            }
        }
        let proxied = "Host: evil.example\r\nX-Forwarded-Host: 127.0.0.1\r\nX-Forwarded-For: 127.0.0.1\r\n";
        assert_eq!(status_for(world, path, "1.1", proxied), foreign);
        let absolute =
            status_for(world, "http://evil.example/api/user/verifyToken", "1.1", "Host: 127.0.0.1\r\n");
        assert_eq!(absolute, foreign);
        for page in ["/docs/", "/openapi.json", "/nowhere"] {
            assert_eq!(status_for(world, page, "1.1", "Host: evil.example\r\n"), foreign, "{page}");
        }
        assert_eq!(status_for(world, path, "1.0", ""), "401 session.required", "old programs send none");
        for probe in ["/healthz", "/readyz"] {
            assert_eq!(status_for(world, probe, "1.1", "Host: pod-1:8088\r\n"), "200", "{probe}");
        }
    });
}

#[test]
fn an_installation_for_others_is_called_by_any_name() {
    run_adjusted(
        Backend::Fakes,
        |options| options.private = false,
        async |world| {
            assert_eq!(
                status_for(world, "/api/user/verifyToken", "1.1", "Host: a.example\r\n"),
                "401 session.required"
            );
        },
    );
}

fn crowded(options: &mut HttpOptions) {
    options.connections.connections = 4;
}

#[test]
fn connections_end_with_their_answer_when_there_are_many() {
    run_adjusted(Backend::Fakes, crowded, async |world| {
        let address = world.base.strip_prefix("http://").unwrap();
        let request = format!("HEAD /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let mut first = send(world, &request);
        assert!(!head(&mut first).contains("connection: close"));
        let _others = [(); 2].map(|()| TcpStream::connect(address).unwrap());
        eventually("the connection is closed for others", async || {
            first.write_all(request.as_bytes()).unwrap();
            head(&mut first).to_ascii_lowercase().contains("connection: close")
        })
        .await;
    });
}
