//! Notices in front of an answer.

use actix_web::web::Bytes;
use serde_json::{Map, Value, json};

/// A whole answer with the notice at the beginning of every choice. An answer of unexpected form is
/// unchanged.
pub(crate) fn whole_with_notice(answer: &Bytes, notice: &str) -> Bytes {
    let Ok(mut completion) = serde_json::from_slice::<Value>(answer) else { return answer.clone() };
    for choice in choices(&mut completion) {
        if let Some(message) = choice.get_mut("message").and_then(Value::as_object_mut) {
            let said = message.get("content").and_then(Value::as_str).unwrap_or_default();
            let with_notice = Value::String(format!("{notice}{said}"));
            message.insert("content".to_owned(), with_notice);
        }
    }
    Bytes::from(completion.to_string())
}

/// A chunk with the notice, to be sent before the first chunk, whose form it copies.
pub(crate) fn first_part_with_notice(first: &Bytes, notice: &str) -> Bytes {
    let mut part = match serde_json::from_slice::<Value>(first) {
        Ok(part @ Value::Object(_)) => part,
        _ => Value::Object(Map::new()),
    };
    if let Some(members) = part.as_object_mut() {
        // The notice has no token usage.
        members.remove("usage");
    }
    let said = json!({"role": "assistant", "content": notice});
    if choices(&mut part).is_empty() {
        part["choices"] = json!([{"index": 0, "delta": said, "finish_reason": null}]);
    }
    for choice in choices(&mut part) {
        choice["delta"] = said.clone();
        choice["finish_reason"] = Value::Null;
    }
    Bytes::from(part.to_string())
}

fn choices(answer: &mut Value) -> &mut [Value] {
    answer.get_mut("choices").and_then(Value::as_array_mut).map_or(&mut [], Vec::as_mut_slice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_begins_with_the_notice() {
        let answer = json!({"id": "x", "extra": [1], "choices": [
            {"message": {"role": "assistant", "content": "多休息"}}, {"message": {"content": null}},
        ]});
        let with_notice = whole_with_notice(&Bytes::from(answer.to_string()), "快打120。");
        let with_notice: Value = serde_json::from_slice(&with_notice).unwrap();
        assert_eq!(with_notice["choices"][0]["message"]["content"], "快打120。多休息");
        assert_eq!(with_notice["choices"][1]["message"]["content"], "快打120。");
        assert_eq!(with_notice["extra"], answer["extra"]);
        let nonsense = Bytes::from_static(b"<html>");
        assert_eq!(whole_with_notice(&nonsense, "快打120。"), nonsense);
    }

    #[test]
    fn a_notice_can_precede_a_chunk_of_any_form() {
        for first in [
            r#"{"id":"x","model":"m","choices":[{"index":0,"delta":{"content":"多"},"finish_reason":"stop"}],"usage":{}}"#,
            r#"{"id":"x","model":"m","choices":[]}"#,
            "[]",
            "nonsense",
        ] {
            let part = first_part_with_notice(&Bytes::from(first), "快打120。");
            let part: Value = serde_json::from_slice(&part).unwrap();
            assert_eq!(part["choices"][0]["delta"], json!({"role": "assistant", "content": "快打120。"}));
            assert_eq!(part["choices"][0]["finish_reason"], Value::Null);
            assert!(part.get("usage").is_none());
        }
    }
}
