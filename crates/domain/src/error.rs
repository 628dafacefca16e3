//! What can go wrong in a use case. How it is told to a caller is the transport's business.

use std::time::Duration;

use crate::port::PortError;
use crate::validation::Invalid;

/// Why a use case did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One or more fields are missing or have a value that is not allowed.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller's role may not do this at all.
    #[error("the caller's role may not do this")]
    Forbidden,
    /// There is no such record, or it is none of the caller's business; a caller cannot tell
    /// which.
    #[error("no such record for this caller")]
    NotFound,
    /// The record's state does not allow the step.
    #[error(transparent)]
    IllegalStep(#[from] IllegalStep),
    /// Another account has this phone number.
    #[error("the phone number belongs to another account")]
    PhoneTaken,
    /// The account has tried to change its phone number too often on this day.
    #[error("too many changes of the phone number today")]
    TooManyPhoneChanges {
        /// How long it is until the next day.
        retry_after: Duration,
    },
    /// The record was changed by others again and again while this change was being decided.
    #[error("the record is being changed by others")]
    Contended,
    /// A log-in was refused.
    #[error(transparent)]
    LoginRefused(#[from] LoginRefused),
    /// A call to the language model was refused.
    #[error(transparent)]
    ChatRefused(#[from] ChatRefused),
    /// An upload was refused.
    #[error(transparent)]
    UploadRefused(#[from] UploadRefused),
    /// The caller's session belongs to an account that does not exist (any more).
    #[error("the session's account does not exist")]
    SessionWithoutAccount,
    /// A part the request needs failed, is down, or has too much waiting.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Why a log-in was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginRefused {
    /// No account has these credentials. Says nothing about which half was wrong.
    #[error("wrong credentials")]
    WrongCredentials,
    /// A well-known default password must not be used from outside this machine.
    #[error("default password used from outside")]
    DefaultPassword,
    /// Too many attempts; the next one is looked at after this time.
    #[error("too many attempts")]
    TooManyAttempts {
        /// How long to wait before the next attempt.
        retry_after: Duration,
    },
    /// Too many attempts of the account, or from the address, wait for their check already.
    #[error("too many attempts at once")]
    TooManyAtOnce,
}

/// Why an upload was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefused {
    /// The account has uploaded all that it may on this day.
    #[error("too many bytes uploaded today")]
    TooMuchToday {
        /// How long it is until the next day.
        retry_after: Duration,
    },
    /// The disk of files has no more room than is kept in reserve.
    #[error("the disk of files is full but for its reserve")]
    StorageFull,
}

/// Why a call to the language model was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChatRefused {
    /// The account's earlier calls have not ended yet.
    #[error("too many calls at once")]
    TooManyAtOnce {
        /// When trying again is sensible.
        retry_after: Duration,
    },
    /// The account has made all its calls of this day.
    #[error("too many calls today")]
    TooManyToday {
        /// How long it is until the next day.
        retry_after: Duration,
    },
}

/// An illegal move of a state machine, named after the step that is missing or was already made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IllegalStep {
    /// The inquiry has no physician yet.
    #[error("no physician has been assigned to the inquiry")]
    InquiryNotAssigned,
    /// The assigned physician has not accepted yet.
    #[error("the inquiry has not been accepted")]
    InquiryNotAccepted,
    /// The consultation has not been registered yet.
    #[error("the consultation has not been registered")]
    InquiryNotRegistered,
    /// A physician has accepted already.
    #[error("the inquiry has already been accepted")]
    InquiryAlreadyAccepted,
    /// The consultation has been registered already; there is one record per inquiry, ever.
    #[error("the consultation has already been registered")]
    InquiryAlreadyRegistered,
    /// The hospital has approved the consultation already.
    #[error("the consultation has already been approved")]
    InquiryAlreadyApproved,
    /// The drugs have not been bought yet.
    #[error("the drugs have not been purchased")]
    DrugOrderNotPurchased,
    /// The drugs have not been sent yet.
    #[error("the drugs have not been dispatched")]
    DrugOrderNotDispatched,
    /// The drugs have been bought already.
    #[error("the drugs have already been purchased")]
    DrugOrderAlreadyPurchased,
    /// The drugs have been sent already.
    #[error("the drugs have already been dispatched")]
    DrugOrderAlreadyDispatched,
    /// The hospital has confirmed the receipt already.
    #[error("the drugs have already been received")]
    DrugOrderAlreadyReceived,
}
