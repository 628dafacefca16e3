//! Texts for people, and other small things that commands share.

use std::error::Error;

use crate::error::StartError;

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

/// Bytes as hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Does work that blocks, on a thread that may.
pub(crate) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, StartError> {
    let done = actix_web::rt::task::spawn_blocking(work).await;
    done.map_err(|panic| StartError::Interrupted { reason: panic.to_string() })
}
