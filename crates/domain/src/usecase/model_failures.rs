//! Failed calls to the language model.

use std::sync::{Arc, Mutex, PoisonError};

use crate::enumeration::named_enum;
use crate::port::PortError;
use crate::time::Timestamp;

named_enum! {
    /// Why a call to the model failed.
    pub enum ModelTrouble {
        /// It is unreachable, or did not answer in time.
        Unavailable = "unavailable",
        /// It has too many calls.
        Overloaded = "overloaded",
        /// It answered with an error, or with something that is no answer.
        Failed = "failed",
    }
}

impl From<&PortError> for ModelTrouble {
    fn from(error: &PortError) -> Self {
        match error {
            PortError::Unavailable { .. } => Self::Unavailable,
            PortError::Overloaded { .. } => Self::Overloaded,
            PortError::Failed { .. } | PortError::Corrupt { .. } => Self::Failed,
        }
    }
}

/// A failed call to the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModelFailure {
    /// When it failed.
    pub at: Timestamp,
    /// Why.
    pub trouble: ModelTrouble,
}

/// The last failed call of an instance.
#[derive(Debug, Clone, Default)]
pub(super) struct LastFailure(Arc<Mutex<Option<ModelFailure>>>);

impl LastFailure {
    /// Notes the failure of a call that ends now, if it has failed.
    pub(super) fn note<T>(&self, outcome: Result<T, PortError>, now: Timestamp) -> Result<T, PortError> {
        if let Err(error) = &outcome {
            let failure = ModelFailure { at: now, trouble: error.into() };
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        }
        outcome
    }

    /// The last failure, if there was any.
    pub(super) fn get(&self) -> Option<ModelFailure> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
