//! Formatting of errors and lists of problems for a terminal.

use std::error::Error;

/// An error's message followed by its causes, without repetitions.
pub(crate) fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut message = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}

/// The items, each on its own indented line.
pub(crate) fn indented<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().fold(String::new(), |lines, item| lines + "\n  " + &item.to_string())
}
