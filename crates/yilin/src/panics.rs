//! Panic reports with the location, but without the message.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;

/// From now on panics are reported without their messages. A message may quote input: a request, a patient's
/// record, an answer of the language model.
pub(crate) fn hide_messages() {
    std::panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current().name().unwrap_or_default().to_owned();
    // Only if RUST_BACKTRACE is set; it contains functions and lines.
    let backtrace = Backtrace::capture();
    let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
    tracing::error!(place, thread, backtrace, "panicked; the message is omitted because it may quote input");
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Log {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_panic_reports_its_location_without_the_message() {
        let log = Log::default();
        let writer = log.clone();
        let logging = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false).finish();
        let before = std::panic::take_hook();
        hide_messages();
        let panicked = std::thread::spawn(move || {
            tracing::subscriber::with_default(logging, || {
                std::panic::catch_unwind(|| {
                    "头痛三天 13800138000".parse::<u8>().map_err(|_| "头痛三天 13800138000").unwrap()
                })
            })
        })
        .join()
        .unwrap();
        std::panic::set_hook(before);
        assert!(panicked.is_err());
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(text.contains("panics.rs") && text.contains("ERROR"), "{text}");
        assert!(!text.contains("头痛") && !text.contains("138"), "{text}");
    }
}
