//! Events of complete flows on one instance and on two: listeners that reconnect get each event once and in order, and a
//! webhook receiver gets all of them although a sender is killed.
//!
//! `YILIN_TEST_FLOWS` sets the number of flows, of nine transitions each (`just events`).

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use yilin_testkit::eventually;
use yilin_testkit::mariadb::Server;
use yilin_webhook::SigningKey;

use crate::instance::Instance;

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Number of flows that each instance runs concurrently.
const AT_ONCE: usize = 8;

fn flows() -> usize {
    std::env::var("YILIN_TEST_FLOWS").ok().map_or(12, |value| value.parse().unwrap())
}

/// The statuses of an inquiry and of a drug order, in order.
const INQUIRY: [&str; 5] = ["submitted", "assigned", "accepted", "registered", "approved"];
const DRUG_ORDER: [&str; 4] = ["pending", "purchased", "dispatched", "received"];

/// Checks that the events of each record are in the order of its transitions.
fn assert_in_order(events: &[Value]) {
    let mut of_record = HashMap::<String, Vec<&str>>::new();
    for event in events {
        of_record.entry(event["subject"].to_string()).or_default().push(event["status"].as_str().unwrap());
    }
    for (record, statuses) in of_record {
        let expected: &[&str] = if record.contains("drug_order") { &DRUG_ORDER } else { &INQUIRY };
        assert_eq!(statuses, expected[..statuses.len()], "{record}");
    }
}

fn id(event: &Value) -> i64 {
    event["id"].as_str().unwrap().parse().unwrap()
}

/// A listener that reconnects, to one instance and then to the other.
struct Listener {
    addresses: Vec<String>,
    token: String,
    /// Number of events after which it reconnects.
    patience: usize,
    events: Vec<Value>,
}

impl Listener {
    /// Listens until an event of this inquiry's submission.
    async fn run(mut self, mut last_inquiry: tokio::sync::watch::Receiver<Option<i64>>) -> Vec<Value> {
        for round in 0.. {
            let address = &self.addresses[round % self.addresses.len()];
            let after = self.events.last().map_or(0, id);
            let request = Client::new().get(format!("http://{address}/api/events?Last-Event-ID={after}"));
            let mut response = request.header("authorization", &self.token).send().await.unwrap();
            assert_eq!(response.status(), 200);
            let (mut text, mut seen) = (String::new(), 0);
            while seen < self.patience {
                let piece = tokio::select! {
                    piece = response.chunk() => piece.unwrap(),
                    changed = last_inquiry.changed() => { changed.unwrap(); continue }
                };
                text += std::str::from_utf8(&piece.unwrap()).unwrap();
                while let Some((block, rest)) = text.split_once("\n\n") {
                    if let Some((_, data)) = block.split_once("data: ") {
                        self.events.push(serde_json::from_str(data).unwrap());
                        seen += 1;
                    }
                    text = rest.to_owned();
                }
                let last = *last_inquiry.borrow();
                if last.is_some_and(|last| {
                    self.events.iter().any(|event| event["subject"] == json!({"kind": "inquiry", "id": last}))
                }) {
                    return self.events;
                }
            }
        }
        unreachable!("it listens until it is done")
    }
}

/// Runs complete flows on every instance concurrently.
async fn run_flows(instances: &[Instance], token: &str, number: usize) {
    let path = format!("/api/mock/testFullSystem?number={number}&goroutineNumber={AT_ONCE}");
    let running = instances.iter().map(|instance| instance.payload(&path, token));
    for report in futures_util::future::join_all(running).await {
        assert_eq!((&report["completed"], &report["failed"]), (&json!(number), &json!(0)));
    }
}

/// Submits an inquiry for a new patient; returns its id.
async fn submit(instance: &Instance, token: &str) -> i64 {
    let made = instance.payload("/api/mock/generatePatientAccount?number=1", token).await;
    let uuid = made["accounts"][0]["uuid"].as_str().unwrap();
    let url = format!("http://{}/api/inquiry/createInquiryRecord?uuid={uuid}", instance.address());
    let body = json!({"type": "在家就医", "inquiry_detail": "头痛", "appointment_time": "2027-01-15 09:30"});
    let answer = Client::new().post(url).header("authorization", token).json(&body).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    answer["data"][0]["id"].as_i64().unwrap_or_else(|| panic!("{answer}"))
}

/// Two reconnecting listeners while flows run.
async fn every_event_arrives_once_and_in_order(instances: &[Instance]) {
    let token = instances[0].log_in("admin").await;
    let (end, ended) = tokio::sync::watch::channel(None);
    let addresses: Vec<_> = instances.iter().map(|instance| instance.address().to_owned()).collect();
    let listeners = [7, 40].map(|patience| {
        let mut addresses = addresses.clone();
        addresses.rotate_left(patience % instances.len());
        let listener = Listener { addresses, token: token.clone(), patience, events: Vec::new() };
        tokio::spawn(listener.run(ended.clone()))
    });
    run_flows(instances, &token, flows()).await;
    let last = submit(&instances[0], &token).await;
    end.send(Some(last)).unwrap();
    for listener in listeners {
        let events = listener.await.unwrap();
        let ids: Vec<i64> = events.iter().map(id).collect();
        assert_eq!(ids, (1..).take(ids.len()).collect::<Vec<_>>(), "each once and in order");
        assert_eq!(events.len(), instances.len() * flows() * 9 + 1);
        assert_in_order(&events);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn listeners_that_reconnect_get_every_event_once_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    every_event_arrives_once_and_in_order(&[Instance::start(folder.path(), &[])]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn listeners_that_reconnect_get_every_event_once_on_two_instances_on_mariadb() {
    let url = Server::shared().await.database().await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let settings = [("YILIN_DATABASE_URL", url.as_str())];
    let instances = folders.each_ref().map(|folder| Instance::start(folder.path(), &settings));
    every_event_arrives_once_and_in_order(&instances).await;
}

/// A webhook receiver that verifies signatures and records events.
#[derive(Clone, Default)]
struct Receiver(Arc<Mutex<Vec<Value>>>);

impl Receiver {
    /// Starts the receiver; returns its URL.
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let receiver = self.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let receiver = receiver.clone();
                tokio::spawn(async move { receiver.serve(stream).await });
            }
        });
        url
    }

    /// Serves one connection until the client closes it or is killed.
    async fn serve(&self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        while let Some((headers, body)) = request(&mut stream).await {
            let seconds = headers["webhook-timestamp"].parse().unwrap();
            let signature = SigningKey::parse(KEY).unwrap().sign(&headers["webhook-id"], seconds, &body);
            assert_eq!(headers["webhook-signature"], signature);
            let event: Value = serde_json::from_str(&body).unwrap();
            assert_eq!(event["id"], headers["webhook-id"]);
            self.0.lock().unwrap().push(event);
            // As long as sending an SMS takes, so that some are in progress when the sender is killed.
            tokio::time::sleep(Duration::from_millis(5)).await;
            if stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.is_err() {
                return;
            }
        }
    }

    fn received(&self) -> Vec<Value> {
        self.0.lock().unwrap().clone()
    }
}

/// The headers and the body of the next request; `None` if there is none, or only part of one.
async fn request(stream: &mut BufReader<TcpStream>) -> Option<(HashMap<String, String>, String)> {
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.trim().split_once(": ") {
            headers.insert(name.to_lowercase(), value.to_owned());
        }
    }
    let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
    stream.read_exact(&mut body).await.ok()?;
    Some((headers, String::from_utf8(body).ok()?))
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_survive_a_kill_of_their_sender_on_two_instances_on_mariadb() {
    let url = Server::shared().await.database().await;
    let receiver = Receiver::default();
    let hook = receiver.start().await;
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let settings = [
        ("YILIN_DATABASE_URL", url.as_str()),
        ("YILIN_WEBHOOK_URL", hook.as_str()),
        ("YILIN_WEBHOOK_SECRET", KEY),
    ];
    let [serving, sender] = folders.each_ref().map(|folder| Instance::start(folder.path(), &settings));
    let token = serving.log_in("admin").await;
    let serving = [serving];
    let before = receiver.received().len();
    let flowing = run_flows(&serving, &token, 2 * flows());
    let killing = async {
        eventually("events are being delivered", async || receiver.received().len() > before + 20).await;
        sender.kill();
    };
    futures_util::future::join(flowing, killing).await;
    let last = submit(&serving[0], &token).await;
    let is_last = |event: &Value| event["subject"] == json!({"kind": "inquiry", "id": last});
    let expected = 2 * flows() * 9 + 1;
    eventually("all events are delivered", async || {
        let deliveries = receiver.received();
        let distinct: HashSet<i64> = deliveries.iter().map(id).collect();
        deliveries.iter().any(is_last) && distinct.len() == expected
    })
    .await;
    let deliveries = receiver.received();
    let (mut seen, mut first) = (HashSet::new(), Vec::new());
    for event in &deliveries {
        if seen.insert(id(event)) {
            first.push(event.clone());
        }
    }
    assert_in_order(&first);
    // Only what was in progress when the sender was killed.
    assert!(deliveries.len() - first.len() <= 16, "{} events came twice", deliveries.len() - first.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_need_a_url_and_a_key() {
    let folder = tempfile::tempdir().unwrap();
    for (settings, named) in [
        (vec![("YILIN_WEBHOOK_URL", "https://hook.example.cn/")], "YILIN_WEBHOOK_SECRET"),
        (
            vec![("YILIN_WEBHOOK_URL", "http://hook.example.cn/"), ("YILIN_WEBHOOK_SECRET", KEY)],
            "YILIN_WEBHOOK_URL",
        ),
        (
            vec![
                ("YILIN_WEBHOOK_URL", "https://hook.example.cn/"),
                ("YILIN_WEBHOOK_SECRET", "whsec_c2hvcnQ="),
            ],
            "YILIN_WEBHOOK_SECRET",
        ),
    ] {
        let (message, code) = crate::instance::failure(crate::instance::yilin(folder.path(), &settings));
        assert!(code == Some(2) && message.contains(named) && !message.contains("c2hvcnQ"), "{message}");
    }
    // Commands need a database.
    assert!(Instance::start(folder.path(), &[]).stop().success());
    let mut list = crate::instance::yilin(folder.path(), &[]);
    list.args(["webhooks", "list"]);
    let output = crate::instance::output(list);
    assert!(output.status.success(), "{output:?}");
    let mut retry = crate::instance::yilin(folder.path(), &[]);
    retry.args(["webhooks", "retry", "all"]);
    assert!(crate::instance::output(retry).status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_open_streams_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[]);
    let token = instance.log_in("admin").await;
    let mut response = instance.get("/api/events", &token).await;
    assert!(response.chunk().await.unwrap().unwrap().starts_with(b":"));
    let stopping = tokio::task::spawn_blocking(move || instance.stop());
    while response.chunk().await.unwrap().is_some() {}
    assert!(stopping.await.unwrap().success());
}
