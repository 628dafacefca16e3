//! How far long work has got: a bar on a terminal, a line now and then elsewhere.

use std::io::IsTerminal as _;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::output::tell;

/// How often a line is printed where there is no terminal.
const LINE: Duration = Duration::from_secs(10);

/// The progress of one piece of work, on standard error.
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    what: &'static str,
    told: Mutex<Instant>,
}

impl Progress {
    /// Begins.
    pub(crate) fn new(what: &'static str) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::no_length().with_message(what);
            match ProgressStyle::with_template("{spinner} {msg}  {prefix}  {elapsed}") {
                Ok(style) => bar.with_style(style),
                Err(_) => bar,
            }
        });
        Self { bar, what, told: Mutex::new(Instant::now()) }
    }

    /// Tells how many of what there are, and their bytes.
    pub(crate) fn tell(&self, count: u64, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_prefix(format!("{count}, {}", HumanBytes(bytes)));
            bar.tick();
            return;
        }
        let Ok(mut told) = self.told.lock() else { return };
        if told.elapsed() >= LINE {
            *told = Instant::now();
            tell!("{}: {count}, {}", self.what, HumanBytes(bytes));
        }
    }

    /// Ends.
    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
