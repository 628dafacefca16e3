//! Errors in the envelope, the form of the JSON interface.

use actix_web::HttpResponse;
use actix_web::ResponseError as _;
use serde::Serialize;
use utoipa::ToSchema;

use super::{ApiError, ErrorForm, Failure, FieldBody, FormDescription, Language};

/// The envelope.
pub const ENVELOPE: ErrorForm = ErrorForm {
    respond: |failure: &Failure<'_>| respond(failure.error, failure.language, failure.request_id),
    description: Some(FormDescription { schema: "Error", example }),
};

pub(super) fn respond(error: &ApiError, language: Language, request_id: &str) -> HttpResponse {
    error.response().json(ErrorBody::new(error, language, request_id))
}

fn example(error: &ApiError) -> serde_json::Value {
    // Texts and numbers always are JSON.
    serde_json::to_value(ErrorBody::new(error, Language::Chinese, "5c1f0a9e3b7d2468")).unwrap_or_default()
}

/// The format of every error.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub struct ErrorBody<'a> {
    /// The HTTP status.
    code: u16,
    /// The message in the caller's language, self-contained.
    msg: String,
    /// Always empty.
    #[schema(value_type = Vec<Object>, max_items = 0)]
    data: [(); 0],
    /// The stable machine-readable code.
    error: &'static str,
    /// The request id, as in `x-request-id`.
    request_id: &'a str,
    /// All invalid fields of a 422.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<FieldBody>>,
}

impl<'a> ErrorBody<'a> {
    fn new(error: &ApiError, language: Language, request_id: &'a str) -> Self {
        Self {
            code: error.status_code().as_u16(),
            msg: error.message(language),
            data: [],
            error: error.slug(),
            request_id,
            fields: error.fields(language),
        }
    }
}
