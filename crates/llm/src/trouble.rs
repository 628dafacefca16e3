//! Failures of calls to the model.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use yilin_domain::port::{BoxError, Part, PortError};

/// Why a call failed. Contains neither the key nor the texts of requests and answers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The server is unreachable, or the connection closed before the answer began.
    #[error("the server is unreachable")]
    Unreachable(#[source] reqwest::Error),
    /// The server is overloaded.
    #[error("the server is busy: {status}")]
    Busy {
        /// 429, 503 or 529.
        status: StatusCode,
        /// When to retry, according to the server.
        retry_after: Option<Duration>,
    },
    /// The server returned an error.
    #[error("the server returned {0}")]
    Refused(StatusCode),
    /// A timeout.
    #[error("the server timed out after {0:?}")]
    TooSlow(Duration),
    /// A streamed answer was interrupted.
    #[error("the answer was interrupted")]
    BrokeOff(#[source] BoxError),
    /// The server's response is not a valid answer.
    #[error("the server's response is invalid: {0}")]
    Nonsense(&'static str),
    /// The client's request is not a JSON object.
    #[error("the request is not a JSON object")]
    NoObject(#[source] serde_json::Error),
}

impl Trouble {
    /// The failure for a response with this status and these headers.
    pub(crate) fn of(response: &Response) -> Self {
        Self::of_status(response.status(), retry_after(response.headers()))
    }

    /// The failure for this status, from a server that asks for a retry at this time.
    pub(crate) fn of_status(status: StatusCode, retry_after: Option<Duration>) -> Self {
        match status.as_u16() {
            429 | 503 | 529 => Self::Busy { status, retry_after },
            _ => Self::Refused(status),
        }
    }

    /// Whether a retry may succeed.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Busy { .. } => true,
            Self::Refused(status) => status.is_server_error(),
            Self::TooSlow(_) | Self::BrokeOff(_) | Self::Nonsense(_) | Self::NoObject(_) => false,
        }
    }

    /// When the server asks for a retry, if it does.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Converts to the port's error. A wait is never longer than this.
    pub(crate) fn into_error(self, longest_wait: Duration) -> PortError {
        let part = Part::LanguageModel;
        match self {
            Self::Busy { retry_after: Some(wait), .. } => {
                PortError::Overloaded { part, retry_after: wait.min(longest_wait) }
            }
            Self::Unreachable(_) | Self::Busy { .. } | Self::TooSlow(_) => {
                PortError::Unavailable { part, source: self.into() }
            }
            Self::Refused(_) | Self::BrokeOff(_) | Self::Nonsense(_) | Self::NoObject(_) => {
                PortError::Failed { part, source: self.into() }
            }
        }
    }
}

/// In seconds; a date would depend on the server's clock, and is ignored.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
