//! Schemas of chat completions: the members that this service reads or its clients need; OpenAI's own
//! description has all.

use serde_json::json;
use utoipa::ToSchema;
use utoipa::openapi::ContentBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use yilin_web::route::{Input, Output, reference};

use super::{ChatErrorBody, OPENAI};
use crate::reply::{Describes, describe_events};

/// The request's schema, with a working example.
pub(super) fn describe_request(input: &mut Input) {
    let schema = reference::<ChatCompletionRequest>(&mut input.schemas);
    let example = json!({
        "model": "glm4", "messages": [{"role": "user", "content": "我头痛三天了"}], "stream": false,
    });
    let content = ContentBuilder::new().schema(Some(schema)).example(Some(example)).build();
    input.body_of("application/json", content, "");
}

/// A completion, or its chunks as server-sent events; errors are in OpenAI's format.
pub(crate) struct ChatAnswer;

impl Describes for ChatAnswer {
    fn describe(output: &mut Output) {
        output.errors = &OPENAI;
        reference::<ChatErrorBody>(&mut output.schemas);
        reference::<ChatCompletionChunk>(&mut output.schemas);
        let whole = reference::<ChatCompletion>(&mut output.schemas);
        output.response(200, "application/json", ContentBuilder::new().schema(Some(whole)).build());
        describe_events(output);
    }
}

/// A chat completion request in OpenAI's format. Members not listed here are forwarded.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the derived schema uses the fields")]
struct ChatCompletionRequest {
    /// Ignored: the installation's model answers.
    model: Option<serde_json::Value>,
    /// The conversation so far.
    #[schema(min_items = 1)]
    messages: Vec<ChatMessage>,
    /// Whether to stream the answer as server-sent events.
    stream: Option<bool>,
    /// Maximum number of tokens of an answer; the installation has its own limit.
    #[schema(minimum = 1)]
    max_tokens: Option<i64>,
    /// The same under its newer name.
    #[schema(minimum = 1)]
    max_completion_tokens: Option<i64>,
    /// Number of choices to generate.
    #[schema(minimum = 1, maximum = 4)]
    n: Option<i64>,
}

/// A message of a conversation.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the derived schema uses the fields")]
struct ChatMessage {
    /// `system`, `user`, `assistant` or any other role the model supports.
    role: String,
    /// Text, or content parts, which are forwarded.
    #[schema(schema_with = message_content)]
    content: Option<()>,
}

fn message_content() -> Schema {
    OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::String))
        .item(ArrayBuilder::new().items(ObjectBuilder::new().schema_type(SchemaType::AnyValue)))
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .into()
}

/// A chat completion. The model's server may add members.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the derived schema uses the fields")]
struct ChatCompletion {
    id: Option<String>,
    model: Option<String>,
    choices: Vec<ChatChoice>,
    usage: Option<serde_json::Value>,
}

/// A choice of an answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the derived schema uses the fields")]
struct ChatChoice {
    index: Option<i64>,
    message: ChatMessage,
    finish_reason: Option<String>,
}

/// A chunk of a chat completion. The model's server may add members.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the derived schema uses the fields")]
struct ChatCompletionChunk {
    id: Option<String>,
    model: Option<String>,
    choices: Vec<ChatChunkChoice>,
    usage: Option<serde_json::Value>,
}

/// A chunk of a choice.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the derived schema uses the fields")]
struct ChatChunkChoice {
    index: Option<i64>,
    /// What is appended to the message.
    delta: serde_json::Value,
    finish_reason: Option<String>,
}
