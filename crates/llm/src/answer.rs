//! Parses the parts of an answer that the service needs.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use yilin_domain::json::without_lone_surrogates;
use yilin_domain::port::CompletionPart;

use crate::trouble::Trouble;

/// A chunk of a streamed answer.
#[derive(Debug)]
pub(crate) struct Delta {
    pub(crate) part: CompletionPart,
    pub(crate) choices: Choices,
}

/// The choices that a chunk belongs to and those that it finishes, one bit per index. A request asks for a
/// few choices at most; larger indexes are ignored.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choices {
    begun: u64,
    finished: u64,
}

impl Choices {
    /// Merges the state of the next chunk.
    pub(crate) fn add(&mut self, next: Self) {
        self.begun |= next.begun;
        self.finished |= next.finished;
    }

    /// Whether every choice that has begun has finished, and at least one has.
    pub(crate) fn are_finished(self) -> bool {
        self.finished != 0 && self.begun & !self.finished == 0
    }
}

/// A whole answer and the text of its first choice, empty if the model calls a tool instead.
pub(crate) fn whole(raw: &[u8]) -> Result<CompletionPart, Trouble> {
    let json = without_lone_surrogates(without_byte_order_mark(raw));
    let text = text_of_whole(&parse(&json)?)?;
    Ok(CompletionPart { json: Bytes::copy_from_slice(&json), text })
}

/// The text of the first choice of a whole answer.
pub(crate) fn text_of_whole(answer: &Value) -> Result<String, Trouble> {
    Ok(first_text(choices(answer)?, "message"))
}

/// Converts a whole answer into the only chunk of a streamed one, for a client that requested a stream.
pub(crate) fn as_piece(whole: &CompletionPart) -> Result<CompletionPart, Trouble> {
    let mut answer = parse(&whole.json)?;
    let members = answer.as_object_mut().ok_or(Trouble::Nonsense("not an object"))?;
    members.insert("object".to_owned(), json!("chat.completion.chunk"));
    let choices = members.get_mut("choices").and_then(Value::as_array_mut);
    for choice in choices.into_iter().flatten().filter_map(Value::as_object_mut) {
        if let Some(message) = choice.remove("message") {
            choice.insert("delta".to_owned(), message);
        }
    }
    Ok(CompletionPart { json: Bytes::from(answer.to_string()), text: whole.text.clone() })
}

/// Parses the data of an event, which has no lone surrogates.
pub(crate) fn piece(data: &str) -> Result<Delta, Trouble> {
    let json = data.trim_matches(|c: char| c == BYTE_ORDER_MARK || c.is_whitespace());
    let chunk = parse(json.as_bytes())?;
    let choices: &[Value] = if is_without_choices(&chunk) { &[] } else { choices(&chunk)? };
    // JSON may contain line breaks between tokens, which an event cannot carry.
    let line = json.replace(['\r', '\n'], " ");
    let part = CompletionPart { json: Bytes::from(line), text: first_text(choices, "delta") };
    let (mut begun, mut finished) = (0, 0);
    for choice in choices {
        let bit = u32::try_from(index(choice)).ok().and_then(|index| 1_u64.checked_shl(index)).unwrap_or(0);
        begun |= bit;
        finished |= if is_finished(choice) { bit } else { 0 };
    }
    Ok(Delta { part, choices: Choices { begun, finished } })
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// RFC 8259 §8.1 allows parsers to ignore it.
fn without_byte_order_mark(raw: &[u8]) -> &[u8] {
    raw.strip_prefix("\u{feff}".as_bytes()).unwrap_or(raw)
}

fn parse(json: &[u8]) -> Result<Value, Trouble> {
    let answer: Value = serde_json::from_slice(json).map_err(|_| Trouble::Nonsense("not JSON"))?;
    match answer.get("error") {
        None | Some(Value::Null) => Ok(answer),
        Some(_) => Err(Trouble::Nonsense("an error object")),
    }
}

fn choices(answer: &Value) -> Result<&[Value], Trouble> {
    let choices = answer.get("choices").and_then(Value::as_array);
    choices.map(Vec::as_slice).ok_or(Trouble::Nonsense("no choices"))
}

/// Whether a chunk is of the kind that some servers send without choices: the last one with the token usage,
/// or one that only has the answer's id.
fn is_without_choices(chunk: &Value) -> bool {
    let is_absent = chunk.get("choices").is_none_or(Value::is_null);
    let counts = chunk.get("usage").is_some_and(Value::is_object);
    let names = chunk.get("object").and_then(Value::as_str) == Some("chat.completion.chunk");
    is_absent && (counts || names)
}

fn index(choice: &Value) -> u64 {
    choice.get("index").and_then(Value::as_u64).unwrap_or(0)
}

/// Some servers send an empty string or the string `null` while there is no finish reason.
fn is_finished(choice: &Value) -> bool {
    let reason = choice.get("finish_reason").and_then(Value::as_str).unwrap_or_default();
    !matches!(reason, "" | "null")
}

fn first_text(choices: &[Value], part: &str) -> String {
    let first = choices.iter().find(|choice| index(choice) == 0);
    match first.and_then(|choice| choice.get(part)?.get("content")) {
        Some(Value::String(text)) => text.clone(),
        // The content format of requests, which some servers also use in answers. Parts that are not text,
        // such as reasoning, are skipped.
        Some(Value::Array(parts)) => parts.iter().filter_map(Value::as_object).filter_map(text_of).collect(),
        _ => String::new(),
    }
}

fn text_of(part: &Map<String, Value>) -> Option<&str> {
    let is_text = part.get("type").is_none_or(|kind| kind == "text");
    part.get("text").filter(|_| is_text)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_every_form_are_read() {
        for (data, text, finished) in [
            (r#"{"choices":[{"index":0,"delta":{"content":"头痛"},"finish_reason":null}]}"#, "头痛", false),
            (r#"{"choices":[{"delta":{"content":"头痛"},"finish_reason":""}]}"#, "头痛", false),
            (r#"{"choices":[{"delta":{"content":"头痛"},"finish_reason":"null"}]}"#, "头痛", false),
            (r#"{"choices":[{"delta":null,"finish_reason":"stop"}]}"#, "", true),
            (r#"{"choices":[{"delta":{"content":null},"finish_reason":"length"}]}"#, "", true),
            (r#"{"choices":[{"delta":{"role":"assistant"}}]}"#, "", false),
            (r#"{"choices":[null]}"#, "", false),
            (r#"{"choices":[]}"#, "", false),
            (r#"{"choices":null,"usage":{"total_tokens":3}}"#, "", false),
            (r#"{"usage":{"total_tokens":3}}"#, "", false),
            (r#"{"id":"x","object":"chat.completion.chunk"}"#, "", false),
            (
                r#"{"choices":[{"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"嗯"}]},{"type":"text","text":"好"}]}}]}"#,
                "好",
                false,
            ),
            (r#"{"error":null,"choices":[{"delta":{"content":"好"}}]}"#, "好", false),
            ("\u{feff}{\"choices\":[{\"delta\":{\"content\":\"好\"}}]}", "好", false),
        ] {
            let piece = piece(data).unwrap_or_else(|trouble| panic!("{data}: {trouble}"));
            assert_eq!((piece.part.text.as_str(), piece.choices.are_finished()), (text, finished), "{data}");
        }
    }

    #[test]
    fn invalid_chunks_are_rejected() {
        for data in [
            "",
            "hello",
            "{}",
            "[]",
            "7",
            r#"{"choices":{}}"#,
            r#"{"object":"error","message":"secret"}"#,
            r#"{"error":{"message":"secret"},"choices":[]}"#,
            r#"{"error":"secret","usage":{}}"#,
            r#"{"code":1302,"msg":"secret","success":false}"#,
        ] {
            assert!(matches!(piece(data), Err(Trouble::Nonsense(_))), "{data}");
        }
    }

    #[test]
    fn an_answer_is_finished_when_all_choices_are() {
        let mut choices = Choices::default();
        for (data, finished) in [
            (
                r#"{"choices":[{"index":0,"delta":{"content":"a"}},{"index":1,"delta":{"content":"b"}}]}"#,
                false,
            ),
            (r#"{"choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}"#, false),
            (r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#, true),
            (r#"{"choices":[{"index":0,"delta":{},"finish_reason":null}],"usage":{}}"#, true),
            (r#"{"choices":[{"index":18446744073709551615,"delta":{}}]}"#, true),
        ] {
            choices.add(piece(data).unwrap().choices);
            assert_eq!(choices.are_finished(), finished, "{data}");
        }
    }

    #[test]
    fn a_whole_answer_becomes_a_chunk() {
        let raw = "\u{feff}{\"id\":\"x\",\"object\":\"chat.completion\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"好\\ud83d\"},\"finish_reason\":\"stop\"}]}";
        let whole = whole(raw.as_bytes()).unwrap();
        assert_eq!(whole.text, "好\u{fffd}");
        let part = as_piece(&whole).unwrap();
        let piece = piece(std::str::from_utf8(&part.json).unwrap()).unwrap();
        assert_eq!(piece.part.text, whole.text);
        assert!(piece.choices.are_finished());
        assert!(!part.json.windows(9).any(|window| window == b"\"message\""));
    }
}
