//! The language model adapter.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, InvalidHeaderValue};
use reqwest::redirect::Policy;
use serde_json::{Map, Value};
use yilin_domain::port::{Completion, CompletionRequest, LanguageModel, PortError, Random, Utterance};

use crate::body::{self, Body};
use crate::own_call::OwnCalls;
use crate::retry::with_retries;
use crate::trouble::Trouble;
use crate::{LlmOptions, answer, events};

/// Error of creating a model client.
#[derive(Debug, thiserror::Error)]
pub enum OpenModelError {
    /// The key is not a valid header value.
    #[error("the key for the language model's server has characters that are invalid in a header")]
    Key(#[source] InvalidHeaderValue),
    /// The HTTP client cannot be created.
    #[error("the HTTP client for the language model's server cannot be created")]
    Client(#[source] reqwest::Error),
}

/// A model behind an OpenAI-compatible API. Cheap to clone.
#[derive(Clone)]
pub struct OpenAiModel {
    http: reqwest::Client,
    own_calls: OwnCalls,
    url: String,
    authorization: Option<HeaderValue>,
    options: Arc<LlmOptions>,
    random: Arc<dyn Random>,
}

impl OpenAiModel {
    /// Creates a client. It connects on the first request.
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
        let url = format!("{base}/chat/completions");
        let options = Arc::new(options);
        let own_calls =
            OwnCalls::new(base, authorization.clone(), http.clone(), options.clone(), random.clone());
        Ok(Self { http, own_calls, url, authorization, options, random })
    }

    /// Sends a request, with retries until an answer begins or the error is permanent.
    async fn ask(&self, request: &Bytes, stream: bool) -> Result<Completion, Trouble> {
        with_retries(&self.options, self.random.clone(), || self.attempt(request, stream)).await
    }

    async fn attempt(&self, request: &Bytes, stream: bool) -> Result<Completion, Trouble> {
        let accept = if stream { "text/event-stream" } else { "application/json" };
        let mut post =
            self.http.post(&self.url).header(CONTENT_TYPE, "application/json").header(ACCEPT, accept);
        if let Some(authorization) = &self.authorization {
            post = post.header(AUTHORIZATION, authorization.clone());
        }
        let response = post.body(request.clone()).send().await.map_err(Trouble::Unreachable)?;
        if !response.status().is_success() {
            return Err(Trouble::of(&response));
        }
        match (Body::of(response).await?, stream) {
            (Body::Json(raw), false) => Ok(Completion::Whole(answer::whole(&raw)?)),
            (Body::Json(raw), true) => {
                let piece = answer::as_piece(&answer::whole(&raw)?)?;
                Ok(Completion::Stream(stream::iter([Ok(piece)]).boxed()))
            }
            (Body::Events(bytes), true) => self.streamed(bytes).await,
            (Body::Events(_), false) => Err(Trouble::Nonsense("a stream that was not requested")),
        }
    }

    /// A streamed answer, once its first chunk has arrived.
    async fn streamed(&self, bytes: body::Chunks) -> Result<Completion, Trouble> {
        let (idle, longest) = (self.options.idle_timeout, self.options.longest_pause);
        let mut pieces = events::pieces(bytes, idle).boxed();
        let first = pieces.next().await.ok_or(Trouble::Nonsense("empty"))??;
        let rest = pieces.map(move |piece| piece.map_err(|trouble| trouble.into_error(longest)));
        Ok(Completion::Stream(stream::once(async { Ok(first) }).chain(rest).boxed()))
    }

    /// The request with our model name in it.
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
        let asking = self.own_calls.reply(&self.options.model, conversation);
        let answer = tokio::time::timeout(within, asking).await;
        let answer = answer.unwrap_or(Err(Trouble::TooSlow(within)));
        answer.map_err(|trouble| trouble.into_error(self.options.longest_pause)).inspect_err(
            |error| tracing::warn!(error = %with_source(error), "the service's request to the language model failed"),
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

fn with_source(error: &PortError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    format!("{error}: {cause}")
}
