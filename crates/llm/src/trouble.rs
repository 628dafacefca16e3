use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use yilin_domain::port::{BoxError, Part, PortError};

/// What went wrong with a call. Shows neither the key nor the texts of requests and answers.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// The server cannot be reached, or the connection ended before the answer began.
    #[error("the server cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The server has too much to do.
    #[error("the server is busy: {status}")]
    Busy {
        /// 429, 503 or 529.
        status: StatusCode,
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The server answered an error.
    #[error("the server answered {0}")]
    Refused(StatusCode),
    /// It took too long.
    #[error("the server did not answer within {0:?}")]
    TooSlow(Duration),
    /// A streamed answer broke off.
    #[error("the answer broke off")]
    BrokeOff(#[source] BoxError),
    /// The server answered something that is no answer.
    #[error("the server's answer makes no sense: {0}")]
    Nonsense(&'static str),
    /// The client's request is no JSON object.
    #[error("the request is no JSON object")]
    NoObject(#[source] serde_json::Error),
}

impl Trouble {
    /// What an answer with this status and these headers is.
    pub(crate) fn of(response: &Response) -> Self {
        Self::of_status(response.status(), retry_after(response.headers()))
    }

    /// What an answer with this status is, from a server that wants to be asked again then.
    pub(crate) fn of_status(status: StatusCode, retry_after: Option<Duration>) -> Self {
        match status.as_u16() {
            429 | 503 | 529 => Self::Busy { status, retry_after },
            _ => Self::Refused(status),
        }
    }

    /// Whether another attempt may do better.
    pub(crate) fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::Busy { .. } => true,
            Self::Refused(status) => status.is_server_error(),
            Self::TooSlow(_) | Self::BrokeOff(_) | Self::Nonsense(_) | Self::NoObject(_) => false,
        }
    }

    /// When the server wants to be asked again, if it said so.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// What it comes to for the rules. A wait is never longer than this.
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

/// In seconds; a date would need the server's clock to be right, and counts as nothing.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}
