//! The service's own questions, through `async-openai`.

use std::sync::Arc;

use async_openai::Client;
use async_openai::config::Config;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::SecretString;
use serde_json::{Value, json};
use tower::BoxError;
use yilin_domain::chat::Speaker;
use yilin_domain::port::{Random, Utterance};

use crate::body::Body;
use crate::retry::with_retries;
use crate::trouble::Trouble;
use crate::{LlmOptions, answer};

/// The most tokens of an answer to the service's own questions, which are to be short.
const MAX_TOKENS: u32 = 1024;

/// Asks the service's own questions.
#[derive(Clone)]
pub(crate) struct OwnCalls {
    client: Client<ServerConfig>,
}

impl OwnCalls {
    pub(crate) fn new(
        base: String,
        authorization: Option<HeaderValue>,
        http: reqwest::Client,
        options: Arc<LlmOptions>,
        random: Arc<dyn Random>,
    ) -> Self {
        let service = tower::service_fn({
            let http = http.clone();
            move |request: HttpRequestFactory| {
                let (http, options, random) = (http.clone(), options.clone(), random.clone());
                async move {
                    with_retries(&options, random, || attempt(&http, &request)).await.map_err(BoxError::from)
                }
            }
        });
        let config = ServerConfig::new(base, authorization);
        Self { client: Client::build(http, config).with_http_service(service) }
    }

    /// What the model says next.
    pub(crate) async fn reply(&self, model: &str, conversation: &[Utterance]) -> Result<String, Trouble> {
        let messages: Vec<_> = conversation
            .iter()
            .map(|utterance| json!({"role": role(utterance.speaker), "content": utterance.text}))
            .collect();
        let request = json!({
            "model": model, "messages": messages,
            "temperature": 0.2, "max_tokens": MAX_TOKENS, "stream": false,
        });
        let completion: Value = self.client.chat().create_byot(request).await.map_err(trouble)?;
        let text = answer::text_of_whole(&completion)?;
        if text.trim().is_empty() { Err(Trouble::Nonsense("it says nothing")) } else { Ok(text) }
    }
}

/// Sends a request of the library's once. The library would read answers of any size, know nothing of
/// `Retry-After`, and write what it cannot parse to the log; it gets only whole answers within limits,
/// which are JSON.
async fn attempt(http: &reqwest::Client, request: &HttpRequestFactory) -> Result<reqwest::Response, Trouble> {
    let request = request.build().await.map_err(trouble)?;
    let response = http.execute(request).await.map_err(Trouble::Unreachable)?;
    if !response.status().is_success() {
        return Err(Trouble::of(&response));
    }
    match Body::of(response).await? {
        Body::Json(raw) => Ok(http::Response::new(answer::whole(&raw)?.json).into()),
        Body::Events(_) => Err(Trouble::Nonsense("it is a stream, which was not asked for")),
    }
}

/// What the library's error is. Its own text may hold what the server said, and does not go into ours.
fn trouble(error: OpenAIError) -> Trouble {
    match error {
        OpenAIError::Boxed(error) => match error.downcast::<Trouble>() {
            Ok(trouble) => *trouble,
            Err(error) => Trouble::BrokeOff(error),
        },
        OpenAIError::Reqwest(error) => Trouble::Unreachable(error),
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

/// Where the server is. `async-openai`'s own configuration would read the environment.
#[derive(Clone)]
struct ServerConfig {
    base: String,
    headers: HeaderMap,
    /// The key is in the headers; the library asks for it in other places, where it stays empty.
    no_key: SecretString,
}

impl ServerConfig {
    fn new(base: String, authorization: Option<HeaderValue>) -> Self {
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        headers.extend(authorization.map(|value| (AUTHORIZATION, value)));
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
