//! What answers say, as far as we look into them.

use bytes::Bytes;
use serde_json::Value;
use yilin_domain::port::CompletionPart;

use crate::trouble::Trouble;

/// The text of a whole answer's first choice; empty where the model calls a tool instead.
pub(crate) fn whole_text(raw: &[u8]) -> Result<String, Trouble> {
    first_text(raw, "message")
}

/// A piece of a streamed answer.
pub(crate) fn chunk(data: String) -> Result<CompletionPart, Trouble> {
    let text = first_text(data.as_bytes(), "delta")?;
    Ok(CompletionPart { json: Bytes::from(data), text })
}

fn first_text(raw: &[u8], part: &str) -> Result<String, Trouble> {
    let answer: Value = serde_json::from_slice(raw).map_err(|_| Trouble::Nonsense("it is no JSON"))?;
    if answer.get("error").is_some_and(|error| !error.is_null()) {
        return Err(Trouble::Nonsense("it is an error"));
    }
    let choices =
        answer.get("choices").and_then(Value::as_array).ok_or(Trouble::Nonsense("it has no choices"))?;
    let is_first = |choice: &&Value| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0;
    let content = choices.iter().find(is_first).and_then(|choice| choice.get(part)?.get("content")?.as_str());
    Ok(content.unwrap_or_default().to_owned())
}
