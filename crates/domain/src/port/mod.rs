//! Ports: what the rules need from the outside.
//!
//! Each trait's documentation is its contract; the fakes and every adapter pass one suite per trait. For all
//! of them:
//!
//! * A method is one unit of work: it takes effect as a whole or not at all, also when its future is dropped
//!   or the process dies.
//! * A method that makes a change for a caller takes the draft of its audit entry, by itself or in the transition's
//!   [`Provenance`](crate::transition::Provenance). It completes the entry and inserts it into the outbox in the same
//!   unit of work; without a change there is no entry.
//! * "Not found" is `None`, and a lost race is [`Stale`](crate::transition::Stale); the outer `Err` is for
//!   failures only.
//! * Every call is bounded in time and ends in a result or a [`PortError`].

mod accounts;
mod answers;
mod audit;
mod conversations;
mod database;
mod drug_orders;
mod error;
mod events;
mod files;
mod inquiries;
mod medical_records;
mod model;
mod people;
mod quotas;
mod roster;
mod sessions;
mod statistics;
mod system;
mod verifications;
mod visit_lists;
mod webhooks;

pub use accounts::{AccountRepository, AccountTaken, CreateRefused, StandingRefused, UpdateRefused};
pub use answers::AnswerRepository;
pub use audit::{Appended, AuditRepository};
pub use conversations::{CallsOfDay, ConversationRepository};
pub use database::{DatabaseInspector, DatabaseState};
pub use drug_orders::DrugOrderRepository;
pub use error::{BoxError, Part, PortError};
pub use events::EventRepository;
pub use files::{AddFileError, ByteStream, FileStore, PinRepository, UploadRepository};
pub use inquiries::InquiryRepository;
pub use medical_records::{AmendRefused, MedicalRecordRepository};
pub use model::{Completion, CompletionPart, CompletionRequest, CompletionStream, LanguageModel, Utterance};
pub use people::{PeopleRepository, Sharing};
pub use quotas::{Quota, QuotaRepository};
pub use roster::{
    ImportRepository, ListFormat, ListHead, ListWriter, ReadRosterError, ReceivedRoster, RosterPiece,
    RosterPieces, RosterReader, RosterRow, WorkbookWriter,
};
pub use sessions::{LoginAttemptRepository, SessionRepository};
pub use statistics::{StatisticsRepository, Tallies, VisitCount};
pub use system::{
    Clock, HashingTurn, LOG_INS_WAITING, PasswordHasher, Random, SecretRepository, TooManyWaiting,
};
pub use verifications::{VerificationRepository, VerificationRunning};
pub use visit_lists::VisitListRepository;
pub use webhooks::{WebhookReceiver, WebhookRepository};

use std::sync::Arc;

/// All ports; the binary fills the set with adapters, tests with fakes.
#[derive(Clone)]
pub struct Ports {
    /// Accounts.
    pub accounts: Arc<dyn AccountRepository>,
    /// First answers to requests with a key.
    pub answers: Arc<dyn AnswerRepository>,
    /// Inquiries.
    pub inquiries: Arc<dyn InquiryRepository>,
    /// Lists of visits.
    pub visit_lists: Arc<dyn VisitListRepository>,
    /// Searches for people.
    pub people: Arc<dyn PeopleRepository>,
    /// Medical records.
    pub medical_records: Arc<dyn MedicalRecordRepository>,
    /// Drug orders.
    pub drug_orders: Arc<dyn DrugOrderRepository>,
    /// Events.
    pub events: Arc<dyn EventRepository>,
    /// What is to be sent to the receiver of webhooks.
    pub webhooks: Arc<dyn WebhookRepository>,
    /// The receiver of webhooks, where the installation has one.
    pub webhook_receiver: Option<Arc<dyn WebhookReceiver>>,
    /// Sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Log-in attempts.
    pub login_attempts: Arc<dyn LoginAttemptRepository>,
    /// Statistics.
    pub statistics: Arc<dyn StatisticsRepository>,
    /// Uploads.
    pub uploads: Arc<dyn UploadRepository>,
    /// Daily quotas of accounts.
    pub quotas: Arc<dyn QuotaRepository>,
    /// File contents.
    pub files: Arc<dyn FileStore>,
    /// The audit log.
    pub audit: Arc<dyn AuditRepository>,
    /// Verifications of the audit log.
    pub verifications: Arc<dyn VerificationRepository>,
    /// The database itself.
    pub database: Arc<dyn DatabaseInspector>,
    /// Conversations with the model.
    pub conversations: Arc<dyn ConversationRepository>,
    /// The language model, if the installation has one.
    pub model: Option<Arc<dyn LanguageModel>>,
    /// The reader of rosters.
    pub rosters: Arc<dyn RosterReader>,
    /// The writer of workbooks.
    pub workbooks: Arc<dyn WorkbookWriter>,
    /// Imports.
    pub imports: Arc<dyn ImportRepository>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}

/// The ports outside the database; together with its repositories they form [`Ports`].
#[derive(Clone)]
pub struct OutsidePorts {
    /// File contents.
    pub files: Arc<dyn FileStore>,
    /// The language model, if the installation has one.
    pub model: Option<Arc<dyn LanguageModel>>,
    /// The receiver of webhooks, where the installation has one.
    pub webhook_receiver: Option<Arc<dyn WebhookReceiver>>,
    /// The reader of rosters.
    pub rosters: Arc<dyn RosterReader>,
    /// The writer of workbooks.
    pub workbooks: Arc<dyn WorkbookWriter>,
    /// Passwords.
    pub hasher: Arc<dyn PasswordHasher>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
}
