//! The language model port of Yilin, for any server with an OpenAI-compatible API: Zhipu's GLM-4, vLLM,
//! Ollama.
//!
//! * [`OpenAiModel`] forwards clients' requests (chat), including fields that it does not know.
//! * `own_call` sends the service's own requests (summaries) through `async-openai`.
//! * `body` distinguishes a stream from a whole answer by the first bytes.
//! * `events` parses a stream of events, however it is split, within limits.
//! * `answer` parses a chunk or a whole answer; `surrogates` joins split surrogate pairs.
//! * `trouble` decides which failures are retried and how they are reported.
//!
//! Neither `OPENAI_*` nor proxy environment variables are read: the server is defined by the settings alone.
//! The server's error messages are logged, never passed on.

mod answer;
mod body;
mod events;
mod model;
mod options;
mod own_call;
mod retry;
mod surrogates;
mod trouble;

pub use model::{OpenAiModel, OpenModelError};
pub use options::LlmOptions;
