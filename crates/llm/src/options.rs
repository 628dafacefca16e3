use std::time::Duration;

use url::Url;

/// Which server, and how patient we are with it. Holds a secret, hence no `Debug`.
#[derive(Clone)]
pub struct LlmOptions {
    /// Where OpenAI's routes begin: `https://open.bigmodel.cn/api/paas/v4`, `http://127.0.0.1:8000/v1`.
    pub base_url: Url,
    /// The key, where the server wants one.
    pub api_key: Option<String>,
    /// The model's name, which replaces whatever clients ask for.
    pub model: String,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long all attempts together may take until an answer begins; a whole answer, until its end.
    pub answer_timeout: Duration,
    /// How long a streamed answer may pause.
    pub idle_timeout: Duration,
    /// How often a call is tried again before its answer has begun.
    pub retries: u32,
    /// How long to wait before the first time; then twice as long each time.
    pub first_pause: Duration,
    /// The longest wait, whatever the server asks for.
    pub longest_pause: Duration,
}

impl LlmOptions {
    /// The usual patience with this model of this server.
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
