//! What commands write to standard output and standard error.
//!
//! `println!` and `eprintln!` panic when nobody reads any more (`yilin doctor | head`), or the disk is full. The work of a
//! command must not end there, so that nothing else in this crate writes to them.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write as _};
use std::sync::{Mutex, PoisonError};

use crate::error::StartError;

/// The first failure to write to standard output.
static FAILED: Mutex<Option<io::Error>> = Mutex::new(None);

/// Writes a line of the result to standard output, like `println!`. A failure is reported by [`finish`], when the work is
/// done.
macro_rules! say {
    ($($text:tt)*) => { $crate::output::write_line(format_args!($($text)*)) };
}

/// Writes a line about the work to standard error, like `eprintln!`.
macro_rules! tell {
    ($($text:tt)*) => { $crate::output::write_note(format_args!($($text)*)) };
}

pub(crate) use {say, tell};

/// See [`say!`].
pub(crate) fn write_line(line: Arguments<'_>) {
    remember(writeln!(io::stdout().lock(), "{line}"));
}

/// Writes this text to standard output; otherwise like [`say!`].
pub(crate) fn write_all(text: &[u8]) {
    let mut output = io::stdout().lock();
    remember(output.write_all(text).and_then(|()| output.flush()));
}

/// See [`tell!`]. There is no other place to report that standard error cannot be written.
pub(crate) fn write_note(line: Arguments<'_>) {
    drop(writeln!(io::stderr().lock(), "{line}"));
}

fn remember(written: io::Result<()>) {
    let Err(error) = written else { return };
    // Whoever read it has read enough.
    if error.kind() != ErrorKind::BrokenPipe {
        FAILED.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }
}

/// The first failure to write a line of the result.
pub(crate) fn finish() -> Result<(), StartError> {
    let failed = FAILED.lock().unwrap_or_else(PoisonError::into_inner).take();
    failed.map_or(Ok(()), |error| Err(StartError::Print(error)))
}
