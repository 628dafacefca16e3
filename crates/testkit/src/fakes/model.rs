use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use yilin_domain::port::{LanguageModel, Part, PortError, Utterance};

/// A language model that answers what was said last, and remembers what it was asked.
#[derive(Debug, Default)]
pub struct FakeLanguageModel {
    asked: Mutex<Vec<Vec<Utterance>>>,
    down: Mutex<bool>,
}

impl FakeLanguageModel {
    /// A model that has not been asked anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes every call fail, or work again.
    pub fn set_down(&self, down: bool) {
        *self.down.lock().unwrap_or_else(PoisonError::into_inner) = down;
    }

    /// Every conversation that it was asked to go on with: what has left the service.
    pub fn asked(&self) -> Vec<Vec<Utterance>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl LanguageModel for FakeLanguageModel {
    async fn reply(&self, conversation: &[Utterance]) -> Result<String, PortError> {
        if *self.down.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(PortError::Unavailable { part: Part::LanguageModel, source: "it is down".into() });
        }
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(conversation.to_vec());
        let last = conversation.last().map_or("", |utterance| utterance.text.as_str());
        Ok(format!("您说：{last}"))
    }
}
