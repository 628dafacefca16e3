//! How failures are told: the one place that maps errors to HTTP.
//!
//! A handler returns an [`ApiError`]; the middleware turns it into the envelope, in the caller's
//! language, when it knows the request. [`words`] is the one table of slugs and words.

mod fields;
mod language;
mod words;

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;
use yilin_domain::error::{Error, LoginRefused};
use yilin_domain::port::{AddFileError, BoxError, PortError, ReadRosterError};
use yilin_domain::roster::RosterFault;
use yilin_domain::usecase::{ImportError, UploadError};
use yilin_domain::validation::Invalid;

pub(crate) use language::Language;
use words::Words;

/// Why a request got no success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// A use case refused or failed.
    #[error(transparent)]
    Domain(#[from] Error),
    /// The body cannot be parsed at all. Only for that: the app throws its user out at a 400.
    #[error("the body cannot be parsed")]
    UnparsableBody,
    /// Nobody is logged in, or no longer.
    #[error("not logged in")]
    Unauthenticated,
    /// A request that relies on the session cookie comes from a foreign page.
    #[error("the request comes from a foreign origin")]
    ForeignOrigin,
    /// No route has this path.
    #[error("no such route")]
    NoSuchRoute,
    /// The route does not know this method.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// The body is larger than the route takes.
    #[error("the body is too large")]
    BodyTooLarge,
    /// The client did not send its request in time.
    #[error("the request took too long")]
    RequestTimeout,
    /// The file cannot be imported.
    #[error(transparent)]
    Roster(RosterFault),
    /// A mistake of ours.
    #[error("internal error")]
    Internal(#[source] BoxError),
}

impl ApiError {
    /// A mistake of ours, kept for the log.
    pub(crate) fn internal(error: impl Into<BoxError>) -> Self {
        Self::Internal(error.into())
    }

    /// When trying again is sensible, where it is.
    fn retry_after(&self) -> Option<Duration> {
        /// How long a part that is down usually stays so, at least.
        const UNAVAILABLE: Duration = Duration::from_secs(2);
        match self {
            Self::Domain(
                Error::LoginRefused(LoginRefused::TooManyAttempts { retry_after })
                | Error::Port(PortError::Overloaded { retry_after, .. }),
            ) => Some(*retry_after),
            Self::Domain(Error::Port(PortError::Unavailable { .. })) => Some(UNAVAILABLE),
            _ => None,
        }
    }

    /// The answer, in this language.
    pub(crate) fn respond(&self, language: Language, request_id: &str) -> HttpResponse {
        let words = Words::of(self);
        let mut response = HttpResponse::build(words.status);
        if let Some(wait) = self.retry_after() {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.insert_header((header::RETRY_AFTER, seconds.max(1)));
        }
        let fields = match self {
            Self::Domain(Error::Invalid(Invalid(errors))) => {
                Some(errors.iter().map(|error| fields::describe(error, language)).collect())
            }
            _ => None,
        };
        response.json(ErrorBody {
            code: words.status.as_u16(),
            msg: words.message(language),
            data: [],
            error: words.slug,
            request_id,
            fields,
        })
    }
}

impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        match error {
            UploadError::Add(AddFileError::TooLarge { .. }) => Self::BodyTooLarge,
            UploadError::Add(AddFileError::Interrupted(_)) => Self::UnparsableBody,
            UploadError::Add(AddFileError::Port(error)) => Self::Domain(error.into()),
            UploadError::Record(error) => Self::Domain(error),
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

impl From<Invalid> for ApiError {
    fn from(invalid: Invalid) -> Self {
        Self::Domain(invalid.into())
    }
}

/// The answer without the request's language and id, until the middleware knows them.
impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        Words::of(self).status
    }

    fn error_response(&self) -> HttpResponse {
        self.respond(Language::Chinese, "")
    }
}

/// The form of every error.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ErrorBody<'a> {
    /// Equals the HTTP status.
    #[schema(example = 422)]
    code: u16,
    /// What is wrong, in the caller's language, complete in itself.
    msg: String,
    /// Always empty.
    #[schema(value_type = Vec<Object>, max_items = 0)]
    data: [(); 0],
    /// What is wrong, for programs; stable.
    #[schema(example = "request.invalid")]
    error: &'static str,
    /// The request's id, as in `x-request-id`.
    request_id: &'a str,
    /// Every bad field of a 422.
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<fields::FieldBody>>,
}
