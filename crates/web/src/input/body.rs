//! Request bodies that are buffered.

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Bytes, BytesMut};
use futures_util::TryStreamExt as _;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use yilin_domain::json::without_lone_surrogates;
use yilin_domain::validation::{FieldProblem, Invalid};

use super::unreadable;
use crate::auth::ensure_still_running;
use crate::context::RequestContext;
use crate::error::ApiError;
use crate::route::{MAX_BODY_BYTES, Route};
use crate::service::Service;

/// Reads a body of at most `limit` bytes; a larger one is rejected before it is sent if its length is
/// declared.
pub async fn read_bytes(request: &HttpRequest, payload: Payload, limit: usize) -> Result<Bytes, ApiError> {
    refuse_announced(request, limit)?;
    collect(request, payload, limit, limit).await?.ok_or(ApiError::BodyTooLarge)
}

/// Rejects a body whose announced length exceeds the limit, before it is sent.
fn refuse_announced(request: &HttpRequest, limit: usize) -> Result<(), ApiError> {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let is_over = announced.is_some_and(|bytes| usize::try_from(bytes).map_or(true, |bytes| bytes > limit));
    if is_over { Err(ApiError::BodyTooLarge) } else { Ok(()) }
}

/// A body of at most `kept` bytes; `None` for a larger one of at most `limit` bytes, which is read and discarded.
async fn collect(
    request: &HttpRequest,
    mut payload: Payload,
    kept: usize,
    limit: usize,
) -> Result<Option<Bytes>, ApiError> {
    let context = RequestContext::of(request);
    let account = context.as_ref().and_then(RequestContext::actor).map(|actor| actor.uuid);
    let mut held = Service::of(request).map(|service| service.bodies.begin(account));
    let (mut body, mut size) = (BytesMut::new(), 0);
    while let Some(piece) = payload.try_next().await.map_err(|error| unreadable(&error))? {
        size += piece.len();
        if size > limit {
            return Err(ApiError::BodyTooLarge);
        }
        if size <= kept {
            if held.as_mut().is_some_and(|held| !held.grows_by(piece.len())) {
                return Err(ApiError::Busy);
            }
            body.extend_from_slice(&piece);
        }
    }
    ensure_still_running(request)?;
    if size > kept {
        return Ok(None);
    }
    if let (Some(context), Some(held)) = (context, held) {
        context.holds(held);
    }
    Ok(Some(body.freeze()))
}

/// The JSON object in a body; an empty body is an object without members. The route limits how much is held
/// in memory. The rest, up to the limit for any body, is read and dropped, because a client that gets a
/// response while it is sending may not read it.
pub(super) async fn read_object(
    request: &HttpRequest,
    payload: Payload,
    route: Option<&Route>,
) -> Result<Map<String, Value>, ApiError> {
    let Some(route) = route.filter(|route| route.max_body < MAX_BODY_BYTES) else {
        return parse_object(&read_bytes(request, payload, MAX_BODY_BYTES).await?);
    };
    refuse_announced(request, MAX_BODY_BYTES)?;
    match collect(request, payload, route.max_body, MAX_BODY_BYTES).await? {
        Some(body) => parse_object(&body),
        None => Err((route.oversized)()),
    }
}

/// Parses a JSON object. A byte order mark is skipped, and a lone surrogate, left by clients that cut text by
/// UTF-16 units, becomes U+FFFD.
pub fn parse_object(bytes: &[u8]) -> Result<Map<String, Value>, ApiError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes).or_else(|_| parse_leniently(&without_lone_surrogates(bytes))) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(Invalid::one("body", FieldProblem::WrongType).into()),
        Err(_) => Err(ApiError::UnparsableBody),
    }
}

/// Parses JSON. Of an object, members count whose values are JSON, but more than [`Value`] holds: numbers beyond those of a
/// float, and deep nesting. They become a value that no field takes.
fn parse_leniently(bytes: &[u8]) -> serde_json::Result<Value> {
    let strictly = serde_json::from_slice(bytes);
    if strictly.is_ok() {
        return strictly;
    }
    match serde_json::from_slice::<BTreeMap<String, Box<RawValue>>>(bytes) {
        Ok(members) => {
            let usable = |value: &RawValue| {
                serde_json::from_str(value.get()).unwrap_or_else(|_| Value::Object(Map::new()))
            };
            Ok(Value::Object(members.into_iter().map(|(name, value)| (name, usable(&value))).collect()))
        }
        // Not an object, whatever else it is.
        Err(_) => serde_json::from_slice::<&RawValue>(bytes).map(|_| Value::Null),
    }
}

/// A whole number, which includes 2.0, the same number in JSON; values outside the range of an id are
/// clamped.
#[expect(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
pub fn whole(number: &serde_json::Number) -> Option<i64> {
    let exact = number.as_i64().or_else(|| number.as_u64().map(|_| i64::MAX));
    exact.or_else(|| number.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn lone_surrogates_become_replacement_characters() {
        for (text, expected) in [
            (r#"{"a":"\ud83d 咳嗽"}"#, "\u{fffd} 咳嗽"),
            (r#"{"a":"\ude00"}"#, "\u{fffd}"),
            (r#"{"a":"\ud83d\ud83d\ude00"}"#, "\u{fffd}😀"),
            (r#"{"a":"\ud83d\ude00\uD83D"}"#, "😀\u{fffd}"),
            (r#"{"a":"\\ud83d \ud83d"}"#, "\\ud83d \u{fffd}"),
            ("\u{feff}{\"a\":\"x\"}", "x"),
        ] {
            assert_eq!(parse_object(text.as_bytes()).unwrap()["a"], json!(expected), "{text}");
        }
        for nonsense in ["{", r#"{"a":"\ud83"}"#, r#"{"a":"\ud83d"#, r#""\"#, "\u{feff}\u{feff}{}"] {
            let error = parse_object(nonsense.as_bytes()).unwrap_err();
            assert!(matches!(error, ApiError::UnparsableBody), "{nonsense}");
        }
    }

    #[test]
    fn values_that_do_not_fit_spoil_no_other_member() {
        let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
        for unusable in ["1e400", "-1E+999", &"9".repeat(400), &deep, &format!(r#"{{"b":{deep}}}"#)] {
            let body = format!(r#"{{"a":{unusable},"b":"\ud83d","a":{unusable}}}"#);
            let members = parse_object(body.as_bytes()).unwrap();
            assert_eq!(members["b"], json!("\u{fffd}"), "{unusable}");
            assert!(members["a"].is_object() || members["a"].is_number(), "{unusable}");
            let error = parse_object(format!("[{unusable}]").as_bytes()).unwrap_err();
            assert!(matches!(error, ApiError::Domain(_)), "{unusable}: {error}");
            for broken in [format!(r#"{{"a":{unusable}"#), format!(r#"{{"a":{unusable}}}}}"#)] {
                let error = parse_object(broken.as_bytes()).unwrap_err();
                assert!(matches!(error, ApiError::UnparsableBody), "{unusable}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_rejected(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse_object(&bytes);
        }
    }
}
