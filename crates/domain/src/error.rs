//! Errors of use cases. Their presentation to a caller is the transport's responsibility.

use std::time::Duration;

use crate::idempotency::KeyUsed;
use crate::port::PortError;
use crate::validation::Invalid;

/// Why a use case failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One or more fields are missing or have a value that is not allowed.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The caller's role may not do this.
    #[error("the caller's role may not do this")]
    Forbidden,
    /// There is no such record, or the caller has no access to it; a caller cannot distinguish the two.
    #[error("no such record for this caller")]
    NotFound,
    /// The record's state does not allow the step.
    #[error(transparent)]
    IllegalStep(#[from] IllegalStep),
    /// Another account has this phone number.
    #[error("the phone number belongs to another account")]
    PhoneTaken,
    /// Another admin logs in with this name.
    #[error("the name belongs to another admin")]
    AdminNameTaken,
    /// The person for whom an account is asked may have one already.
    #[error("the person may have an account already")]
    PersonMayExist,
    /// A request with the same key is under way.
    #[error("a request with this key is under way")]
    KeyInUse,
    /// The key was used for a request with another content.
    #[error("the key was used for another request")]
    KeyMismatch,
    /// A request with this key was answered before, perhaps by another instance.
    #[error(transparent)]
    KeyUsed(#[from] KeyUsed),
    /// The caller's account has been disabled since the request began.
    #[error("the caller's account is disabled")]
    CallerDisabled,
    /// No other admin could log in any more.
    #[error("the account is the last admin's that is not disabled")]
    LastAdmin,
    /// The account has changed its phone number too often today.
    #[error("too many phone number changes today")]
    TooManyPhoneChanges {
        /// Time until the next day.
        retry_after: Duration,
    },
    /// The record is no longer as the caller saw it.
    #[error("the record has changed since the caller saw it")]
    Changed,
    /// Every attempt at this change lost the race against another change of the record.
    #[error("the record is being changed concurrently")]
    Contended,
    /// A log-in was rejected.
    #[error(transparent)]
    LoginRefused(#[from] LoginRefused),
    /// A call to the language model was rejected.
    #[error(transparent)]
    ChatRefused(#[from] ChatRefused),
    /// An upload was rejected.
    #[error(transparent)]
    UploadRefused(#[from] UploadRefused),
    /// The maximum number of listeners to events on this instance is reached.
    #[error("too many listeners to events")]
    TooManyListeners,
    /// The caller's session belongs to an account that does not exist (any longer).
    #[error("the session's account does not exist")]
    SessionWithoutAccount,
    /// A component that the request needs failed, is down, or is overloaded.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Why a log-in was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginRefused {
    /// No account has these credentials. Does not reveal which half was wrong.
    #[error("wrong credentials")]
    WrongCredentials,
    /// The credentials are right, and an admin has disabled the account.
    #[error("the account is disabled")]
    AccountDisabled,
    /// A well-known default password is not accepted from another machine.
    #[error("default password used from another machine")]
    DefaultPassword,
    /// Too many attempts; the next one is accepted after this time.
    #[error("too many attempts")]
    TooManyAttempts {
        /// How long to wait before the next attempt.
        retry_after: Duration,
    },
    /// Too many attempts for the account, or from the address, are already waiting to be checked.
    #[error("too many attempts at once")]
    TooManyAtOnce,
}

/// Why an upload was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefused {
    /// The account has reached its daily upload limit.
    #[error("too many bytes uploaded today")]
    TooMuchToday {
        /// Time until the next day.
        retry_after: Duration,
    },
    /// Free disk space has reached the configured reserve.
    #[error("the file storage has no space left beyond its reserve")]
    StorageFull,
}

/// Why a call to the language model was rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChatRefused {
    /// Earlier calls of the account are still running.
    #[error("too many calls at once")]
    TooManyAtOnce {
        /// When a retry makes sense.
        retry_after: Duration,
    },
    /// The account has reached its daily number of calls.
    #[error("too many calls today")]
    TooManyToday {
        /// Time until the next day.
        retry_after: Duration,
    },
}

/// An illegal transition of a state machine, named after the step that is missing or repeated.
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
    /// The consultation has been registered already; there is at most one record per inquiry.
    #[error("the consultation has already been registered")]
    InquiryAlreadyRegistered,
    /// The hospital has approved the consultation already.
    #[error("the consultation has already been approved")]
    InquiryAlreadyApproved,
    /// The inquiry has been cancelled, which is final.
    #[error("the inquiry has been cancelled")]
    InquiryAlreadyCancelled,
    /// The record was returned to the physician, who has not added anything yet.
    #[error("the record was returned, and the addendum is missing")]
    InquiryNotAmended,
    /// The record has already been returned to the physician.
    #[error("the record has already been returned")]
    InquiryAlreadyReturned,
    /// The visit is already assigned to this physician.
    #[error("the visit is already assigned to this physician")]
    InquiryOfSamePhysician,
    /// A physician has accepted, so that patients can no longer cancel or reschedule the visit themselves.
    #[error("a physician has accepted the visit, which the patient can no longer change")]
    InquiryInPhysiciansHands,
    /// The drugs have not been purchased yet.
    #[error("the drugs have not been purchased")]
    DrugOrderNotPurchased,
    /// The drugs have not been dispatched yet.
    #[error("the drugs have not been dispatched")]
    DrugOrderNotDispatched,
    /// The drugs have been purchased already.
    #[error("the drugs have already been purchased")]
    DrugOrderAlreadyPurchased,
    /// The drugs have been dispatched already.
    #[error("the drugs have already been dispatched")]
    DrugOrderAlreadyDispatched,
    /// The hospital has confirmed the receipt already.
    #[error("the drugs have already been received")]
    DrugOrderAlreadyReceived,
}

impl IllegalStep {
    /// What every step of an inquiry reports that is over without a consultation, which is final.
    pub const INQUIRY_OVER: [Self; 1] = [Self::InquiryAlreadyCancelled];
}
