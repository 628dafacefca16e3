//! Errors in OpenAI's format.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

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
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        param: Option<&'static str>,
        message: String,
    ) -> Self {
        let kind = match status {
            StatusCode::UNAUTHORIZED => "authentication_error",
            StatusCode::FORBIDDEN => "permission_error",
            StatusCode::TOO_MANY_REQUESTS => "rate_limit_error",
            status if status.is_client_error() => "invalid_request_error",
            _ => "server_error",
        };
        Self { error: ChatErrorDetail { message, kind, code, param } }
    }
}
