//! A stand-in for a Kubo node: the part of its RPC API that the adapter uses, with every kind of failure.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::fakes::cid_of;

/// How the node behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// Like Kubo in a private network.
    Well,
    /// Like Kubo in the public network.
    Public,
    /// Closes every connection immediately.
    Dead,
    /// Accepts connections and requests, and never responds.
    Silent,
    /// Responds with an error.
    Failing,
    /// Responds with an error of endless length.
    Verbose,
    /// Responds with a meaningless page.
    Nonsense,
    /// Responds with endless text.
    Endless,
    /// Returns a different CID for added files.
    OtherCid,
    /// Closes the connection in the middle of a file it sends.
    BreakingOff,
    /// Truncates a file it sends as if it were complete.
    Shortening,
    /// Stalls in the middle of a file it sends, with the connection open.
    Stalling,
    /// Sends different bytes of the requested length.
    Garbling,
}

/// The parameters required for a file to get the CID of Kubo's original profile (IPIP-499, `unixfs-v0-2015`)
/// on every node: missing ones fall back to the node's configuration, which may use another profile.
pub const PROFILE: [(&str, &str); 7] = [
    ("chunker", "size-262144"),
    ("cid-version", "0"),
    ("hash", "sha2-256"),
    ("raw-leaves", "false"),
    ("max-file-links", "174"),
    ("trickle", "false"),
    ("inline", "false"),
];

/// A stand-in that listens on its own port until it is dropped.
pub struct StandIn {
    /// Its RPC URL.
    pub url: String,
    node: Arc<Node>,
    listening: tokio::task::JoinHandle<()>,
}

struct Node {
    behaviour: Mutex<Behaviour>,
    files: Mutex<HashMap<String, Bytes>>,
    asked_for: Mutex<Vec<String>>,
    added_with: Mutex<Vec<String>>,
}

type Answer = Response<BoxBody<Bytes, std::io::Error>>;

impl StandIn {
    /// Starts a healthy node without files.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let url = format!("http://{}", listener.local_addr().expect("it listens"));
        let node = Arc::new(Node {
            behaviour: Mutex::new(Behaviour::Well),
            files: Mutex::default(),
            asked_for: Mutex::default(),
            added_with: Mutex::default(),
        });
        let listening = tokio::spawn({
            let node = node.clone();
            async move {
                loop {
                    let (connection, _) = listener.accept().await.expect("connections are accepted");
                    tokio::spawn(node.clone().serve(connection));
                }
            }
        });
        Self { url, node, listening }
    }

    /// Sets its behaviour.
    pub fn behave(&self, behaviour: Behaviour) {
        *lock(&self.node.behaviour) = behaviour;
    }

    /// The CIDs of its files.
    pub fn files(&self) -> Vec<String> {
        lock(&self.node.files).keys().cloned().collect()
    }

    /// Deletes all files, like a node that lost its disk.
    pub fn lose_files(&self) {
        lock(&self.node.files).clear();
    }

    /// The parameters of every request to add a file.
    pub fn added_with(&self) -> Vec<String> {
        lock(&self.node.added_with).clone()
    }

    /// Every CID whose content was requested.
    pub fn asked_for(&self) -> Vec<String> {
        lock(&self.node.asked_for).clone()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

impl Node {
    fn behaviour(&self) -> Behaviour {
        *lock(&self.behaviour)
    }

    async fn serve(self: Arc<Self>, connection: TcpStream) {
        if self.behaviour() == Behaviour::Dead {
            return;
        }
        let service = service_fn(|request| {
            let node = self.clone();
            async move { Ok::<_, Infallible>(node.answer(request).await) }
        });
        // A disconnecting client is not an error.
        let _gone = hyper::server::conn::http1::Builder::new()
            .half_close(true)
            .serve_connection(TokioIo::new(connection), service)
            .await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        match self.behaviour() {
            Behaviour::Silent => std::future::pending().await,
            Behaviour::Failing => {
                return answer(StatusCode::INTERNAL_SERVER_ERROR, r#"{"Message":"disk full","Code":0}"#);
            }
            Behaviour::Verbose => {
                let mut failed = streamed(stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 10_000]))));
                *failed.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                return failed;
            }
            Behaviour::Endless => {
                return streamed(stream::repeat_with(|| Ok(Bytes::from_static(&[b' '; 10_000]))));
            }
            Behaviour::Nonsense => return answer(StatusCode::OK, "<html>welcome to the router</html>"),
            _ => {}
        }
        let public = self.behaviour() == Behaviour::Public;
        let query = request.uri().query().unwrap_or_default().to_owned();
        match request.uri().path().trim_start_matches("/api/v0/") {
            "bootstrap/list" if public => answer(StatusCode::OK, r#"{"Peers":["auto"]}"#),
            "bootstrap/list" => answer(StatusCode::OK, r#"{"Peers":[]}"#),
            "config/show" if public => answer(StatusCode::OK, r#"{"Routing":{}}"#),
            "config/show" => answer(StatusCode::OK, r#"{"Routing":{"Type":"none"}}"#),
            "add" => self.add(request, &query).await,
            "cat" => self.cat(&query),
            _ => answer(StatusCode::NOT_FOUND, "404 page not found"),
        }
    }

    async fn add(&self, request: Request<Incoming>, query: &str) -> Answer {
        lock(&self.added_with).push(query.to_owned());
        let parameters: HashMap<_, _> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let says_all = PROFILE.iter().all(|(name, value)| parameters.get(name) == Some(value));
        let boundary = request.headers()["content-type"].to_str().expect("text");
        let boundary = boundary.split_once("boundary=").expect("a form").1.trim_matches('"').to_owned();
        // An incomplete upload is not stored.
        let Ok(body) = request.into_body().collect().await else {
            return answer(StatusCode::BAD_REQUEST, r#"{"Message":"unexpected EOF"}"#);
        };
        let content = only_part(&body.to_bytes(), &boundary);
        let cid = cid_of(&content).to_string();
        let size = content.len();
        lock(&self.files).insert(cid.clone(), content);
        let answered = match self.behaviour() {
            _ if !says_all => cid_of(b"in blocks of another profile").to_string(),
            Behaviour::OtherCid => cid_of(b"something else").to_string(),
            _ => cid,
        };
        answer(
            StatusCode::OK,
            &format!("{}\n", serde_json::json!({"Name": "f", "Hash": answered, "Size": size.to_string()})),
        )
    }

    fn cat(&self, query: &str) -> Answer {
        let parameters: HashMap<_, _> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let cid = parameters["arg"];
        lock(&self.asked_for).push(cid.to_owned());
        let Some(content) = lock(&self.files).get(cid).cloned() else {
            // Kubo would search its network.
            return streamed(stream::pending());
        };
        let number = |name| parameters.get(name).map(|text: &&str| text.parse::<usize>().expect("a number"));
        let start = number("offset").unwrap_or(0).min(content.len());
        let end = start.saturating_add(number("length").unwrap_or(usize::MAX)).min(content.len());
        let content = content.slice(start..end);
        let half = content.slice(..content.len() / 2);
        match self.behaviour() {
            Behaviour::BreakingOff => {
                let cut = Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
                streamed(stream::iter([Ok(half), cut]))
            }
            Behaviour::Shortening => streamed(stream::iter([Ok(half)])),
            Behaviour::Stalling => streamed(stream::iter([Ok(half)]).chain(stream::pending())),
            Behaviour::Garbling => {
                let other: Vec<u8> = content.iter().map(|byte| byte ^ 1).collect();
                streamed(stream::iter([Ok(other.into())]))
            }
            _ => {
                let pieces: Vec<_> =
                    content.chunks(50_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
                streamed(stream::iter(pieces))
            }
        }
    }
}

/// The content of a form's only part.
fn only_part(form: &Bytes, boundary: &str) -> Bytes {
    let position = |part: &[u8]| form.windows(part.len()).position(|window| window == part);
    let start = position(b"\r\n\r\n").expect("the part has headers") + 4;
    let end = format!("\r\n--{boundary}--");
    form.slice(start..form.len() - end.len() - usize::from(form.ends_with(b"\r\n")) * 2)
}

fn answer(status: StatusCode, text: &str) -> Answer {
    let body = Full::new(Bytes::copy_from_slice(text.as_bytes())).map_err(|never| match never {}).boxed();
    Response::builder().status(status).body(body).expect("a response")
}

fn streamed(
    content: impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send + Sync + 'static,
) -> Answer {
    Response::new(BodyExt::boxed(StreamBody::new(content.map(|piece| piece.map(Frame::data)))))
}

/// Ignores poison: a test that panics with the lock held fails by itself.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
