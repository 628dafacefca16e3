use std::sync::Arc;
use std::time::Duration;

use async_openai::Client;
use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::stream::{self, BoxStream, StreamExt as _};
use reqwest::Response;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, InvalidHeaderValue};
use reqwest::redirect::Policy;
use serde_json::{Map, Value};
use yilin_domain::port::{
    Completion, CompletionPart, CompletionRequest, LanguageModel, PortError, Random, Utterance,
};

use crate::own_call::{self, ServerConfig};
use crate::retry::Backoff;
use crate::trouble::Trouble;
use crate::{LlmOptions, answer, events};

/// The largest whole answer, in bytes.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// Why a model cannot be asked at all.
#[derive(Debug, thiserror::Error)]
pub enum OpenModelError {
    /// The key cannot be sent in a header.
    #[error("the key of the language model's server has characters that cannot be sent")]
    Key(#[source] InvalidHeaderValue),
    /// The HTTP client cannot be made.
    #[error("the client of the language model's server cannot be made")]
    Client(#[source] reqwest::Error),
}

/// A model behind OpenAI's protocol. Cheap to clone.
#[derive(Clone)]
pub struct OpenAiModel {
    http: reqwest::Client,
    own: Client<ServerConfig>,
    url: String,
    authorization: Option<HeaderValue>,
    options: Arc<LlmOptions>,
    random: Arc<dyn Random>,
}

type Pieces = BoxStream<'static, Result<CompletionPart, Trouble>>;

impl OpenAiModel {
    /// A model of this server. Connects when it is first asked.
    pub fn new(options: LlmOptions, random: Arc<dyn Random>) -> Result<Self, OpenModelError> {
        let http = reqwest::Client::builder()
            .connect_timeout(options.connect_timeout)
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(OpenModelError::Client)?;
        let authorization = options.api_key.as_ref().map(|key| {
            let mut value = HeaderValue::from_str(&format!("Bearer {key}"))?;
            value.set_sensitive(true);
            Ok(value)
        });
        let authorization = authorization.transpose().map_err(OpenModelError::Key)?;
        let base = options.base_url.as_str().trim_end_matches('/').to_owned();
        Ok(Self {
            own: Client::build(http.clone(), ServerConfig::new(base.clone(), authorization.clone())),
            http,
            url: format!("{base}/chat/completions"),
            authorization,
            options: Arc::new(options),
            random,
        })
    }

    /// Asks until an answer begins, or there is no hope of it.
    async fn ask(&self, body: &Bytes, stream: bool) -> Result<Completion, Trouble> {
        let mut backoff = Backoff::new(&self.options, self.random.clone());
        loop {
            let trouble = match self.attempt(body, stream).await {
                Ok(reply) => return Ok(reply),
                Err(trouble) => trouble,
            };
            tracing::debug!(%trouble, "the language model was asked in vain");
            if !(trouble.may_pass() && backoff.pause(trouble.retry_after()).await) {
                return Err(trouble);
            }
        }
    }

    async fn attempt(&self, body: &Bytes, stream: bool) -> Result<Completion, Trouble> {
        let accept = if stream { "text/event-stream" } else { "application/json" };
        let mut request =
            self.http.post(&self.url).header(CONTENT_TYPE, "application/json").header(ACCEPT, accept);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.clone());
        }
        let response = request.body(body.clone()).send().await.map_err(Trouble::Unreachable)?;
        if !response.status().is_success() {
            return Err(Trouble::of(&response));
        }
        if stream { self.streamed(response).await } else { whole(response).await }
    }

    /// A streamed answer, once its first piece is there.
    async fn streamed(&self, response: Response) -> Result<Completion, Trouble> {
        if !media_type(&response).eq_ignore_ascii_case("text/event-stream") {
            return Err(Trouble::Nonsense("it is no stream of events"));
        }
        let mut pieces = events::pieces(response.bytes_stream()).boxed();
        let first = pieces.next().await.ok_or(Trouble::Nonsense("it says nothing"))??;
        let (idle, longest) = (self.options.idle_timeout, self.options.longest_pause);
        let rest =
            patient(pieces, idle).map(move |piece| piece.map_err(|trouble| trouble.into_error(longest)));
        Ok(Completion::Stream(stream::once(async { Ok(first) }).chain(rest).boxed()))
    }

    /// The request with our model in it.
    fn with_model(&self, body: &[u8]) -> Result<Bytes, Trouble> {
        let mut request: Map<String, Value> = serde_json::from_slice(body).map_err(Trouble::NoObject)?;
        request.insert("model".to_owned(), self.options.model.clone().into());
        serde_json::to_vec(&request).map(Bytes::from).map_err(Trouble::NoObject)
    }
}

#[async_trait]
impl LanguageModel for OpenAiModel {
    fn name(&self) -> &str {
        &self.options.model
    }

    async fn reply(&self, conversation: &[Utterance], within: Duration) -> Result<String, PortError> {
        let reply = own_call::reply(&self.own, &self.options.model, conversation, within).await;
        reply.inspect_err(
            |error| tracing::warn!(error = %with_source(error), "the language model did not answer us"),
        )
    }

    async fn complete(&self, call: CompletionRequest) -> Result<Completion, PortError> {
        let options = &self.options;
        let asking = async { self.ask(&self.with_model(&call.json)?, call.stream).await };
        let asked = tokio::time::timeout(options.answer_timeout, asking).await;
        let reply = asked.unwrap_or(Err(Trouble::TooSlow(options.answer_timeout)));
        reply.map_err(|trouble| trouble.into_error(options.longest_pause))
    }
}

/// The same pieces, each of them within this time.
fn patient(
    pieces: Pieces,
    idle: Duration,
) -> impl futures_util::Stream<Item = Result<CompletionPart, Trouble>> + Send {
    stream::unfold(Some(pieces), move |pieces| async move {
        let mut pieces = pieces?;
        match tokio::time::timeout(idle, pieces.next()).await {
            Ok(piece) => piece.map(|piece| (piece, Some(pieces))),
            // Dropping the pieces ends the connection.
            Err(_) => Some((Err(Trouble::TooSlow(idle)), None)),
        }
    })
}

async fn whole(mut response: Response) -> Result<Completion, Trouble> {
    let mut raw = BytesMut::new();
    while let Some(bytes) = response.chunk().await.map_err(|error| Trouble::BrokeOff(error.into()))? {
        if raw.len() + bytes.len() > MAX_ANSWER_BYTES {
            return Err(Trouble::Nonsense("it is too large"));
        }
        raw.extend_from_slice(&bytes);
    }
    let text = answer::whole_text(&raw)?;
    Ok(Completion::Whole(CompletionPart { json: raw.freeze(), text }))
}

fn media_type(response: &Response) -> &str {
    let value =
        response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

fn with_source(error: &PortError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    format!("{error}: {cause}")
}
