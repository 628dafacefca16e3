//! The suites of [`LanguageModel`].

use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use yilin_domain::chat::Speaker;
use yilin_domain::port::{
    Completion, CompletionPart, CompletionRequest, LanguageModel, PortError, Utterance,
};

/// Longer than any answer takes.
const LONG: Duration = Duration::from_secs(60);

/// Runs all cases in sequence on a healthy model.
pub async fn suite(model: &dyn LanguageModel) {
    assert!(!model.name().is_empty());
    it_continues_a_conversation(model).await;
    a_whole_answer_has_its_text(model).await;
    a_streamed_answer_comes_in_pieces_and_ends(model).await;
    an_answer_may_be_dropped(model).await;
}

/// A client's request in OpenAI's format.
pub fn call(stream: bool) -> CompletionRequest {
    let body = format!(
        r#"{{"model":"whatever","stream":{stream},"top_k":7,"messages":[{{"role":"user","content":"我头痛"}}]}}"#
    );
    CompletionRequest { json: Bytes::from(body), stream }
}

/// A conversation that ends with a user message.
pub fn conversation() -> [Utterance; 4] {
    let said = |speaker, text: &str| Utterance { speaker, text: text.to_owned() };
    [
        said(Speaker::System, "你是社区医院的助手"),
        said(Speaker::User, "我头痛"),
        said(Speaker::Assistant, "多久了？"),
        said(Speaker::User, "三天"),
    ]
}

async fn it_continues_a_conversation(model: &dyn LanguageModel) {
    for length in [2, 4] {
        let reply = model.reply(&conversation()[..length], LONG).await.expect("the model answers");
        assert!(!reply.trim().is_empty(), "the reply is not empty");
    }
}

async fn a_whole_answer_has_its_text(model: &dyn LanguageModel) {
    let reply = model.complete(call(false)).await.expect("the model answers");
    let Completion::Whole(CompletionPart { json: raw, text }) = reply else {
        panic!("it streams although not requested")
    };
    let json: serde_json::Value = serde_json::from_slice(&raw).expect("an object");
    assert_eq!(json["choices"][0]["message"]["content"], *text);
    assert!(!text.is_empty());
}

async fn a_streamed_answer_comes_in_pieces_and_ends(model: &dyn LanguageModel) {
    let reply = model.complete(call(true)).await.expect("the model answers");
    let Completion::Stream(mut pieces) = reply else { panic!("it does not stream") };
    let mut texts = Vec::new();
    while let Some(piece) = pieces.next().await {
        let piece = piece.expect("it is not interrupted");
        let json: serde_json::Value = serde_json::from_slice(&piece.json).expect("an object");
        assert_eq!(json["choices"][0]["delta"]["content"].as_str().unwrap_or_default(), piece.text);
        texts.push(piece.text);
    }
    assert!(texts.len() > 1 && !texts.concat().is_empty(), "{texts:?}");
}

async fn an_answer_may_be_dropped(model: &dyn LanguageModel) {
    let reply = model.complete(call(true)).await.expect("the model answers");
    let Completion::Stream(mut pieces) = reply else { panic!("it does not stream") };
    pieces.next().await.expect("a piece").expect("it is not interrupted");
    drop(pieces);
    model.complete(call(false)).await.expect("the model answers another call");
}

/// Runs the case of an unreachable model.
pub async fn unreachable(model: &dyn LanguageModel) {
    for stream in [false, true] {
        let reply = model.complete(call(stream)).await;
        assert!(
            matches!(reply, Err(PortError::Unavailable { .. } | PortError::Overloaded { .. })),
            "stream: {stream}"
        );
    }
    let reply = model.reply(&conversation(), LONG).await;
    assert!(matches!(reply, Err(PortError::Unavailable { .. } | PortError::Overloaded { .. })), "{reply:?}");
}

/// Runs the case of a model whose streamed answer is interrupted after this text: the text arrives, then the
/// error, then nothing.
pub async fn breaking_off_after(model: &dyn LanguageModel, text: &str) {
    let reply = model.complete(call(true)).await.expect("the model begins to answer");
    let Completion::Stream(mut pieces) = reply else { panic!("it does not stream") };
    let mut heard = String::new();
    loop {
        match pieces.next().await {
            Some(Ok(piece)) => heard.push_str(&piece.text),
            Some(Err(_)) => break,
            None => panic!("a silent end after {heard:?}"),
        }
    }
    assert_eq!(heard, text);
    assert!(pieces.next().await.is_none(), "something follows the error");
}
