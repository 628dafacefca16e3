//! What MySQL's errors say about the connection and about trying again.

use diesel::result::{DatabaseErrorKind, Error};

use crate::engine::Trouble;

/// Errors after which the work may be done again. Diesel drops the server's error number; the
/// session's `lc_messages` makes the text the same everywhere.
const PASSING: &[&str] = &[
    "Deadlock found",
    "Lock wait timeout exceeded",
    "Record has changed since last read",
    "WSREP detected deadlock",
    "Write conflict",
];

/// Errors of the driver, and of a server that is going away or was demoted.
const LOST: &[&str] = &[
    "Driver error",
    "Input/output error",
    "Other error",
    "URL error",
    "Server shutdown in progress",
    "WSREP has not yet prepared node",
    "The MariaDB server is running with the --read-only",
    "The MySQL server is running with the --",
    "Connection was killed",
    "Query execution was interrupted",
];

pub(super) fn classify(error: &Error) -> Trouble {
    match error {
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Trouble::Passing,
        Error::DatabaseError(
            DatabaseErrorKind::ReadOnlyTransaction | DatabaseErrorKind::ClosedConnection,
            _,
        ) => Trouble::Lost,
        Error::DatabaseError(DatabaseErrorKind::Unknown, information) => {
            let message = information.message();
            if PASSING.iter().any(|text| message.contains(text)) {
                Trouble::Passing
            } else if LOST.iter().any(|text| message.starts_with(text)) {
                Trouble::Lost
            } else {
                Trouble::Refused
            }
        }
        Error::DatabaseError(_, _) | Error::NotFound => Trouble::Refused,
        // An answer that could not be understood may be half read.
        _ => Trouble::Lost,
    }
}
