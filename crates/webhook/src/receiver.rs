//! The receiver of webhooks over HTTP.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Response, StatusCode};
use url::{Host, Url};
use yilin_domain::event::Event;
use yilin_domain::port::{BoxError, WebhookReceiver};
use yilin_domain::time::Timestamp;
use yilin_domain::webhook::{DeliveryFailure, FailureText};

use crate::SigningKey;

/// Serializes an event, in the same form as for listeners.
pub type RenderEvent = Arc<dyn Fn(&Event) -> Result<String, BoxError> + Send + Sync>;

/// Maximum length of a response body; a longer one costs the connection.
const MAX_BODY_BYTES: usize = 16 << 10;

/// Timeout of reading a response body.
const DRAIN: Duration = Duration::from_secs(1);

/// Options of a receiver.
#[derive(Clone)]
pub struct ReceiverOptions {
    /// The receiver's URL.
    pub url: Url,
    /// The signing key.
    pub key: SigningKey,
    /// Serializes events.
    pub render: RenderEvent,
    /// Timeout of connecting.
    pub connect_timeout: Duration,
    /// Timeout until the response headers, including connecting.
    pub timeout: Duration,
}

impl ReceiverOptions {
    /// The default timeouts.
    pub fn new(url: Url, key: SigningKey, render: RenderEvent) -> Self {
        Self { url, key, render, connect_timeout: Duration::from_secs(3), timeout: Duration::from_secs(10) }
    }
}

/// Whether events may be sent to this URL: https, or http on loopback.
pub fn is_allowed_url(url: &Url) -> bool {
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Ipv4(ip))) => ip.is_loopback(),
        ("http", Some(Host::Ipv6(ip))) => ip.to_canonical().is_loopback(),
        ("http", Some(Host::Domain(name))) => name == "localhost",
        _ => false,
    }
}

/// Why a receiver cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum OpenReceiverError {
    /// The URL is neither https nor on loopback.
    #[error("the receiver of webhooks must be https, or http on this machine")]
    Url,
    /// The HTTP client cannot be created.
    #[error("the client of the receiver of webhooks cannot be made")]
    Client(#[source] reqwest::Error),
}

/// A webhook receiver over HTTP.
pub struct HttpReceiver {
    http: reqwest::Client,
    options: ReceiverOptions,
}

impl HttpReceiver {
    /// A receiver with these options. Connects when something is sent.
    pub fn new(options: ReceiverOptions) -> Result<Self, OpenReceiverError> {
        if !is_allowed_url(&options.url) {
            return Err(OpenReceiverError::Url);
        }
        let http = reqwest::Client::builder()
            .connect_timeout(options.connect_timeout)
            .redirect(Policy::none())
            .no_proxy()
            .user_agent(concat!("yilin/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(OpenReceiverError::Client)?;
        Ok(Self { http, options })
    }

    async fn post(&self, event: &Event, now: Timestamp) -> Result<(), DeliveryFailure> {
        let body = (self.options.render)(event).map_err(|error| refused(&error.to_string()))?;
        let (id, seconds) = (event.id.to_string(), now.timestamp());
        let signature = self.options.key.sign(&id, seconds, &body);
        let request = self
            .http
            .post(self.options.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", id)
            .header("webhook-timestamp", seconds)
            .header("webhook-signature", signature)
            .body(body);
        let sent = tokio::time::timeout(self.options.timeout, request.send()).await;
        let response = sent.map_err(|_| down("no answer in time"))?.map_err(|error| down(&failed(&error)))?;
        let status = response.status();
        // The status decides. The body is read so that the connection can be reused.
        let _read = tokio::time::timeout(DRAIN, drain(response)).await;
        if status.is_success() { Ok(()) } else { Err(answered(status)) }
    }
}

#[async_trait]
impl WebhookReceiver for HttpReceiver {
    async fn deliver(&self, event: &Event, now: Timestamp) -> Result<(), DeliveryFailure> {
        self.post(event, now).await
    }
}

async fn drain(mut response: Response) {
    let mut read = 0;
    while let Ok(Some(piece)) = response.chunk().await {
        read += piece.len();
        if read > MAX_BODY_BYTES {
            return;
        }
    }
}

fn down(reason: &str) -> DeliveryFailure {
    DeliveryFailure { is_down: true, reason: FailureText::clipped(reason) }
}

fn refused(reason: &str) -> DeliveryFailure {
    DeliveryFailure { is_down: false, reason: FailureText::clipped(reason) }
}

/// The failure of a response other than 2xx.
fn answered(status: StatusCode) -> DeliveryFailure {
    let says_down = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ];
    let reason = format!("status {}", status.as_u16());
    if says_down.contains(&status) { down(&reason) } else { refused(&reason) }
}

/// Describes an error without the URL, which may contain a secret.
fn failed(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "no answer in time"
    } else if error.is_connect() {
        "cannot connect"
    } else {
        "the connection broke off"
    };
    let mut cause = std::error::Error::source(error);
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    cause.map_or_else(|| kind.to_owned(), |cause| format!("{kind}: {cause}"))
}
