use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt as _};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, InvalidHeaderValue};
use reqwest::redirect::Policy;
use serde_json::{Map, Value, json};
use yilin_domain::chat::Speaker;
use yilin_domain::port::{
    Completion, CompletionPart, CompletionRequest, LanguageModel, PortError, Random, Utterance,
};

use crate::body::{self, Body};
use crate::retry::Backoff;
use crate::trouble::Trouble;
use crate::{LlmOptions, answer, events};

/// The most tokens of an answer to the service's own questions, which are to be short.
const MAX_TOKENS: u32 = 1024;

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
    url: String,
    authorization: Option<HeaderValue>,
    options: Arc<LlmOptions>,
    random: Arc<dyn Random>,
}

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
        let base = options.base_url.as_str().trim_end_matches('/');
        Ok(Self {
            url: format!("{base}/chat/completions"),
            http,
            authorization,
            options: Arc::new(options),
            random,
        })
    }

    /// Asks until an answer begins, or there is no hope of it.
    async fn ask(&self, request: &Bytes, stream: bool) -> Result<Completion, Trouble> {
        let mut backoff = Backoff::new(&self.options, self.random.clone());
        loop {
            let trouble = match self.attempt(request, stream).await {
                Ok(reply) => return Ok(reply),
                Err(trouble) => trouble,
            };
            tracing::debug!(%trouble, "the language model was asked in vain");
            if !(trouble.may_pass() && backoff.pause(trouble.retry_after()).await) {
                return Err(trouble);
            }
        }
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
            (Body::Events(_), false) => Err(Trouble::Nonsense("it is a stream, which was not asked for")),
        }
    }

    /// A streamed answer, once its first piece is there.
    async fn streamed(&self, bytes: body::Chunks) -> Result<Completion, Trouble> {
        let (idle, longest) = (self.options.idle_timeout, self.options.longest_pause);
        let mut pieces = events::pieces(bytes, idle).boxed();
        let first = pieces.next().await.ok_or(Trouble::Nonsense("it says nothing"))??;
        let rest = pieces.map(move |piece| piece.map_err(|trouble| trouble.into_error(longest)));
        Ok(Completion::Stream(stream::once(async { Ok(first) }).chain(rest).boxed()))
    }

    /// The request with our model in it.
    fn with_model(&self, body: &[u8]) -> Result<Bytes, Trouble> {
        let mut request: Map<String, Value> = serde_json::from_slice(body).map_err(Trouble::NoObject)?;
        request.insert("model".to_owned(), self.options.model.clone().into());
        serde_json::to_vec(&request).map(Bytes::from).map_err(Trouble::NoObject)
    }

    /// The text of the answer to a question of the service's own.
    async fn answer_to(&self, conversation: &[Utterance]) -> Result<String, Trouble> {
        let messages: Vec<_> = conversation
            .iter()
            .map(|utterance| json!({"role": role(utterance.speaker), "content": utterance.text}))
            .collect();
        let request = json!({
            "model": self.options.model, "messages": messages,
            "temperature": 0.2, "max_tokens": MAX_TOKENS, "stream": false,
        });
        match self.ask(&Bytes::from(request.to_string()), false).await? {
            Completion::Whole(CompletionPart { text, .. }) if !text.trim().is_empty() => Ok(text),
            Completion::Whole(_) | Completion::Stream(_) => Err(Trouble::Nonsense("it says nothing")),
        }
    }
}

#[async_trait]
impl LanguageModel for OpenAiModel {
    fn name(&self) -> &str {
        &self.options.model
    }

    async fn reply(&self, conversation: &[Utterance], within: Duration) -> Result<String, PortError> {
        let answer = tokio::time::timeout(within, self.answer_to(conversation)).await;
        let answer = answer.unwrap_or(Err(Trouble::TooSlow(within)));
        answer.map_err(|trouble| trouble.into_error(self.options.longest_pause)).inspect_err(
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

const fn role(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::System => "system",
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    }
}

fn with_source(error: &PortError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    format!("{error}: {cause}")
}
