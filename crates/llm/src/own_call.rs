//! Our own questions, through `async-openai`.

use std::time::Duration;

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::json;
use yilin_domain::chat::Speaker;
use yilin_domain::port::{PortError, Utterance};

use crate::trouble::Trouble;

/// The most tokens of an answer to us: it is to be a short one.
const MAX_TOKENS: u32 = 1024;

/// Where the server is. `async-openai`'s own configuration would read the environment.
#[derive(Clone)]
pub(crate) struct ServerConfig {
    base: String,
    headers: HeaderMap,
    /// The key is in the headers; the library asks for it in other places, where it stays empty.
    no_key: SecretString,
}

impl ServerConfig {
    pub(crate) fn new(base: String, authorization: Option<HeaderValue>) -> Self {
        let headers = authorization.into_iter().map(|value| (AUTHORIZATION, value)).collect();
        Self { base, headers, no_key: SecretString::default() }
    }
}

impl Config for ServerConfig {
    fn headers(&self) -> HeaderMap {
        self.headers.clone()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn query(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    fn api_base(&self) -> &str {
        &self.base
    }

    fn api_key(&self) -> &SecretString {
        &self.no_key
    }
}

/// What we need of an answer; servers differ in the rest.
#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
}

/// What the model says next. The library tries again by itself, as long as the server asks it to
/// wait, hence the limit around all of it.
pub(crate) async fn reply(
    client: &Client<ServerConfig>,
    model: &str,
    conversation: &[Utterance],
    within: Duration,
) -> Result<String, PortError> {
    let messages: Vec<_> = conversation
        .iter()
        .map(|utterance| json!({"role": role(utterance.speaker), "content": utterance.text}))
        .collect();
    let request = json!({"model": model, "messages": messages, "temperature": 0.2, "max_tokens": MAX_TOKENS, "stream": false});
    let chat = client.chat();
    let asking = chat.create_byot::<_, Completion>(request);
    let answer = tokio::time::timeout(within, asking).await;
    let completion = match answer {
        Ok(answer) => answer.map_err(|error| trouble(error).into_error(within))?,
        Err(_) => return Err(Trouble::TooSlow(within).into_error(within)),
    };
    let text = completion.choices.into_iter().next().and_then(|choice| choice.message.content);
    text.filter(|text| !text.trim().is_empty())
        .ok_or_else(|| Trouble::Nonsense("it says nothing").into_error(within))
}

/// What the library's error is. Its own text may hold what the server said, and does not go into ours.
fn trouble(error: OpenAIError) -> Trouble {
    match error {
        OpenAIError::Reqwest(error) if error.is_connect() || error.is_timeout() || error.is_request() => {
            Trouble::Unreachable(error)
        }
        OpenAIError::Reqwest(error) => Trouble::BrokeOff(error.into()),
        OpenAIError::ApiError(error) => Trouble::of_status(error.status_code, None),
        _ => Trouble::Nonsense("it cannot be read"),
    }
}

const fn role(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::System => "system",
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    }
}
