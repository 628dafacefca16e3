//! Errors in OpenAI's format.

use actix_web::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

/// The form of an error on the chat route.
#[derive(Serialize, ToSchema)]
#[schema(as = ChatError)]
pub(crate) struct ChatErrorBody {
    error: ChatErrorDetail,
}

/// What is wrong, in the members that OpenAI's clients read.
#[derive(Serialize, ToSchema)]
#[schema(as = ChatErrorDetail)]
struct ChatErrorDetail {
    /// What is wrong, in the caller's language.
    message: String,
    /// The kind of error.
    #[serde(rename = "type")]
    #[schema(example = "invalid_request_error")]
    kind: &'static str,
    /// What is wrong, for programs; stable.
    #[schema(example = "request.invalid")]
    code: &'static str,
    /// The first bad field.
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
