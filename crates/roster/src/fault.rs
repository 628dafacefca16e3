use yilin_domain::port::ReadRosterError;
use yilin_domain::roster::RosterFault;

/// Why reading ended before the end of the file.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The file is no good.
    Fault(RosterFault),
    /// Our own copy of the file cannot be read.
    Io(std::io::Error),
    /// Nobody wants to know any more.
    Unwanted,
}

impl From<RosterFault> for Stop {
    fn from(fault: RosterFault) -> Self {
        Self::Fault(fault)
    }
}

/// Any complaint of a library about a file.
pub(crate) fn damaged<E>(_: E) -> Stop {
    Stop::Fault(RosterFault::Damaged)
}

/// A failure of this machine.
pub(crate) fn failed(source: impl Into<yilin_domain::port::BoxError>) -> ReadRosterError {
    use yilin_domain::port::{Part, PortError};
    PortError::Failed { part: Part::Spreadsheets, source: source.into() }.into()
}
