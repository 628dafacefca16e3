//! The language model's port.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;

use super::PortError;
use crate::chat::Speaker;

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
}

/// A chat completion request in the form of OpenAI, on its way to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionRequest {
    /// The request, a JSON object. Which model it names does not matter.
    pub json: Bytes,
    /// Whether the answer is to come in parts, as the request says.
    pub stream: bool,
}

/// An answer to a chat completion request, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionPart {
    /// A `chat.completion` or `chat.completion.chunk` object, as the model sent it.
    pub json: Bytes,
    /// What the assistant says in it, in its first choice; may be empty.
    pub text: String,
}

/// The parts of an answer as they come. It ends well only if the model said that the answer is
/// whole; an error is the last item. Dropping it ends the call to the model.
pub type CompletionStream = BoxStream<'static, Result<CompletionPart, PortError>>;

/// A model's answer to a chat completion request.
pub enum Completion {
    /// All of it.
    Whole(CompletionPart),
    /// In parts.
    Stream(CompletionStream),
}

/// A language model. What it says is text, not fact. It remembers nothing between calls.
///
/// [`PortError::Unavailable`] and [`PortError::Overloaded`] if it cannot be reached, does not answer
/// in time or has too much to do; [`PortError::Failed`] if it answers an error, or nonsense.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// The model's name.
    fn name(&self) -> &str;

    /// What the model says next in this conversation, if it does so within this time.
    async fn reply(&self, conversation: &[Utterance], within: Duration) -> Result<String, PortError>;

    /// The model's answer to a request that the client has written.
    async fn complete(&self, request: CompletionRequest) -> Result<Completion, PortError>;
}
