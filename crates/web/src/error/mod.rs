//! Mapping of errors to HTTP responses, in this one place.
//!
//! A handler returns an [`ApiError`]; the middleware, which knows the request, has it written in the
//! [form](ErrorForm) of its route and in the caller's language. [`words`] is the one table of slugs and messages.

mod envelope;
mod fields;
mod form;
mod language;
mod words;

use std::time::Duration;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use yilin_domain::error::{ChatRefused, Error, IllegalStep, LoginRefused, UploadRefused};
use yilin_domain::port::{AddFileError, BoxError, Part, PortError, ReadRosterError};
use yilin_domain::roster::RosterFault;
use yilin_domain::usecase::{ImportError, UploadError};
use yilin_domain::validation::Invalid;

pub use envelope::{ENVELOPE, ErrorBody};
pub use fields::{FieldBody, field_label, problem_words};
pub use form::{ErrorForm, Failure, FormDescription};
pub use language::Language;
use words::Words;

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A use case returned an error.
    #[error(transparent)]
    Domain(#[from] Error),
    /// The body cannot be parsed at all. Only for that case: the app logs its user out at a 400.
    #[error("the body cannot be parsed")]
    UnparsableBody,
    /// No valid session.
    #[error("not logged in")]
    Unauthenticated,
    /// The caller's password was set by somebody else and has to be changed before anything else.
    #[error("the password has to be changed first")]
    PasswordDue,
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
    pub fn unavailable(part: Part) -> Self {
        Error::Port(PortError::Unavailable { part, source: "not reachable".into() }).into()
    }

    /// A failed component.
    pub fn failed(part: Part) -> Self {
        Error::Port(PortError::Failed { part, source: "failed".into() }).into()
    }

    /// The stable machine-readable code.
    pub fn slug(&self) -> &'static str {
        Words::of(self).slug
    }

    /// The error in English, without its details: for descriptions.
    pub fn summary(&self) -> &'static str {
        Words::of(self).english
    }

    /// The invalid fields, if there are any.
    pub fn fields(&self, language: Language) -> Option<Vec<FieldBody>> {
        match self {
            Self::Domain(Error::Invalid(Invalid(errors))) => {
                Some(errors.iter().map(|error| fields::describe(error, language)).collect())
            }
            Self::Roster(_) if self.status_code() == StatusCode::UNPROCESSABLE_ENTITY => {
                let words = Words::of(self);
                Some(vec![fields::of_roster(words.slug, words.message(language))])
            }
            _ => None,
        }
    }

    /// A bug in the service, for the log.
    pub fn internal(error: impl Into<BoxError>) -> Self {
        Self::Internal(error.into())
    }

    /// The error without the emergency notice.
    pub fn plain(&self) -> &Self {
        match self {
            Self::Urgent(error) => error.plain(),
            error => error,
        }
    }

    /// The message in this language.
    pub fn message(&self, language: Language) -> String {
        let message = Words::of(self).message(language);
        match self {
            Self::Urgent(_) => format!("{}{message}", language.emergency_notice()),
            _ => message,
        }
    }

    /// When a retry makes sense, if it does.
    pub fn retry_after(&self) -> Option<Duration> {
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

    /// A response with the status and headers of every form.
    pub fn response(&self) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(self.status_code());
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
        envelope::respond(self, Language::Chinese, "")
    }
}
