//! Whether the database takes changes, as far as units of work have found out.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use yilin_domain::port::PortError;

use crate::error::unavailable;

/// How long a refused change counts without another look: a smaller one may still go through.
const COUNTS_FOR: Duration = Duration::from_secs(5);

/// The last change that the database refused because it is full or read-only.
#[derive(Clone, Default)]
pub(crate) struct RefusedChange(Arc<Mutex<Option<(Instant, String)>>>);

impl RefusedChange {
    /// A change was refused for this cause.
    pub(super) fn note(&self, cause: &dyn std::fmt::Display) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), cause.to_string()));
    }

    /// Whether a change was refused and none has been tried since. An error while that was just now.
    pub(crate) fn is_to_be_tried(&self) -> Result<bool, PortError> {
        match &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((at, cause)) if at.elapsed() < COUNTS_FOR => Err(unavailable(cause.clone())),
            refused => Ok(refused.is_some()),
        }
    }

    /// A change has gone through.
    pub(crate) fn clear(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
