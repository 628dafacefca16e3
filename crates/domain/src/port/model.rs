//! The language model port.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::BoxStream;

use super::PortError;
use crate::chat::Speaker;

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// The author.
    pub speaker: Speaker,
    /// The text.
    pub text: String,
}

/// A chat completion request in OpenAI's format, to be sent to a model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionRequest {
    /// The request, a JSON object. Its `model` is ignored.
    pub json: Bytes,
    /// Whether the answer is streamed, as the request says.
    pub stream: bool,
}

/// An answer to a chat completion request, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionPart {
    /// A `chat.completion` or `chat.completion.chunk` object, as sent by the model.
    pub json: Bytes,
    /// The assistant's text in the first choice; may be empty.
    pub text: String,
}

/// The chunks of an answer as they arrive. It ends without an error only if the model said that the answer is
/// complete; an error is the last item. Dropping the stream cancels the call to the model.
pub type CompletionStream = BoxStream<'static, Result<CompletionPart, PortError>>;

/// A model's answer to a chat completion request.
pub enum Completion {
    /// A complete answer.
    Whole(CompletionPart),
    /// A streamed answer.
    Stream(CompletionStream),
}

/// A language model. Its output is text, not fact. It is stateless between calls.
///
/// [`PortError::Unavailable`] and [`PortError::Overloaded`] if it is unreachable, times out or is overloaded;
/// [`PortError::Failed`] if it returns an error or an invalid answer.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// The model's name.
    fn name(&self) -> &str;

    /// The model's next message in this conversation, within this time.
    async fn reply(&self, conversation: &[Utterance], within: Duration) -> Result<String, PortError>;

    /// The model's answer to a request written by the client.
    async fn complete(&self, request: CompletionRequest) -> Result<Completion, PortError>;
}
