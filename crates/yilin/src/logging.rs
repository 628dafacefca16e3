//! Logs go to standard error; standard output is for what a command has to say.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::settings::{LogFormat, Settings};

/// Starts logging as the settings say.
pub(crate) fn start(settings: &Settings) {
    // The library of calls to the language model logs what it cannot read: people's conversations.
    // The HTTP library logs as an error whatever a client sends that is no HTTP: anybody could fill the log.
    let filter = format!("{},async_openai=off,actix_http::h1=off", settings.log);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match settings.log_format {
        LogFormat::Text => lines.finish().try_init(),
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    // It fails only if something logs already; then there is a log.
    drop(started);
}
