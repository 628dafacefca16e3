//! Server, model and timeouts.

use std::time::Duration;

use url::Url;

/// The server, and timeouts for it. Holds a secret, hence no `Debug`.
#[derive(Clone)]
pub struct LlmOptions {
    /// The API base URL: `https://open.bigmodel.cn/api/paas/v4`, `http://127.0.0.1:8000/v1`.
    pub base_url: Url,
    /// The API key, if the server requires one.
    pub api_key: Option<String>,
    /// The model name, which replaces the one in clients' requests.
    pub model: String,
    /// Connect timeout.
    pub connect_timeout: Duration,
    /// Timeout for all attempts together until an answer begins; for a whole answer, until its end.
    pub answer_timeout: Duration,
    /// Maximum pause within a streamed answer.
    pub idle_timeout: Duration,
    /// Maximum number of retries before an answer has begun.
    pub retries: u32,
    /// Pause before the first retry; doubled each time.
    pub first_pause: Duration,
    /// Maximum pause, whatever the server asks for.
    pub longest_pause: Duration,
}

impl LlmOptions {
    /// Options with default timeouts.
    pub fn new(base_url: Url, api_key: Option<String>, model: String) -> Self {
        Self {
            base_url,
            api_key,
            model,
            connect_timeout: Duration::from_secs(5),
            answer_timeout: Duration::from_secs(60),
            idle_timeout: Duration::from_secs(60),
            retries: 2,
            first_pause: Duration::from_millis(300),
            longest_pause: Duration::from_secs(5),
        }
    }
}
