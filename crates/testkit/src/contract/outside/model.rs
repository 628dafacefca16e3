//! The suite of [`LanguageModel`].

use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use serde_json::{Value, json};
use yilin_domain::chat::Speaker;
use yilin_domain::port::{Completion, CompletionPart, CompletionRequest, LanguageModel, Utterance};

/// Longer than any model of these suites takes.
const NO_HURRY: Duration = Duration::from_secs(30);

/// Every case, one after another, on a model that works.
pub async fn suite(model: &dyn LanguageModel) {
    assert!(!model.name().is_empty());
    it_replies(model).await;
    it_answers_as_a_whole(model).await;
    it_answers_in_parts(model).await;
}

async fn it_replies(model: &dyn LanguageModel) {
    let said = |speaker, text: &str| Utterance { speaker, text: text.to_owned() };
    let conversation = [
        said(Speaker::System, "你是社区医院的助手"),
        said(Speaker::User, "我头痛"),
        said(Speaker::Assistant, "多久了？"),
        said(Speaker::User, "三天"),
    ];
    for length in [2, 4] {
        let reply = model.reply(&conversation[..length], NO_HURRY).await.expect("the model answers");
        assert!(!reply.trim().is_empty(), "it says something");
    }
}

/// A request as a client may write it.
pub fn request(stream: bool) -> CompletionRequest {
    let json = json!({
        "model": "whatever the caller likes", "stream": stream, "temperature": 0.5,
        "messages": [{"role": "user", "content": "我头痛\n“三天”了 🤕"}],
    });
    CompletionRequest { json: Bytes::from(json.to_string()), stream }
}

async fn it_answers_as_a_whole(model: &dyn LanguageModel) {
    let Completion::Whole(CompletionPart { json, text }) =
        model.complete(request(false)).await.expect("the model answers")
    else {
        panic!("no stream was asked for")
    };
    let answer: Value = serde_json::from_slice(&json).expect("it is JSON");
    assert_eq!(answer["object"], "chat.completion");
    assert_eq!(answer["choices"][0]["message"]["content"], text.as_str());
    assert!(!text.is_empty());
}

async fn it_answers_in_parts(model: &dyn LanguageModel) {
    let Completion::Stream(parts) = model.complete(request(true)).await.expect("the model answers") else {
        panic!("a stream was asked for")
    };
    let parts: Vec<CompletionPart> = parts.try_collect().await.expect("the answer is whole");
    assert!(parts.len() > 1, "{parts:?}");
    for part in &parts {
        let chunk: Value = serde_json::from_slice(&part.json).expect("it is JSON");
        assert_eq!(chunk["object"], "chat.completion.chunk");
        let content = chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
        assert_eq!(content, part.text);
    }
    assert!(parts.iter().any(|part| !part.text.is_empty()), "it says something");
}
