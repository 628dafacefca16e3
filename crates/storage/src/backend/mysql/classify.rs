//! Classifies MySQL errors by their effect on the connection and whether a retry makes sense.

use diesel::result::{DatabaseErrorKind, Error};

use crate::engine::Trouble;

/// Errors after which the unit of work may be retried. Diesel drops the error number; the session's
/// `lc_messages` makes the text uniform.
const PASSING: &[&str] = &[
    "Deadlock found",
    "Lock wait timeout exceeded",
    "Record has changed since last read",
    "WSREP detected deadlock",
    "Write conflict",
    // The server's memory is short for the moment (1038, 1461).
    "Out of sort memory",
    "Can't create more than max_prepared_stmt_count",
];

/// The driver's error, before anything is sent, for a statement larger than the server's
/// `max_allowed_packet`.
const TOO_LARGE: &str = "packet too large";
/// A server that cannot accept changes: full (1114, 1021, 1030 and 1026 with the system's own message), or a
/// read-only transaction or table (1792, 1036).
const UNWRITABLE: &[&str] = &[
    "is full",
    "Disk full",
    "No space left on device",
    "Cannot execute statement in a READ ONLY transaction",
    "is read only",
];

/// A read-only server (1290), such as a demoted one: another server may have taken over its name.
const READ_ONLY_SERVER: &[&str] =
    &["The MariaDB server is running with the --read-only", "The MySQL server is running with the --"];

/// Errors of the driver, and of a server that is shutting down or was demoted.
const LOST: &[&str] = &[
    "Driver error",
    "Input/output error",
    "Other error",
    "URL error",
    "Server shutdown in progress",
    "WSREP has not yet prepared node",
    "Connection was killed",
    "Query execution was interrupted",
];

pub(super) fn classify(error: &Error) -> Trouble {
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Trouble::Passing,
        Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => Trouble::Unwritable,
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _) => Trouble::Lost,
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            let message = information.message();
            if PASSING.iter().any(|text| message.contains(text)) {
                Trouble::Passing
            } else if message.ends_with(TOO_LARGE) {
                Trouble::Refused
            } else if UNWRITABLE.iter().any(|text| message.contains(text))
                || READ_ONLY_SERVER.iter().any(|text| message.starts_with(text))
            {
                Trouble::Unwritable
            } else if LOST.iter().any(|text| message.starts_with(text)) {
                Trouble::Lost
            } else {
                Trouble::Refused
            }
        }
        Error::DatabaseError(_, _) | Error::NotFound => Trouble::Refused,
        // A response that could not be parsed may be half read.
        _ => Trouble::Lost,
    }
}
