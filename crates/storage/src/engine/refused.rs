//! Whether the database accepts changes, as observed by units of work.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use yilin_domain::port::PortError;

use crate::error::unavailable;

/// How long a rejected change counts without another attempt: a smaller one may still succeed.
const COUNTS_FOR: Duration = Duration::from_secs(5);

/// The last change rejected because the database is full or read-only.
#[derive(Clone, Default)]
pub(crate) struct RefusedChange(Arc<Mutex<Option<(Instant, String)>>>);

impl RefusedChange {
    /// Records that a change was rejected, with the cause.
    pub(super) fn note(&self, cause: &dyn std::fmt::Display) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), cause.to_string()));
    }

    /// Whether a change was rejected and none has been attempted since. An error if that was just now.
    pub(crate) fn is_to_be_tried(&self) -> Result<bool, PortError> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((at, cause)) if at.elapsed() < COUNTS_FOR => Err(unavailable(cause.clone())),
            refused => Ok(refused.is_some()),
        }
    }

    /// Records that a change was accepted.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
