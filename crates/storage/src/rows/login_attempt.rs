//! Log-in attempts as text.

use chrono::{DateTime, NaiveDateTime};
use yilin_domain::session::AttemptWindow;
use yilin_domain::time::Timestamp;

use super::column_reader::{ColumnReader, stored_time};
use crate::error::Corrupt;

/// Parses the attempts under a key: comma-separated seconds since 1970.
pub(crate) fn attempts_of(key: &str, text: &str) -> Result<AttemptWindow, Corrupt> {
    let columns = ColumnReader::new("login_attempt", key);
    let attempts = text
        .split(',')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let seconds = columns.value("attempts", part.parse())?;
            columns.present("attempts", DateTime::from_timestamp(seconds, 0))
        })
        .collect::<Result<_, _>>()?;
    Ok(AttemptWindow { attempts })
}

/// Formats attempts for [`attempts_of`].
pub(crate) fn attempts_text(window: &AttemptWindow) -> String {
    let seconds: Vec<String> = window.attempts.iter().map(|at| at.timestamp().to_string()).collect();
    seconds.join(",")
}

/// Time of the last attempt; far in the past if there is none, so that the row is deleted soon.
pub(crate) fn last_attempt(window: &AttemptWindow) -> NaiveDateTime {
    stored_time(window.attempts.iter().max().copied().unwrap_or(Timestamp::UNIX_EPOCH))
}
