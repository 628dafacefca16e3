//! Logging to standard error; standard output is for the results of commands.
//!
//! The source has every message in English. Lines of text are shown in the language of the environment; lines of JSON,
//! which are for machines, stay as they are.

mod chinese;

use std::fmt::{self, Debug};
use std::io::IsTerminal as _;

use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt as _;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::Language;
use crate::settings::{LogFormat, Settings};

/// Starts logging according to the settings.
pub(crate) fn start(settings: &Settings) {
    // `async_openai` logs responses it cannot parse, which contain conversations. `actix_http::h1` logs any
    // malformed client input as an error, so that anyone could flood the log.
    let filter = format!("{},async_openai=off,actix_http::h1=off", settings.log);
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(std::io::stderr)
        // Otherwise it reports a line that cannot be written by `eprintln!`, which panics for the same reason.
        .log_internal_errors(false)
        .with_ansi(std::io::stderr().is_terminal());
    let started = match (settings.log_format, Language::of_environment()) {
        (LogFormat::Json, _) => lines.json().flatten_event(true).finish().try_init(),
        (LogFormat::Text, Language::English) => lines.finish().try_init(),
        (LogFormat::Text, Language::Chinese) => {
            lines.fmt_fields(debug_fn(write_in_chinese).delimited(" ")).finish().try_init()
        }
    };
    // It only fails if a logger is already set.
    drop(started);
}

/// Writes a field of a line: the message, or a name and a value.
fn write_in_chinese(line: &mut Writer<'_>, field: &Field, value: &dyn Debug) -> fmt::Result {
    match field.name() {
        "message" => write!(line, "{}", in_chinese(&format!("{value:?}"))),
        // Which background work it is about.
        "work" => write!(line, "work={}", in_chinese(format!("{value:?}").trim_matches('"'))),
        // What libraries that use the crate `log` say about themselves.
        name if name.starts_with("log.") => Ok(()),
        name => write!(line, "{name}={value:?}"),
    }
}

fn in_chinese(text: &str) -> &str {
    chinese::WORDS.iter().find(|(english, _)| *english == text).map_or(text, |(_, chinese)| *chinese)
}
