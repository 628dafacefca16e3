//! Errors in OpenAI's format.

use actix_web::ResponseError as _;
use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::error::Error;
use yilin_domain::validation::Invalid;
use yilin_web::error::{ApiError, ErrorForm, Failure, FormDescription, Language};

/// OpenAI's format.
pub(crate) const OPENAI: ErrorForm = ErrorForm {
    respond: |failure: &Failure<'_>| {
        failure.error.response().json(ChatErrorBody::of(failure.error, failure.language))
    },
    description: Some(FormDescription { schema: "ChatError", example }),
};

fn example(error: &ApiError) -> serde_json::Value {
    // Texts always are JSON.
    serde_json::to_value(ChatErrorBody::of(error, Language::Chinese)).unwrap_or_default()
}

/// The format of errors on the chat route.
#[derive(Serialize, ToSchema)]
#[schema(as = ChatError)]
pub(crate) struct ChatErrorBody {
    error: ChatErrorDetail,
}

/// The error, with the members that OpenAI clients read.
#[derive(Serialize, ToSchema)]
#[schema(as = ChatErrorDetail)]
struct ChatErrorDetail {
    /// The message in the caller's language.
    message: String,
    /// The type of error.
    #[serde(rename = "type")]
    #[schema(example = "invalid_request_error")]
    kind: &'static str,
    /// The stable machine-readable code.
    #[schema(example = "request.invalid")]
    code: &'static str,
    /// The first invalid field.
    param: Option<&'static str>,
}

impl ChatErrorBody {
    /// An error in this language.
    pub(crate) fn of(error: &ApiError, language: Language) -> Self {
        let param = match error.plain() {
            ApiError::Domain(Error::Invalid(Invalid(errors))) => errors.first().map(|error| error.field),
            _ => None,
        };
        let kind = match error.status_code() {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::FORBIDDEN => "permission_error",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_client_error() => "invalid_request_error",
            _ => "server_error",
        };
        let (code, message) = (error.slug(), error.message(language));
        Self { error: ChatErrorDetail { message, kind, code, param } }
    }
}
