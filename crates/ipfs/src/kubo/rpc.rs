//! Typed requests to a Kubo node, with timeouts.

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use ipfs_api_backend_hyper::response::AddResponse;
use ipfs_api_backend_hyper::{Form, IpfsApi as _};
use ipfs_api_prelude::{ApiRequest, Backend as _};
use serde::{Serialize, Serializer};
use serde_json::Value;
use tokio::fs::File;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::time::timeout;
use url::Url;
use yilin_domain::file::ContentId;
use yilin_domain::port::{BoxError, ByteStream};

use super::bounded::BoundedClient;
use super::checked::{Expected, checked};

/// All parameters that determine the CID of a file or affect how it is stored: a parameter left out falls
/// back to the node's `Import` configuration, whose defaults change between Kubo versions. These are the
/// values of the profile `unixfs-v0-2015` (IPIP-499).
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

/// A request to add a file with the parameters above. The client's own request type lacks some of them, such
/// as `max-file-links`.
struct AddFile;

impl Serialize for AddFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        ADD.as_slice().serialize(serializer)
    }
}

impl ApiRequest for AddFile {
    const PATH: &'static str = "/add";
}

/// Timeouts for the node.
#[derive(Debug, Clone, Copy)]
pub struct TimeLimits {
    /// For a request about the node itself.
    pub answer: Duration,
    /// For the first byte of a file.
    pub first_byte: Duration,
    /// Between two chunks of a file, in either direction.
    pub idle: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(5),
            // Clients give up after 10 seconds.
            first_byte: Duration::from_secs(8),
            idle: Duration::from_secs(30),
        }
    }
}

/// The URL is not that of a Kubo RPC API.
#[derive(Debug, thiserror::Error)]
#[error("not the URL of a Kubo RPC API: expected http://, a host and a port")]
pub struct InvalidNodeUrl;

/// Error of a request to the node.
#[derive(Debug, thiserror::Error)]
pub enum NodeError {
    /// It is unreachable, or its response is invalid.
    #[error("the request to the IPFS node failed")]
    Failed(#[source] BoxError),
    /// It returned an error.
    #[error("the IPFS node returned {status}: {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The beginning of its error message.
        message: String,
    },
    /// It made no progress within the timeout.
    #[error("the IPFS node timed out")]
    TimedOut,
    /// It stored different content than it was sent.
    #[error("the IPFS node stored {ours} as {theirs}")]
    OtherContent {
        /// The CID of the content sent.
        ours: ContentId,
        /// The CID that it returned.
        theirs: ContentId,
    },
    /// It is part of the public network.
    #[error(
        "the IPFS node has bootstrap peers and routing, so it would offer the files to the public network"
    )]
    Public,
}

impl NodeError {
    pub(super) fn failed(error: impl Into<BoxError>) -> Self {
        Self::Failed(error.into())
    }
}

/// A Kubo node.
#[derive(Clone)]
pub(super) struct Node {
    client: BoundedClient,
    limits: TimeLimits,
}

impl Node {
    /// The node with this RPC URL. A user and password in the URL are sent.
    pub(super) fn new(url: &Url, limits: TimeLimits) -> Result<Self, InvalidNodeUrl> {
        let host = url.host_str().filter(|_| url.scheme() == "http").ok_or(InvalidNodeUrl)?;
        let port = url.port_or_known_default().ok_or(InvalidNodeUrl)?;
        let client = BoundedClient::new(&format!("http://{host}:{port}"), limits.answer)?;
        let client = match (url.username(), url.password().unwrap_or_default()) {
            ("", _) => client,
            (user, password) => client.with_credentials(user, password),
        };
        Ok(Self { client, limits })
    }

    /// Whether the node belongs to the public network: it has bootstrap peers and a routing system.
    pub(super) async fn is_public(&self) -> Result<bool, NodeError> {
        let asking = async {
            let bootstrap = self.client.bootstrap_list().await?;
            let config = self.client.config_show().await?;
            let config: Value = serde_json::from_str(&config).map_err(NodeError::failed)?;
            if !config.is_object() {
                return Err(NodeError::failed("the node's configuration is not an object"));
            }
            let routes = config.pointer("/Routing/Type").and_then(Value::as_str) != Some("none");
            Ok(!bootstrap.peers.is_empty() && routes)
        };
        timeout(self.limits.answer, asking).await.unwrap_or(Err(NodeError::TimedOut))
    }

    /// Adds and pins a file with this CID. The CID in the node's response must match.
    ///
    /// If reading the file fails, the request is aborted, so that the node does not store a truncated file.
    pub(super) async fn add(&self, cid: &ContentId, file: File) -> Result<(), NodeError> {
        let read = Arc::new(AtomicU64::new(0));
        let mut form = Form::default();
        form.add_async_reader_file("file", Counted { file, read: read.clone() }, "file");
        let adding = self.client.request::<_, AddResponse>(AddFile, Some(form));
        let added = while_it_goes_on(adding, &read, self.limits.idle).await??;
        let theirs = ContentId::parse(&added.hash)
            .map_err(|_| NodeError::failed("the node's response to an added file is not a CID"))?;
        if &theirs == cid { Ok(()) } else { Err(NodeError::OtherContent { ours: cid.clone(), theirs }) }
    }

    /// Streams the bytes of this range, which must lie within the file. Returns once the first bytes have
    /// arrived.
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
        let bytes = self.client.cat_range(cid.as_str(), whole(range.start)?, whole(length)?);
        let whole_file = (range == (0..size)).then(|| cid.clone());
        let content = checked(bytes, Expected { length, cid: whole_file }, self.limits.idle);
        let mut content = content.peekable();
        match timeout(self.limits.first_byte, Pin::new(&mut content).peek()).await {
            Err(_) => Err(NodeError::TimedOut),
            Ok(Some(Ok(_))) => Ok(content.boxed()),
            Ok(Some(Err(error))) => Err(NodeError::failed(error.to_string())),
            Ok(None) => Err(NodeError::failed("the node returned no content")),
        }
    }
}

/// The client library takes `usize`.
fn whole(number: u64) -> Result<usize, NodeError> {
    usize::try_from(number).map_err(NodeError::failed)
}

/// Awaits a future for as long as the byte counter advances.
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

/// A file that counts the bytes read from it.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

/// The client library requires this of the two `AsyncRead` traits.
impl futures_util::io::AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<std::io::Result<usize>> {
        let mut buffer = ReadBuf::new(buffer);
        ready!(Pin::new(&mut self.file).poll_read(cx, &mut buffer))?;
        let bytes = buffer.filled().len();
        self.read.fetch_add(u64::try_from(bytes).unwrap_or(u64::MAX), Ordering::Relaxed);
        Poll::Ready(Ok(bytes))
    }
}
