//! A language model that echoes its input.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use serde_json::{Value, json};
use yilin_domain::port::{
    Completion, CompletionPart, CompletionRequest, LanguageModel, Part, PortError, Utterance,
};

/// A language model that echoes the last message and records its requests.
#[derive(Debug, Default)]
pub struct FakeLanguageModel {
    asked: Mutex<Vec<Vec<Utterance>>>,
    requests: Mutex<Vec<Value>>,
    mood: Mutex<Mood>,
    /// Held by each stream that is being read.
    listeners: Arc<()>,
}

/// The behaviour of a [`FakeLanguageModel`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    /// Answers.
    #[default]
    Well,
    /// Unavailable.
    Down,
    /// Returns an error.
    Failing,
    /// Never answers.
    Silent,
    /// Returns an empty answer.
    Wordless,
    /// Fails in the middle of a stream.
    BreakingOff,
    /// Stalls in the middle of a stream, indefinitely.
    Stalling,
    /// Its streams have no end, and come as fast as they are read.
    Endless,
}

impl FakeLanguageModel {
    /// A model without requests.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets its behaviour.
    pub fn set_mood(&self, mood: Mood) {
        *lock(&self.mood) = mood;
    }

    /// Makes every call fail, or succeed again.
    pub fn set_down(&self, down: bool) {
        self.set_mood(if down { Mood::Down } else { Mood::Well });
    }

    /// Every conversation it was asked to continue.
    pub fn asked(&self) -> Vec<Vec<Utterance>> {
        lock(&self.asked).clone()
    }

    /// Every chat completion request received.
    pub fn requests(&self) -> Vec<Value> {
        lock(&self.requests).clone()
    }

    /// Number of its streams being read.
    pub fn listeners(&self) -> usize {
        Arc::strong_count(&self.listeners) - 1
    }

    fn mood(&self) -> Mood {
        *lock(&self.mood)
    }

    async fn begin(&self) -> Result<Mood, PortError> {
        let mood = self.mood();
        let part = Part::LanguageModel;
        match mood {
            Mood::Down => Err(PortError::Unavailable { part, source: "the fake is down".into() }),
            Mood::Failing => Err(PortError::Failed { part, source: "its key sk-123 is not valid".into() }),
            Mood::Silent => std::future::pending().await,
            _ => Ok(mood),
        }
    }
}

#[async_trait]
impl LanguageModel for FakeLanguageModel {
    fn name(&self) -> &'static str {
        "fake-glm"
    }

    async fn reply(&self, conversation: &[Utterance], within: Duration) -> Result<String, PortError> {
        lock(&self.asked).push(conversation.to_vec());
        let silent =
            || PortError::Unavailable { part: Part::LanguageModel, source: "the fake is silent".into() };
        // A silent model times out immediately.
        let within = if self.mood() == Mood::Silent { Duration::ZERO } else { within };
        let mood = tokio::time::timeout(within, self.begin()).await.map_err(|_| silent())??;
        if mood == Mood::Wordless {
            return Ok(" \n".to_owned());
        }
        let last = conversation.last().map_or("", |utterance| utterance.text.as_str());
        Ok(format!("您说：{last}"))
    }

    async fn complete(&self, request: CompletionRequest) -> Result<Completion, PortError> {
        let value: Value = serde_json::from_slice(&request.json).expect("the request is JSON");
        lock(&self.requests).push(value.clone());
        let mood = self.begin().await?;
        let last = value["messages"].as_array().and_then(|messages| messages.last()).cloned();
        let last = last.and_then(|message| Some(message["content"].as_str()?.to_owned())).unwrap_or_default();
        if !request.stream {
            let text = format!("您说：{last}");
            let json = json!({
                "id": "c1", "object": "chat.completion", "created": 1, "model": "fake-glm",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
            });
            return Ok(Completion::Whole(CompletionPart { json: Bytes::from(json.to_string()), text }));
        }
        let mut parts: Vec<_> = ["您说：", &last, ""].into_iter().map(|text| Ok(chunk(text))).collect();
        let listener = self.listeners.clone();
        let broken =
            PortError::Unavailable { part: Part::LanguageModel, source: "the stream was interrupted".into() };
        let parts = match mood {
            Mood::BreakingOff => {
                parts.truncate(1);
                stream::iter(parts).chain(stream::iter([Err(broken)])).boxed()
            }
            Mood::Stalling => {
                parts.truncate(1);
                stream::iter(parts).chain(stream::pending()).boxed()
            }
            Mood::Endless => stream::repeat_with(|| Ok(chunk(&"说".repeat(10_000)))).boxed(),
            _ => stream::iter(parts).boxed(),
        };
        Ok(Completion::Stream(
            parts
                .inspect(move |_| {
                    let _listening = &listener;
                })
                .boxed(),
        ))
    }
}

fn chunk(text: &str) -> CompletionPart {
    let json = json!({
        "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "fake-glm",
        "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}],
    });
    CompletionPart { json: Bytes::from(json.to_string()), text: text.to_owned() }
}

/// Ignores poison: a test that panics with the lock held fails by itself.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
