//! The language model port of Yilin, for any server that speaks OpenAI's protocol: Zhipu's GLM-4,
//! vLLM, Ollama.
//!
//! * [`OpenAiModel`] passes clients' requests on (chat) with everything in them that it does not know.
//! * `own_call` asks the service's own questions (summaries) through `async-openai`.
//! * `body` tells a stream from a whole answer by the first bytes.
//! * `events` reads a stream of events, however it is cut and ended, within bounds.
//! * `answer` reads a piece or a whole answer, `surrogates` joins characters that are cut in two.
//! * `trouble` says what of all that can go wrong is worth another attempt, and what it comes to.
//!
//! Nothing is read from `OPENAI_*` variables, nor from those that name a proxy: what the service talks
//! to is in its settings alone. What the server says about a failure is logged, never passed on.

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
