//! Sending over HTTP: what counts as delivered, and receivers that do not behave.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use yilin_domain::account::AccountUuid;
use yilin_domain::event::{Event, EventId, EventType, NewEvent, Parties, Subject};
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::InquiryStatus;
use yilin_domain::port::WebhookReceiver as _;
use yilin_domain::webhook::DeliveryFailure;
use yilin_testkit::fakes::FakeClock;
use yilin_webhook::{HttpReceiver, ReceiverOptions, SigningKey, is_allowed_url};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn event() -> Event {
    let patient = AccountUuid::parse("d59aa28a").unwrap();
    let content = NewEvent {
        event_type: EventType::InquirySubmitted,
        at: FakeClock::START,
        subject: Subject::Inquiry(InquiryId(7), InquiryStatus::Submitted),
        parties: Parties { patient, physician: None, former_physician: None },
    };
    Event { id: EventId(42), content }
}

/// A receiver at this address that gives up after this time.
fn receiver(address: std::net::SocketAddr, timeout: Duration) -> HttpReceiver {
    let url = format!("http://{address}/hook?secret=x").parse().unwrap();
    let render = Arc::new(|event: &Event| Ok(format!("{{\"id\":\"{}\"}}", event.id)));
    let options = ReceiverOptions::new(url, SigningKey::parse(KEY).unwrap(), render);
    HttpReceiver::new(ReceiverOptions { timeout, ..options }).unwrap()
}

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// Listens, and gives each connection after its request to `answer`; tells the requests.
async fn listen<F>(
    answer: impl Fn(TcpStream) -> F + Send + 'static,
) -> (std::net::SocketAddr, mpsc::UnboundedReceiver<String>)
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !request.ends_with(b"{\"id\":\"42\"}") {
                let read = stream.read(&mut piece).await.unwrap();
                request.extend_from_slice(&piece[..read]);
                if read == 0 {
                    break;
                }
            }
            let _told = sender.send(String::from_utf8(request).unwrap());
            tokio::spawn(answer(stream));
        }
    });
    (address, requests)
}

/// What comes of an answer with these bytes.
async fn answered(answer: &'static str) -> Result<(), DeliveryFailure> {
    let (address, _requests) = listen(move |mut stream| async move {
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    receiver(address, PATIENCE).deliver(&event(), FakeClock::START).await
}

#[tokio::test]
async fn an_event_is_posted_with_the_headers_of_the_specification() {
    let (address, mut requests) = listen(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    })
    .await;
    receiver(address, PATIENCE).deliver(&event(), FakeClock::START).await.unwrap();
    let request = requests.recv().await.unwrap();
    let seconds = FakeClock::START.timestamp();
    let signature = SigningKey::parse(KEY).unwrap().sign("42", seconds, "{\"id\":\"42\"}");
    assert!(request.starts_with("POST /hook?secret=x HTTP/1.1\r\n"), "{request}");
    for header in [
        "content-type: application/json".to_owned(),
        "webhook-id: 42".to_owned(),
        format!("webhook-timestamp: {seconds}"),
        format!("webhook-signature: {signature}"),
    ] {
        assert!(request.contains(&format!("\r\n{header}\r\n")), "{header} in {request}");
    }
}

#[tokio::test]
async fn only_2xx_is_delivered() {
    assert_eq!(answered("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await, Ok(()));
    assert_eq!(answered("HTTP/1.1 299 Fine\r\ncontent-length: 0\r\n\r\n").await, Ok(()));
    for (answer, is_down) in [
        ("HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", false),
        ("HTTP/1.1 404 No\r\ncontent-length: 0\r\n\r\n", false),
        ("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", false),
        ("HTTP/1.1 307 Elsewhere\r\nlocation: /there\r\ncontent-length: 0\r\n\r\n", false),
        ("HTTP/1.1 503 Later\r\ncontent-length: 0\r\n\r\n", true),
        ("HTTP/1.1 429 Slow\r\ncontent-length: 0\r\n\r\n", true),
        ("not HTTP at all\r\n\r\n", true),
        ("", true),
    ] {
        let failure = answered(answer).await.unwrap_err();
        assert_eq!(failure.is_down, is_down, "{answer}: {failure:?}");
        assert!(!failure.reason.as_str().contains("secret"), "{failure:?}");
    }
}

#[tokio::test]
async fn a_receiver_that_resets_is_silent_or_dead_is_down() {
    let (address, _requests) = listen(|stream| async move {
        socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    })
    .await;
    assert!(receiver(address, PATIENCE).deliver(&event(), FakeClock::START).await.unwrap_err().is_down);

    let (address, _requests) = listen(|stream| async move {
        let _kept = stream;
        std::future::pending::<()>().await;
    })
    .await;
    let silent = receiver(address, Duration::from_millis(300)).deliver(&event(), FakeClock::START).await;
    assert!(silent.unwrap_err().is_down);

    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    assert!(receiver(nobody, PATIENCE).deliver(&event(), FakeClock::START).await.unwrap_err().is_down);
}

/// Neither what the body holds nor how long it is matters once the status is there.
#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let (address, _requests) = listen(|mut stream| async move {
        let _sent = stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        while stream.write_all(b"1000\r\n").await.is_ok() {
            let _sent = stream.write_all(&[b'x'; 0x1000]).await;
            let _sent = stream.write_all(b"\r\n").await;
        }
    })
    .await;
    assert_eq!(receiver(address, PATIENCE).deliver(&event(), FakeClock::START).await, Ok(()));
}

#[test]
fn without_tls_events_stay_on_this_machine() {
    let allowed = |url: &str| is_allowed_url(&url.parse().unwrap());
    for url in
        ["https://hook.example.cn/x", "http://127.0.0.1:9000/", "http://[::1]:9000/", "http://localhost/"]
    {
        assert!(allowed(url), "{url}");
    }
    for url in
        ["http://hook.example.cn/", "http://192.168.1.2/", "ftp://127.0.0.1/", "http://localhost.example.cn/"]
    {
        assert!(!allowed(url), "{url}");
    }
}
