//! Chat completions, compatible with OpenAI's official clients.
//!
//! * `request` parses a request and exposes its text to the use case.
//! * `notice` prepends a notice to an answer.
//! * `stream` forwards an answer as server-sent events.
//! * `error` reports errors in OpenAI's format.
//! * `schema` describes requests and answers.

mod error;
mod notice;
mod request;
mod schema;
mod stream;

pub(crate) use error::{ChatErrorBody, OPENAI};
pub(crate) use notice::{first_part_with_notice, whole_with_notice};
pub(crate) use request::ChatBody;
pub(crate) use schema::ChatAnswer;
pub(crate) use stream::events;

/// Header of responses with generated text.
pub(crate) const GENERATED_HEADER: (&str, &str) = ("x-yilin-generated", "true");

/// The route with this protocol, including its errors.
pub(crate) const PATH: &str = "/api/v1/chat/completions";
