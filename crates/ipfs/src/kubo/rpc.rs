use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use reqwest::multipart::{Form, Part};
use reqwest::redirect::Policy;
use reqwest::{Body, Client, RequestBuilder, Response, StatusCode};
use serde_json::Value;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;
use tokio::time::timeout;
use url::Url;
use yilin_domain::file::ContentId;
use yilin_domain::port::{BoxError, ByteStream};

use super::checked::{Expected, checked};

/// The largest answer to a question, in bytes; configurations are the longest.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// How much of what a node says about a failure is read and told, in bytes and characters.
const MAX_ERROR_BYTES: usize = 4096;
const MAX_ERROR_CHARS: usize = 300;

/// How many bytes of a file are read at a time.
const READ_BYTES: usize = 64 * 1024;

/// Everything on which the CID of a file depends, and what must not happen to it: a request that leaves
/// something out leaves it to the node's `Import` configuration, whose defaults change with Kubo's
/// versions. These are the values of the profile `unixfs-v0-2015` (IPIP-499).
const ADD: [(&str, &str); 14] = [
    ("chunker", "size-262144"),
    ("cid-version", "0"),
    ("hash", "sha2-256"),
    ("raw-leaves", "false"),
    ("max-file-links", "174"),
    ("trickle", "false"),
    ("inline", "false"),
    ("nocopy", "false"),
    ("preserve-mode", "false"),
    ("preserve-mtime", "false"),
    ("wrap-with-directory", "false"),
    ("only-hash", "false"),
    ("progress", "false"),
    ("pin", "true"),
];

/// How long the node may take.
#[derive(Debug, Clone, Copy)]
pub struct TimeLimits {
    /// For a question about itself.
    pub answer: Duration,
    /// For the first byte of a file.
    pub first_byte: Duration,
    /// Between one piece of a file and the next, in either direction.
    pub idle: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(5),
            // The clients give up after 10 seconds.
            first_byte: Duration::from_secs(8),
            idle: Duration::from_secs(30),
        }
    }
}

/// The URL is not that of a node's RPC.
#[derive(Debug, thiserror::Error)]
#[error("not the URL of a Kubo RPC: it must be http://, a host and a port")]
pub struct InvalidNodeUrl;

/// Why the node did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// It cannot be reached, or answers what makes no sense.
    #[error("the IPFS node did not do it")]
    Failed(#[source] BoxError),
    /// It answered an error.
    #[error("the IPFS node answered {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The beginning of what it said.
        message: String,
    },
    /// It does not go on.
    #[error("the IPFS node did not answer in time")]
    TimedOut,
    /// It stored something else than it was sent.
    #[error("the IPFS node stored {ours} as {theirs}")]
    OtherContent {
        /// The CID of what it was sent.
        ours: ContentId,
        /// The CID that it answered.
        theirs: ContentId,
    },
    /// It is part of the public network.
    #[error(
        "the IPFS node has bootstrap peers and routing, so it would offer the files to the public network"
    )]
    Public,
}

impl NodeError {
    fn failed(error: impl Into<BoxError>) -> Self {
        Self::Failed(error.into())
    }
}

impl From<reqwest::Error> for NodeError {
    fn from(error: reqwest::Error) -> Self {
        // Its URL may hold the node's password.
        Self::failed(error.without_url())
    }
}

/// A Kubo node.
#[derive(Clone)]
pub(super) struct Node {
    http: Client,
    rpc: Url,
    credentials: Option<(String, String)>,
    limits: TimeLimits,
}

impl Node {
    /// The node whose RPC has this URL. A user and password in it are sent along.
    pub(super) fn new(url: &Url, limits: TimeLimits) -> Result<Self, InvalidNodeUrl> {
        let host = url.host_str().filter(|_| url.scheme() == "http").ok_or(InvalidNodeUrl)?;
        let port = url.port_or_known_default().ok_or(InvalidNodeUrl)?;
        let rpc = Url::parse(&format!("http://{host}:{port}/api/v0/")).map_err(|_| InvalidNodeUrl)?;
        let credentials = (!url.username().is_empty())
            .then(|| (url.username().to_owned(), url.password().unwrap_or_default().to_owned()));
        // A connection that waited could be one that the node has closed, and a file cannot be sent again.
        let http = Client::builder()
            .connect_timeout(limits.answer)
            .pool_max_idle_per_host(0)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|_| InvalidNodeUrl)?;
        Ok(Self { http, rpc, credentials, limits })
    }

    fn call(&self, command: &str) -> Result<RequestBuilder, NodeError> {
        let request = self.http.post(self.rpc.join(command).map_err(NodeError::failed)?);
        Ok(match &self.credentials {
            Some((user, password)) => request.basic_auth(user, Some(password)),
            None => request,
        })
    }

    /// Whether the node belongs to the public network: it knows peers to begin with, and how to find
    /// others.
    pub(super) async fn is_public(&self) -> Result<bool, NodeError> {
        let asking = async {
            let bootstrap = answer(self.call("bootstrap/list")?.send().await?).await?;
            let config = answer(self.call("config/show")?.send().await?).await?;
            let peers = match bootstrap.get("Peers") {
                Some(Value::Array(peers)) => peers.len(),
                Some(Value::Null) => 0,
                _ => return Err(NodeError::failed("the node's list of bootstrap peers is none")),
            };
            if !config.is_object() {
                return Err(NodeError::failed("the node's configuration is no object"));
            }
            let routes = config.pointer("/Routing/Type").and_then(Value::as_str) != Some("none");
            Ok(peers > 0 && routes)
        };
        timeout(self.limits.answer, asking).await.unwrap_or(Err(NodeError::TimedOut))
    }

    /// Adds and pins a file that has this CID. What the node answers must be the same CID.
    ///
    /// If reading the file fails, the request breaks off, so that the node does not take a part for
    /// the whole.
    pub(super) async fn add(&self, cid: &ContentId, file: File) -> Result<(), NodeError> {
        let size = file.metadata().await.map_err(NodeError::failed)?.len();
        let read = Arc::new(AtomicU64::new(0));
        let content = Body::wrap_stream(pieces_of(file, read.clone()));
        let part = Part::stream_with_length(content, size).file_name("file");
        let part = part.mime_str("application/octet-stream")?;
        let request = self.call("add")?.query(&ADD).multipart(Form::new().part("file", part));
        let adding = async { answer(request.send().await?).await };
        let added = while_it_goes_on(adding, &read, self.limits.idle).await??;
        let theirs = added.get("Hash").and_then(Value::as_str).and_then(|cid| ContentId::parse(cid).ok());
        let theirs =
            theirs.ok_or_else(|| NodeError::failed("the node's answer to an added file is no CID"))?;
        if &theirs == cid { Ok(()) } else { Err(NodeError::OtherContent { ours: cid.clone(), theirs }) }
    }

    /// The bytes of content of this size in this range, which must lie within it. The first of them
    /// are there when this returns.
    pub(super) async fn cat(
        &self,
        cid: &ContentId,
        size: u64,
        range: Range<u64>,
    ) -> Result<ByteStream, NodeError> {
        let length = range.end.saturating_sub(range.start);
        if length == 0 {
            return Ok(stream::empty().boxed());
        }
        let (offset, count) = (range.start.to_string(), length.to_string());
        let query = [("arg", cid.as_str()), ("offset", &offset), ("length", &count), ("progress", "false")];
        let request = self.call("cat")?.query(&query);
        let whole_file = (range == (0..size)).then(|| cid.clone());
        let beginning = async {
            let bytes = accepted(request.send().await?).await?.bytes_stream().boxed();
            let content = checked(bytes, Expected { length, cid: whole_file }, self.limits.idle);
            let mut content = content.peekable();
            match Pin::new(&mut content).peek().await {
                Some(Ok(_)) => Ok(content.boxed()),
                Some(Err(error)) => Err(NodeError::failed(error.to_string())),
                None => Err(NodeError::failed("the node sent nothing")),
            }
        };
        timeout(self.limits.first_byte, beginning).await.unwrap_or(Err(NodeError::TimedOut))
    }
}

/// The last line of a node's answer, which is a JSON text in every line.
async fn answer(response: Response) -> Result<Value, NodeError> {
    let answer = accepted(response).await?;
    let (bytes, is_whole) = beginning(answer, MAX_ANSWER_BYTES).await?;
    if !is_whole {
        return Err(NodeError::failed("the node's answer is too large"));
    }
    // A text over several lines is one all the same.
    let last = bytes.trim_ascii().split(|byte| *byte == b'\n').next_back().unwrap_or_default();
    serde_json::from_slice(&bytes).or_else(|_| serde_json::from_slice(last)).map_err(NodeError::failed)
}

/// The answer, if it is not an error.
async fn accepted(response: Response) -> Result<Response, NodeError> {
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(response);
    }
    // What cannot be read any more adds nothing to the status.
    let (said, _) = beginning(response, MAX_ERROR_BYTES).await.unwrap_or_default();
    Err(NodeError::Refused { status: status.as_u16(), message: message_of(&said) })
}

/// The body up to so many bytes, and whether that is all of it.
async fn beginning(mut response: Response, limit: usize) -> Result<(Vec<u8>, bool), NodeError> {
    let mut body = Vec::new();
    while let Some(bytes) = response.chunk().await? {
        let room = limit - body.len();
        body.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
        if bytes.len() > room {
            return Ok((body, false));
        }
    }
    Ok((body, true))
}

/// What a node says about a failure, on one line of bounded length.
fn message_of(said: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(said).ok();
    let message = json.as_ref().and_then(|error| error.get("Message")?.as_str());
    let text = message.map_or_else(|| String::from_utf8_lossy(said), Into::into);
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_ERROR_CHARS).collect()
}

/// A file's bytes, which are counted as they are read.
fn pieces_of(
    file: File,
    read: Arc<AtomicU64>,
) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> + Send {
    stream::try_unfold((file, read), |(mut file, read)| async move {
        let mut piece = Vec::with_capacity(READ_BYTES);
        let bytes = file.read_buf(&mut piece).await?;
        read.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok((bytes > 0).then(|| (Bytes::from(piece), (file, read))))
    })
}

/// Waits for something for as long as the count goes on.
async fn while_it_goes_on<T>(
    work: impl Future<Output = T>,
    count: &AtomicU64,
    limit: Duration,
) -> Result<T, NodeError> {
    tokio::pin!(work);
    let mut seen = 0;
    loop {
        if let Ok(done) = timeout(limit, &mut work).await {
            return Ok(done);
        }
        let now = count.load(Ordering::Relaxed);
        if now == seen {
            return Err(NodeError::TimedOut);
        }
        seen = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_node_says_about_a_failure_is_short_and_on_one_line() {
        assert_eq!(message_of(br#"{"Message":"disk\nfull","Code":0,"Type":"error"}"#), "disk full");
        assert_eq!(message_of(b"404 page not found\n"), "404 page not found ");
        assert_eq!(message_of(&b"\xff".repeat(5000)).chars().count(), MAX_ERROR_CHARS);
        assert_eq!(message_of(b""), "");
    }
}
