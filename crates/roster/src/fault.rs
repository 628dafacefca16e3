//! Reasons for which reading a file stops early.

use yilin_domain::port::ReadRosterError;
use yilin_domain::roster::RosterFault;

/// Why reading stopped before the end of the file.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The file is invalid.
    Fault(RosterFault),
    /// The temporary copy of the file cannot be read.
    Io(std::io::Error),
    /// The receiver was dropped.
    Unwanted,
}

impl From<RosterFault> for Stop {
    fn from(fault: RosterFault) -> Self {
        Self::Fault(fault)
    }
}

/// Maps any library error about a file to a damaged file.
pub(crate) fn damaged<E>(_: E) -> Stop {
    Stop::Fault(RosterFault::Damaged)
}

/// A local failure, not the file's fault.
pub(crate) fn failed(source: impl Into<yilin_domain::port::BoxError>) -> ReadRosterError {
    use yilin_domain::port::{Part, PortError};
    PortError::Failed { part: Part::Spreadsheets, source: source.into() }.into()
}
