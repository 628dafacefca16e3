use actix_web::dev::Payload;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use serde_json::{Map, Value};
use yilin_domain::validation::{FieldProblem, Invalid, Validation};

use super::unreadable;
use crate::audit::AuditNote;
use crate::error::ApiError;

/// A JSON object in a request's body. Unknown members are ignored, `null` and the empty string
/// count as absent, and no body at all is an object without members. The Content-Type does not
/// matter.
pub(crate) struct Body {
    members: Map<String, Value>,
    validation: Validation,
}

impl FromRequest for Body {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (bytes, request) = (Bytes::from_request(request, payload), request.clone());
        Box::pin(async move {
            let body = Self::parse(&bytes.await.map_err(|error| unreadable(error.as_error()))?)?;
            body.note_for_audit(&request);
            Ok(body)
        })
    }
}

impl Body {
    fn parse(bytes: &[u8]) -> Result<Self, ApiError> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { members: Map::new(), validation: Validation::default() });
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(members)) => Ok(Self { members, validation: Validation::default() }),
            Ok(_) => Err(Invalid::one("body", FieldProblem::WrongType).into()),
            Err(_) => Err(ApiError::UnparsableBody),
        }
    }

    /// Tells the audit log which record the request is about, also if nothing comes of it.
    fn note_for_audit(&self, request: &HttpRequest) {
        let id = ["uuid", "bind_inquiry_id"].into_iter().find_map(|name| self.members.get(name));
        match id {
            Some(Value::String(text)) => AuditNote::asked(request, text),
            Some(Value::Number(number)) => AuditNote::asked(request, &number.to_string()),
            _ => {}
        }
    }

    /// Whether the member is there, whatever its value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.members.contains_key(name)
    }

    /// A text that must be there and not be empty.
    pub(crate) fn required<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Option<T> {
        let parsed = match self.members.get(name) {
            None | Some(Value::Null) => Err(FieldProblem::Missing),
            Some(Value::String(text)) if text.is_empty() => Err(FieldProblem::Missing),
            Some(Value::String(text)) => parse(text),
            Some(_) => Err(FieldProblem::WrongType),
        };
        self.validation.check(name, parsed)
    }

    /// A text that may be absent or empty.
    pub(crate) fn optional<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Option<T> {
        if self.members.get(name).and_then(Value::as_str).is_some_and(str::is_empty) {
            return None;
        }
        self.optional_or_empty(name, parse)
    }

    /// A text that may be absent, and means something when it is empty.
    pub(crate) fn optional_or_empty<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, FieldProblem>,
    ) -> Option<T> {
        let parsed = match self.members.get(name)? {
            Value::Null => return None,
            Value::String(text) => parse(text),
            _ => Err(FieldProblem::WrongType),
        };
        self.validation.check(name, parsed)
    }

    /// A record's number, which must be there.
    pub(crate) fn id<T>(&mut self, name: &'static str, id: fn(i64) -> T) -> Option<T> {
        let parsed = match self.members.get(name) {
            None | Some(Value::Null) => Err(FieldProblem::Missing),
            Some(Value::String(text)) if text.is_empty() => Err(FieldProblem::Missing),
            Some(Value::Number(number)) => whole(number).map(id).ok_or(FieldProblem::NotANumber),
            Some(_) => Err(FieldProblem::WrongType),
        };
        self.validation.check(name, parsed)
    }

    /// A truth value, which must be there.
    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let parsed = match self.members.get(name) {
            None | Some(Value::Null) => Err(FieldProblem::Missing),
            Some(Value::String(text)) if text.is_empty() => Err(FieldProblem::Missing),
            Some(Value::Bool(value)) => Ok(*value),
            Some(_) => Err(FieldProblem::WrongType),
        };
        self.validation.check(name, parsed)
    }

    /// Adds the problems that the query string has.
    pub(crate) fn check<T>(&mut self, name: &'static str, parsed: Result<T, FieldProblem>) -> Option<T> {
        self.validation.check(name, parsed)
    }

    /// What was parsed, if nothing was wrong.
    pub(crate) fn finish<T>(self, parsed: Option<T>) -> Result<T, Invalid> {
        self.validation.finish(parsed)
    }
}

/// A whole number, also one that is written 2.0, which is the same in JSON; one that is too large or
/// too small for an id is the nearest that is not.
#[expect(clippy::cast_possible_truncation, reason = "a cast from a float goes to the nearest")]
pub(crate) fn whole(number: &serde_json::Number) -> Option<i64> {
    let exact = number.as_i64().or_else(|| number.as_u64().map(|_| i64::MAX));
    exact.or_else(|| number.as_f64().filter(|number| number.fract() == 0.0).map(|number| number as i64))
}
