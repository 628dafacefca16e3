//! OpenAI's protocol: chat completions as its official clients send and read them.
//!
//! * `request` reads a request, and is what the use case sees of it.
//! * `notice` puts words before the model's.
//! * `stream` passes an answer on as server-sent events.
//! * `error` reports errors as OpenAI does.
//! * `schema` describes requests and answers.

mod error;
mod notice;
mod request;
mod schema;
mod stream;

pub(crate) use error::ChatErrorBody;
pub(crate) use notice::{first_part_with_notice, whole_with_notice};
pub(crate) use request::ChatBody;
pub use request::ChatRequestLimits;
pub(crate) use schema::ChatAnswer;
pub(crate) use stream::events;

/// The header of answers whose text a model has written.
pub(crate) const GENERATED_HEADER: (&str, &str) = ("x-yilin-generated", "true");

/// The route that speaks this protocol, errors included.
pub(crate) const PATH: &str = "/api/v1/chat/completions";
