//! What the doctor prints.

use std::error::Error;

use crate::cli::Language;
use crate::error::StartError;
use crate::output::say;
use crate::text::with_causes;

/// What was found, printed as it is found.
pub(super) struct Report {
    language: Language,
    errors: usize,
    warnings: usize,
}

impl Report {
    pub(super) fn new() -> Self {
        Self { language: Language::of_environment(), errors: 0, warnings: 0 }
    }

    /// Something is as it should be.
    pub(super) fn fine(&self, what: &str, details: &str) {
        say!("OK       {}{}", self.language.of(what), after(details));
    }

    /// Something should be looked into.
    pub(super) fn warning(&mut self, what: &str, advice: &str) {
        self.warnings += 1;
        self.trouble("WARNING", what, advice);
    }

    /// Something must be looked into now.
    pub(super) fn error(&mut self, what: &str, advice: &str) {
        self.errors += 1;
        self.trouble("ERROR", what, advice);
    }

    /// Something could not be examined. What the error says tells what to do.
    pub(super) fn failure(&mut self, what: &str, error: &(dyn Error + 'static)) {
        self.error(what, &with_causes(error));
    }

    fn trouble(&self, level: &str, what: &str, advice: &str) {
        say!("{level:<8} {}", self.language.of(what));
        say!("         -> {}", self.language.of(advice));
    }

    /// Sums up.
    pub(super) fn end(self) -> Result<(), StartError> {
        match (self.errors, self.warnings) {
            (0, 0) => Ok(()),
            (errors, warnings) => Err(StartError::Unwell { errors, warnings }),
        }
    }
}

fn after(details: &str) -> String {
    if details.is_empty() { String::new() } else { format!(": {details}") }
}
