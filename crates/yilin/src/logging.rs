//! Logging to standard error; standard output is for the results of commands.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::settings::{LogFormat, Settings};

/// Starts logging according to the settings.
pub(crate) fn start(settings: &Settings) {
    // `async_openai` logs responses it cannot parse, which contain conversations. `actix_http::h1` logs any
    // malformed client input as an error, so that anyone could flood the log.
    let filter = format!("{},async_openai=off,actix_http::h1=off", settings.log);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match settings.log_format {
        LogFormat::Text => lines.finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    // It only fails if a logger is already set.
    drop(started);
}
