//! The Kubo client with limits on response size and connection time.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{FutureExt as _, StreamExt as _, TryStreamExt as _, stream};
use hyper_014::client::HttpConnector;
use hyper_014::header::{HeaderName, HeaderValue};
use hyper_014::{Body, Client, Request, Response, StatusCode};
use ipfs_api_backend_hyper::{ApiError, Error as ClientError, IpfsClient, TryFromUri as _};
use ipfs_api_prelude::{ApiRequest, Backend, BoxStream, Error as ApiCallError};
use serde_json::Value;

use super::rpc::{InvalidNodeUrl, NodeError};

/// Maximum response size in bytes, except for file content; configurations are the largest.
const MAX_ANSWER_BYTES: usize = 1 << 20;

/// Limits on how much of a node's error message is read and reported, in bytes and characters.
const MAX_ERROR_BYTES: usize = 4096;
const MAX_ERROR_CHARS: usize = 300;

type MultipartForm = ipfs_api_backend_hyper::Form<'static>;

/// The Kubo client, with limits. The library reads responses and errors of any size into memory and waits
/// indefinitely for a connection. Addresses, credentials, forms and the parsing of responses are the
/// library's; only sending and reading are done here.
#[derive(Clone)]
pub(super) struct BoundedClient {
    client: IpfsClient,
    http: Client<HttpConnector>,
}

impl BoundedClient {
    /// The client for the node with this RPC address.
    pub(super) fn new(address: &str, connect_timeout: Duration) -> Result<Self, InvalidNodeUrl> {
        let client = IpfsClient::from_str(address).map_err(|_| InvalidNodeUrl)?;
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(connect_timeout));
        // A pooled connection may have been closed by the node, and a file upload cannot be replayed.
        let http = Client::builder().pool_max_idle_per_host(0).build(connector);
        Ok(Self { client, http })
    }
}

#[async_trait]
impl Backend for BoundedClient {
    type HttpRequest = Request<Body>;
    type HttpResponse = Response<Body>;
    type Error = NodeError;

    fn build_base_request<Req: ApiRequest>(
        &self,
        request: Req,
        form: Option<MultipartForm>,
    ) -> Result<Self::HttpRequest, NodeError> {
        Ok(self.client.build_base_request(request, form)?)
    }

    fn get_header(response: &Self::HttpResponse, key: HeaderName) -> Option<&HeaderValue> {
        <IpfsClient as Backend>::get_header(response, key)
    }

    async fn request_raw<Req: ApiRequest>(
        &self,
        request: Req,
        form: Option<MultipartForm>,
    ) -> Result<(StatusCode, Bytes), NodeError> {
        let request = self.build_base_request(request, form)?;
        let response = accepted(self.http.request(request).await?).await?;
        let status = response.status();
        let (body, is_whole) = beginning(response, MAX_ANSWER_BYTES).await?;
        if !is_whole {
            return Err(NodeError::failed("the node's response is too large"));
        }
        Ok((status, Bytes::from(body)))
    }

    fn response_to_byte_stream(response: Self::HttpResponse) -> BoxStream<Bytes, NodeError> {
        Box::new(response.into_body().map_err(NodeError::from))
    }

    fn request_stream<Res, F>(&self, request: Self::HttpRequest, process: F) -> BoxStream<Res, NodeError>
    where
        F: 'static + Send + Fn(Self::HttpResponse) -> BoxStream<Res, NodeError>,
    {
        let responding = self.http.request(request);
        let responses = stream::once(async move { accepted(responding.await?).await }.boxed());
        Box::new(responses.map_ok(process).try_flatten())
    }

    fn with_credentials<U: Into<String>, P: Into<String>>(self, user: U, password: P) -> Self {
        Self { client: self.client.with_credentials(user, password), http: self.http }
    }
}

impl From<ClientError> for NodeError {
    fn from(error: ClientError) -> Self {
        Self::failed(error)
    }
}

impl From<ApiCallError> for NodeError {
    fn from(error: ApiCallError) -> Self {
        // It may quote the node's message.
        Self::failed(one_line(&error.to_string()))
    }
}

impl From<ApiError> for NodeError {
    fn from(error: ApiError) -> Self {
        Self::failed(one_line(&error.message))
    }
}

impl From<hyper_014::Error> for NodeError {
    fn from(error: hyper_014::Error) -> Self {
        Self::failed(error)
    }
}

/// The response, unless its status is an error.
async fn accepted(response: Response<Body>) -> Result<Response<Body>, NodeError> {
    let status = response.status();
    if status == StatusCode::OK {
        return Ok(response);
    }
    // If the body cannot be read, the status alone is reported.
    let (said, _) = beginning(response, MAX_ERROR_BYTES).await.unwrap_or_default();
    Err(NodeError::Refused { status: status.as_u16(), message: message_of(&said) })
}

/// At most `limit` bytes of the body, and whether that is all of it.
async fn beginning(response: Response<Body>, limit: usize) -> Result<(Vec<u8>, bool), NodeError> {
    let mut chunks = response.into_body();
    let mut body = Vec::new();
    while let Some(bytes) = chunks.next().await.transpose()? {
        let room = limit - body.len();
        body.extend_from_slice(bytes.get(..room).unwrap_or(&bytes));
        if bytes.len() > room {
            return Ok((body, false));
        }
    }
    Ok((body, true))
}

/// The error message of a node.
fn message_of(said: &[u8]) -> String {
    let json: Option<Value> = serde_json::from_slice(said).ok();
    let message = json.as_ref().and_then(|error| error.get("Message")?.as_str());
    one_line(&message.map_or_else(|| String::from_utf8_lossy(said), Into::into))
}

/// Text on one line of bounded length.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_ERROR_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nodes_error_message_is_truncated_to_one_line() {
        assert_eq!(message_of(br#"{"Message":"disk\nfull","Code":0,"Type":"error"}"#), "disk full");
        assert_eq!(message_of(b"404 page not found\n"), "404 page not found ");
        assert_eq!(message_of(&b"\xff".repeat(5000)).chars().count(), MAX_ERROR_CHARS);
        assert_eq!(message_of(b""), "");
    }
}
