//! The form in which the errors of a route are written.

use actix_web::{HttpRequest, HttpResponse};

use super::{ApiError, Language};

/// How errors are written: each inbound adapter has a form of its own, and a route may have another.
#[derive(Debug)]
pub struct ErrorForm {
    /// Writes the response to a request that failed.
    pub respond: fn(&Failure<'_>) -> HttpResponse,
    /// For the description of routes; `None` if their routes are not described.
    pub description: Option<FormDescription>,
}

/// What the description of a route says of its errors.
#[derive(Debug)]
pub struct FormDescription {
    /// The name of the schema.
    pub schema: &'static str,
    /// An example of the body.
    pub example: fn(&ApiError) -> serde_json::Value,
}

/// A request that failed.
pub struct Failure<'a> {
    /// Why.
    pub error: &'a ApiError,
    /// The request.
    pub request: &'a HttpRequest,
    /// The language that `Accept-Language` asks for.
    pub language: Language,
    /// The request id, as in `x-request-id`.
    pub request_id: &'a str,
}
