//! A language model server with scripted misbehaviour.
//!
//! It implements the minimum of HTTP that a client needs to send whole requests; every connection serves one
//! request.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::eventually;

/// One step of the server on a connection.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one by one, each in its own packet.
    Dribble(Vec<u8>),
    /// Waits.
    Pause(Duration),
    /// Sends nothing more until the client disconnects.
    Hang,
    /// Resets the connection.
    Reset,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Received {
    /// The request line and the headers.
    pub head: String,
    /// The body.
    pub body: Value,
}

/// The server. It answers normally unless scripted; it stops when dropped.
pub struct StandIn {
    port: u16,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    left: Notify,
}

#[derive(Default)]
struct State {
    script: Vec<Vec<Step>>,
    received: Vec<Received>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StandIn {
    /// Starts a server on a free port of this machine.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it listens").port();
        let shared = Arc::<Shared>::default();
        let serving = shared.clone();
        let task = tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, serving.clone()));
            }
        });
        Self { port, shared, task }
    }

    /// The API base URL.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Scripts the next connections, in order; the last script repeats.
    pub fn script(&self, answers: impl IntoIterator<Item = Vec<Step>>) {
        self.shared.state().script = answers.into_iter().collect();
    }

    /// Every request so far.
    pub fn received(&self) -> Vec<Received> {
        self.shared.state().received.clone()
    }

    /// Waits until this many requests have arrived since the stand-in started.
    pub async fn arrived(&self, requests: usize) {
        eventually("the requests arrive", async || self.shared.state().received.len() >= requests).await;
    }

    /// Waits until a client has disconnected from a hanging connection.
    pub async fn left(&self) {
        let left = timeout(Duration::from_secs(180), self.shared.left.notified()).await;
        left.expect("the client disconnects");
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A response with this status, headers (each ending in CR LF) and body.
pub fn answer(status: &str, headers: &str, body: &str) -> Vec<Step> {
    let length = body.len();
    vec![Step::Send(
        format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
            .into_bytes(),
    )]
}

/// The head of an event stream that ends with the connection.
pub const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream;charset=UTF-8\r\n\r\n";

/// The head of a response with this content type that ends with the connection.
pub fn head(content_type: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: {content_type}\r\n\r\n")
}

/// An event with a chunk of an answer.
pub fn piece(text: &str) -> String {
    let choice = json!({"index": 0, "delta": {"content": text}, "finish_reason": null});
    let chunk = json!({"id": "chatcmpl-9", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]});
    format!("data: {chunk}\n\n")
}

/// The data of the event that finishes the only choice of an answer.
pub const FINISH: &str =
    r#"data: {"id":"chatcmpl-9","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;

/// The event that ends a stream.
pub const DONE: &str = "data: [DONE]\n\n";

async fn serve(mut connection: TcpStream, shared: Arc<Shared>) {
    let Some(received) = receive(&mut connection).await else { return };
    let streams = received.body["stream"] == true;
    let steps = {
        let mut state = shared.state();
        state.received.push(received);
        if state.script.len() > 1 {
            state.script.remove(0)
        } else {
            state.script.first().cloned().unwrap_or_else(|| sensible(streams))
        }
    };
    for step in steps {
        let done = match step {
            Step::Send(bytes) => connection.write_all(&bytes).await,
            Step::Dribble(bytes) => dribble(&mut connection, &bytes).await,
            Step::Pause(pause) => {
                tokio::time::sleep(pause).await;
                Ok(())
            }
            Step::Hang => {
                // A waiting client sends nothing more, so this returns when it has disconnected.
                let _ = connection.read(&mut [0; 64]).await;
                shared.left.notify_one();
                return;
            }
            Step::Reset => {
                // Discards unsent data and resets the connection.
                let _ = connection.set_zero_linger();
                return;
            }
        };
        if done.is_err() {
            shared.left.notify_one();
            return;
        }
    }
    let _ = connection.shutdown().await;
    // Waits until the client has read everything: closing earlier could reset the connection.
    while matches!(connection.read(&mut [0; 64]).await, Ok(1..)) {}
}

async fn dribble(connection: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    connection.set_nodelay(true)?;
    for byte in bytes {
        connection.write_all(&[*byte]).await?;
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn receive(connection: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
            });
            let body = bytes.get(end + 4..end + 4 + length.unwrap_or(0));
            if let Some(body) = body {
                return Some(Received { head, body: serde_json::from_slice(body).unwrap_or_default() });
            }
        }
        if connection.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// The answer of a healthy server.
fn sensible(streams: bool) -> Vec<Step> {
    if streams {
        let events = [STREAM_HEAD, &piece("多喝水，"), ": keep-alive\n\n", &piece("注意休息。"), DONE];
        return vec![Step::Send(events.concat().into_bytes())];
    }
    let choice = json!({"index": 0, "message": {"role": "assistant", "content": "多喝水，注意休息。"}, "finish_reason": "stop"});
    let body = json!({"id": "chatcmpl-9", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]});
    answer("200 OK", "content-type: application/json\r\n", &body.to_string())
}
