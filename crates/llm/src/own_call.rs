//! The service's own requests, through `async-openai`.

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

/// Maximum number of tokens of an answer to the service's own requests, which should be short.
const MAX_TOKENS: u32 = 1024;

/// Client for the service's own requests.
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

    /// The model's next message.
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
        if text.trim().is_empty() { Err(Trouble::Nonsense("empty")) } else { Ok(text) }
    }
}

/// Sends one request of the library. The library itself reads answers of any size, ignores `Retry-After`, and
/// logs what it cannot parse; here it only receives complete answers within limits that are JSON.
async fn attempt(http: &reqwest::Client, request: &HttpRequestFactory) -> Result<reqwest::Response, Trouble> {
    let request = request.build().await.map_err(trouble)?;
    let response = http.execute(request).await.map_err(Trouble::Unreachable)?;
    if !response.status().is_success() {
        return Err(Trouble::of(&response));
    }
    match Body::of(response).await? {
        Body::Json(raw) => Ok(http::Response::new(answer::whole(&raw)?.json).into()),
        Body::Events(_) => Err(Trouble::Nonsense("a stream that was not requested")),
    }
}

/// Classifies the library's error. Its text may quote the server and is not included in ours.
fn trouble(error: OpenAIError) -> Trouble {
    match error {
        OpenAIError::Boxed(error) => match error.downcast::<Trouble>() {
            Ok(trouble) => *trouble,
            Err(error) => Trouble::BrokeOff(error),
        },
        OpenAIError::Reqwest(error) => Trouble::Unreachable(error),
        _ => Trouble::Nonsense("unreadable"),
    }
}

const fn role(speaker: Speaker) -> &'static str {
    match speaker {
        Speaker::System => "system",
        Speaker::User => "user",
        Speaker::Assistant => "assistant",
    }
}

/// The server's address. `async-openai`'s own configuration reads the environment.
#[derive(Clone)]
struct ServerConfig {
    base: String,
    headers: HeaderMap,
    /// The key is in the headers; the places where the library asks for it stay empty.
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
