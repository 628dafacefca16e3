//! The language model port of Yilin, for any server that speaks OpenAI's protocol: Zhipu's GLM-4,
//! vLLM, Ollama.
//!
//! * [`OpenAiModel`] asks for itself through `async-openai` (summaries), and passes clients' requests
//!   on byte by byte (chat), so that unknown fields go through and nothing is held back.
//! * `events` reads a stream of events, however it is cut, within bounds.
//! * `trouble` says what of all that can go wrong is worth another attempt, and what it comes to.
//!
//! Nothing is read from `OPENAI_*` variables, nor from those that name a proxy: what the service talks
//! to is in its settings alone. What the server says about a failure is logged, never passed on.

mod answer;
mod events;
mod model;
mod options;
mod own_call;
mod retry;
mod trouble;

pub use model::{OpenAiModel, OpenModelError};
pub use options::LlmOptions;
