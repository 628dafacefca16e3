//! Mapping of errors to HTTP responses, in this one place.
//!
//! A handler returns an [`ApiError`]; the middleware, which knows the request, renders it in the envelope and
//! in the caller's language. [`words`] is the one table of slugs and messages.

mod fields;
mod language;
mod words;

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::error::{ChatRefused, Error, IllegalStep, LoginRefused, UploadRefused};
use yilin_domain::port::{AddFileError, BoxError, Part, PortError, ReadRosterError};
use yilin_domain::roster::RosterFault;
use yilin_domain::usecase::{ImportError, UploadError};
use yilin_domain::validation::Invalid;

use crate::chat::ChatErrorBody;
pub(crate) use language::Language;
use words::Words;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// A use case returned an error.
    #[error(transparent)]
    Domain(#[from] Error),
    /// The body cannot be parsed at all. Only for that case: the app logs its user out at a 400.
    #[error("the body cannot be parsed")]
    UnparsableBody,
    /// No valid session.
    #[error("not logged in")]
    Unauthenticated,
    /// A request that relies on the session cookie comes from another site's page.
    #[error("the request comes from a foreign origin")]
    ForeignOrigin,
    /// A request to a private installation names a foreign host.
    #[error("the request names a foreign host")]
    ForeignHost,
    /// A limit on bodies or long responses is reached.
    #[error("the limit on bodies or long responses is reached")]
    Busy,
    /// No route has this path.
    #[error("no such route")]
    NoSuchRoute,
    /// The route does not support this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The body exceeds the route's limit.
    #[error("the body is too large")]
    BodyTooLarge,
    /// The client did not send the request in time.
    #[error("the request was not sent in time")]
    RequestTimeout,
    /// The file cannot be imported.
    #[error(transparent)]
    Roster(RosterFault),
    /// A bug in the service.
    #[error("internal error")]
    Internal(#[source] BoxError),
    /// Any of the others, preceded by a notice to call for help.
    #[error(transparent)]
    Urgent(Box<ApiError>),
}

impl ApiError {
    /// An unavailable component.
    pub(crate) fn unavailable(part: Part) -> Self {
        Error::Port(PortError::Unavailable { part, source: "not reachable".into() }).into()
    }

    /// A failed component.
    pub(crate) fn failed(part: Part) -> Self {
        Error::Port(PortError::Failed { part, source: "failed".into() }).into()
    }

    /// The error's entry in the OpenAPI description.
    pub(crate) fn example(&self) -> ErrorExample {
        let words = Words::of(self);
        let language = Language::Chinese;
        let fields = self.fields(&words, language);
        let body = ErrorBody {
            code: words.status.as_u16(),
            msg: self.message(&words, language),
            data: [],
            error: words.slug,
            request_id: "5c1f0a9e3b7d2468",
            fields,
        };
        ErrorExample {
            status: words.status.as_u16(),
            slug: words.slug,
            about: words.english,
            body: serde_json::to_value(body).unwrap_or_default(),
            chat_body: serde_json::to_value(self.chat_error(&words, language)).unwrap_or_default(),
        }
    }

    /// The invalid fields, if there are any.
    fn fields(&self, words: &Words<'_>, language: Language) -> Option<Vec<fields::FieldBody>> {
        match self {
            Self::Domain(Error::Invalid(Invalid(errors))) => {
                Some(errors.iter().map(|error| fields::describe(error, language)).collect())
            }
            Self::Roster(_) if words.status == StatusCode::UNPROCESSABLE_ENTITY => {
                Some(vec![fields::of_roster(words.slug, words.message(language))])
            }
            _ => None,
        }
    }

    /// A bug in the service, for the log.
    pub(crate) fn internal(error: impl Into<BoxError>) -> Self {
        Self::Internal(error.into())
    }

    /// The error without the emergency notice.
    pub(crate) fn plain(&self) -> &Self {
        match self {
            Self::Urgent(error) => error.plain(),
            error => error,
        }
    }

    /// The message in this language.
    fn message(&self, words: &Words<'_>, language: Language) -> String {
        let message = words.message(language);
        match self {
            Self::Urgent(_) => format!("{}{message}", language.emergency_notice()),
            _ => message,
        }
    }

    /// When a retry makes sense, if it does.
    fn retry_after(&self) -> Option<Duration> {
        /// Minimum time that an unavailable component usually takes to recover.
        const UNAVAILABLE: Duration = Duration::from_secs(2);
        match self.plain() {
            Self::Domain(
                Error::LoginRefused(LoginRefused::TooManyAttempts { retry_after })
                | Error::ChatRefused(
                    ChatRefused::TooManyAtOnce { retry_after } | ChatRefused::TooManyToday { retry_after },
                )
                | Error::UploadRefused(UploadRefused::TooMuchToday { retry_after })
                | Error::TooManyPhoneChanges { retry_after }
                | Error::Port(PortError::Overloaded { retry_after, .. }),
            ) => Some(*retry_after),
            Self::Busy
            | Self::Domain(
                Error::Port(PortError::Unavailable { .. }) | Error::UploadRefused(UploadRefused::StorageFull),
            ) => Some(UNAVAILABLE),
            Self::Domain(Error::TooManyListeners) => Some(Duration::from_secs(5)),
            Self::Domain(Error::LoginRefused(LoginRefused::TooManyAtOnce)) => Some(Duration::from_secs(1)),
            _ => None,
        }
    }

    /// The response in this language.
    pub(crate) fn respond(&self, language: Language, request_id: &str) -> HttpResponse {
        let words = Words::of(self);
        let mut response = self.response(&words);
        let fields = self.fields(&words, language);
        response.json(ErrorBody {
            code: words.status.as_u16(),
            msg: self.message(&words, language),
            data: [],
            error: words.slug,
            request_id,
            fields,
        })
    }

    /// The response of the chat route in this language.
    pub(crate) fn respond_chat(&self, language: Language) -> HttpResponse {
        let words = Words::of(self);
        self.response(&words).json(self.chat_error(&words, language))
    }

    /// The error event within a streamed answer of the chat route, as JSON.
    pub(crate) fn chat_body(&self, language: Language) -> Vec<u8> {
        let words = Words::of(self);
        // Serializing a few strings cannot fail.
        serde_json::to_vec(&self.chat_error(&words, language)).unwrap_or_default()
    }

    fn chat_error(&self, words: &Words<'_>, language: Language) -> ChatErrorBody {
        let param = match self.plain() {
            Self::Domain(Error::Invalid(Invalid(errors))) => errors.first().map(|error| error.field),
            _ => None,
        };
        ChatErrorBody::new(words.status, words.slug, param, self.message(words, language))
    }

    /// The status and headers of every response.
    fn response(&self, words: &Words<'_>) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(words.status);
        if let Some(wait) = self.retry_after() {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.insert_header((header::RETRY_AFTER, seconds.max(1)));
        }
        response
    }
}

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Add(AddFileError::TooLarge { .. }) => Self::BodyTooLarge,
            UploadError::Add(AddFileError::Interrupted(_)) => Self::UnparsableBody,
            UploadError::Add(AddFileError::Port(error)) => Self::Domain(error.into()),
            UploadError::Refused(error) => Self::Domain(error),
        }
    }
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Read(ReadRosterError::Fault(fault)) => Self::Roster(fault),
            ImportError::Read(ReadRosterError::TooLarge { .. }) => Self::BodyTooLarge,
            ImportError::Read(ReadRosterError::Interrupted(_)) => Self::UnparsableBody,
            ImportError::Read(ReadRosterError::Port(error)) => Self::Domain(error.into()),
            ImportError::Domain(error) => Self::Domain(error),
        }
    }
}

/// An error as shown in the OpenAPI description.
pub(crate) struct ErrorExample {
    pub(crate) status: u16,
    pub(crate) slug: &'static str,
    /// The message in English.
    pub(crate) about: &'static str,
    pub(crate) body: serde_json::Value,
    /// The body on the chat route.
    pub(crate) chat_body: serde_json::Value,
}

impl From<IllegalStep> for ApiError {
    fn from(step: IllegalStep) -> Self {
        Self::Domain(step.into())
    }
}

impl From<LoginRefused> for ApiError {
    fn from(refused: LoginRefused) -> Self {
        Self::Domain(refused.into())
    }
}

impl From<ChatRefused> for ApiError {
    fn from(refused: ChatRefused) -> Self {
        Self::Domain(refused.into())
    }
}

impl From<UploadRefused> for ApiError {
    fn from(refused: UploadRefused) -> Self {
        Self::Domain(refused.into())
    }
}

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::Domain(invalid.into())
    }
}

/// The response without language and request id, until the middleware adds them.
impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        Words::of(self).status
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(Language::Chinese, "")
    }
}

/// The format of every error.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody<'a> {
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
    fields: Option<Vec<fields::FieldBody>>,
}
