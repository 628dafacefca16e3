//! Chat completion requests.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value, json};
use yilin_domain::port::CompletionRequest;
use yilin_domain::usecase::ChatRequest;
use yilin_domain::validation::{FieldProblem, Invalid, Validation};
use yilin_web::ChatRequestLimits;
use yilin_web::Service;
use yilin_web::error::ApiError;
use yilin_web::input::{parse_object, read_bytes, whole};
use yilin_web::route::{Describe, Input};

use super::schema;

/// Maximum number of choices a request may ask for.
const MAX_CHOICES: i64 = 4;

/// A chat completion request. Unknown members are forwarded unchanged.
#[derive(Debug)]
pub(crate) struct ChatBody {
    members: Map<String, Value>,
    stream: bool,
}

impl FromRequest for ChatBody {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let limits = Service::of(request).map(|service| service.options.chat).unwrap_or_default();
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = read_bytes(&request, payload, limits.bytes).await.map_err(|error| match error {
                ApiError::BodyTooLarge => too_large(limits).into(),
                error => error,
            })?;
            Self::parse(&bytes, limits)
        })
    }
}

impl Describe for ChatBody {
    fn describe(input: &mut Input) {
        schema::describe_request(input);
        input.error(Invalid::one("messages", FieldProblem::Missing));
        input.error(ApiError::UnparsableBody);
        input.error(ApiError::RequestTimeout);
    }
}

fn too_large(limits: ChatRequestLimits) -> Invalid {
    Invalid::one("messages", FieldProblem::TooManyBytes { max: limits.bytes })
}

impl ChatBody {
    fn parse(bytes: &[u8], limits: ChatRequestLimits) -> Result<Self, ApiError> {
        let members = parse_object(bytes)?;
        let mut validation = Validation::default();
        validation.check("messages", messages(&members));
        let stream = validation.check("stream", truth(members.get("stream")));
        for field in ["max_tokens", "max_completion_tokens"] {
            validation.check(field, number(members.get(field), i64::from(limits.tokens)));
        }
        validation.check("n", number(members.get("n"), MAX_CHOICES));
        let stream = validation.finish(stream)?;
        Ok(Self { members, stream })
    }

    /// Whether the answer is streamed.
    pub(crate) fn streams(&self) -> bool {
        self.stream
    }

    fn messages(&self) -> &[Value] {
        self.members.get("messages").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }
}

fn messages(members: &Map<String, Value>) -> Result<(), FieldProblem> {
    match members.get("messages") {
        None | Some(Value::Null) => Err(FieldProblem::Missing),
        Some(Value::Array(messages)) if messages.is_empty() => Err(FieldProblem::Missing),
        Some(Value::Array(messages)) if messages.iter().all(is_message) => Ok(()),
        Some(_) => Err(FieldProblem::WrongType),
    }
}

fn is_message(message: &Value) -> bool {
    let content_fits =
        matches!(message.get("content"), None | Some(Value::Null | Value::String(_) | Value::Array(_)));
    message.get("role").is_some_and(Value::is_string) && content_fits
}

fn truth(value: Option<&Value>) -> Result<bool, FieldProblem> {
    match value {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(FieldProblem::WrongType),
    }
}

fn number(value: Option<&Value>, max: i64) -> Result<(), FieldProblem> {
    match value {
        None | Some(Value::Null) => Ok(()),
        Some(Value::Number(number)) => match whole(number) {
            Some(number) if (1..=max).contains(&number) => Ok(()),
            Some(_) => Err(FieldProblem::OutOfRange { min: 1, max }),
            None => Err(FieldProblem::NotANumber),
        },
        Some(_) => Err(FieldProblem::WrongType),
    }
}

impl ChatRequest for ChatBody {
    fn question(&self) -> String {
        let is_users = |message: &&Value| message.get("role").and_then(Value::as_str) == Some("user");
        let last = self.messages().iter().rfind(is_users).and_then(|message| message.get("content"));
        match last {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(parts)) => {
                let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
                texts.collect::<Vec<_>>().join("\n")
            }
            _ => String::new(),
        }
    }

    fn edit_texts(&mut self, edit: &dyn Fn(&str) -> String) {
        for (name, member) in &mut self.members {
            edit_member(name, member, edit);
        }
    }

    fn instruct(&mut self, prompt: &str) {
        let instructs = |message: &Value| {
            matches!(message.get("role").and_then(Value::as_str), Some("system" | "developer"))
        };
        if !self.messages().iter().any(instructs)
            && let Some(messages) = self.members.get_mut("messages").and_then(Value::as_array_mut)
        {
            messages.insert(0, json!({"role": "system", "content": prompt}));
        }
    }

    fn into_completion(self: Box<Self>) -> CompletionRequest {
        CompletionRequest { json: Value::Object(self.members).to_string().into(), stream: self.stream }
    }
}

/// Edits every text in a member, except names with a meaning in the protocol and the bytes of images and
/// audio.
fn edit_member(name: &str, member: &mut Value, edit: &dyn Fn(&str) -> String) {
    match member {
        Value::String(text) if is_protocol_value(name, text) => {}
        // The arguments of a tool call are JSON in a text, where characters may be escaped.
        Value::String(text) if name == "arguments" => match serde_json::from_str::<Value>(text) {
            Ok(mut arguments) if arguments.is_object() || arguments.is_array() => {
                edit_member("", &mut arguments, edit);
                *text = arguments.to_string();
            }
            _ => *text = edit(text),
        },
        Value::String(text) => *text = edit(text),
        // A telephone number may be a JSON number.
        Value::Number(number) => {
            let written = number.to_string();
            let edited = edit(&written);
            if edited != written {
                *member = Value::String(edited);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| edit_member(name, item, edit)),
        Value::Object(members) => {
            let edited = std::mem::take(members).into_iter().map(|(name, mut member)| {
                edit_member(&name, &mut member, edit);
                (edit(&name), member)
            });
            members.extend(edited);
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// Whether the text has a meaning in the protocol, or contains an image or a recording itself.
fn is_protocol_value(name: &str, text: &str) -> bool {
    /// Members that contain names of the protocol or generated ids.
    const NAMES: [&str; 8] = ["model", "role", "type", "id", "tool_call_id", "object", "format", "detail"];
    /// Members that contain the bytes of a file.
    const BYTES: [&str; 2] = ["data", "file_data"];
    const DATA_URLS: [&str; 4] = ["data:image/", "data:audio/", "data:video/", "data:application/pdf"];
    let is_token = || text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte));
    let is_base64 = || text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte));
    match name {
        // A URL may be a link to one of our files; these contain the file itself.
        "url" => DATA_URLS.iter().any(|start| text.starts_with(start)),
        name if NAMES.contains(&name) => is_token(),
        name if BYTES.contains(&name) => is_base64() || DATA_URLS.iter().any(|start| text.starts_with(start)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(value: &Value) -> ChatBody {
        ChatBody::parse(value.to_string().as_bytes(), ChatRequestLimits::default()).unwrap()
    }

    #[test]
    fn the_question_is_the_users_last_message() {
        let said = |content: Value| json!({"role": "user", "content": content});
        let answer = json!({"role": "assistant", "content": ""});
        let first = said(json!("头痛"));
        for (messages, question) in [
            (json!([first, answer, said(json!("三天")), answer]), "三天"),
            (
                json!([said(
                    json!([{"type": "text", "text": "看"}, {"type": "image_url"}, {"text": "这个"}])
                )]),
                "看\n这个",
            ),
            (json!([answer]), ""),
            (json!([{"role": "user"}]), ""),
        ] {
            assert_eq!(body(&json!({"messages": messages})).question(), question);
        }
    }

    #[test]
    fn byte_order_marks_and_lone_surrogates_are_accepted() {
        let json = "\u{feff}{\"messages\":[{\"role\":\"user\",\"content\":\"\\ud83d 咳嗽\"}]}";
        let request = ChatBody::parse(json.as_bytes(), ChatRequestLimits::default()).unwrap();
        assert_eq!(request.question(), "\u{fffd} 咳嗽");
    }

    #[test]
    fn escapes_numbers_and_names_hide_nothing() {
        let mut request = Box::new(body(&json!({
            "model": "glm4", "metadata": {"王秀英": 13_912_345_678_u64}, "temperature": 0.5, "max_tokens": 1000,
            "messages": [
                {"role": "user", "content": "x", "id": "王秀英"},
                {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": {
                    "name": "find", "arguments": "{\"name\": \"\\u738b\\u79c0\\u82f1\", \"phone\": 13912345678}"}}]},
                {"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:text/plain,王秀英"}}]},
            ],
        })));
        request.edit_texts(&|text| text.replace("王秀英", "*").replace("13912345678", "*"));
        let sent = String::from_utf8(request.into_completion().json.to_vec()).unwrap();
        assert!(
            !sent.contains("王秀英") && !sent.contains("u738b") && !sent.contains("13912345678"),
            "{sent}"
        );
        let sent: Value = serde_json::from_str(&sent).unwrap();
        assert_eq!(sent["metadata"], json!({"*": "*"}));
        assert_eq!(sent["max_tokens"], json!(1000));
        let call = &sent["messages"][1]["tool_calls"][0]["function"];
        assert_eq!(call["arguments"], json!("{\"name\":\"*\",\"phone\":\"*\"}"));
    }

    #[test]
    fn all_text_is_edited_but_no_protocol_values() {
        let mut request = Box::new(body(&json!({
            "model": "glm4", "user": "u", "metadata": {"who": "u"}, "unknown": {"deep": ["u"]}, "temperature": 1,
            "messages": [
                {"role": "user", "name": "u", "content": "u"},
                {"role": "user", "content": [
                    {"type": "text", "text": "u"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,u"}},
                    {"type": "image_url", "image_url": {"url": "http://h/ipfs/Qm"}},
                ]},
                {"role": "tool", "tool_call_id": "c", "content": "u"},
            ],
        })));
        request.edit_texts(&|text| {
            if text == "u" || text.starts_with("http") { "*".to_owned() } else { text.to_owned() }
        });
        request.instruct("prompt");
        let sent: Value = serde_json::from_slice(&request.into_completion().json).unwrap();
        assert_eq!(
            sent,
            json!({
                "model": "glm4", "user": "*", "metadata": {"who": "*"}, "unknown": {"deep": ["*"]}, "temperature": 1,
                "messages": [
                    {"role": "system", "content": "prompt"},
                    {"role": "user", "name": "*", "content": "*"},
                    {"role": "user", "content": [
                        {"type": "text", "text": "*"},
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,u"}},
                        {"type": "image_url", "image_url": {"url": "*"}},
                    ]},
                    {"role": "tool", "tool_call_id": "c", "content": "*"},
                ],
            })
        );
    }
}
