use async_trait::async_trait;

use super::PortError;

/// Who said something in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// The service, which tells the model what it is for.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    /// Who said it.
    pub speaker: Speaker,
    /// What was said.
    pub text: String,
}

/// A language model. What it says is text, not fact.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// What the model says next in this conversation. Nothing is remembered between calls.
    async fn reply(&self, conversation: &[Utterance]) -> Result<String, PortError>;
}
