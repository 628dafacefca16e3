//! The database backends. Each module defines `Conn` and its SQL dialect, and includes the shared
//! repositories.

pub(crate) mod mysql;
pub(crate) mod sqlite;

use async_trait::async_trait;
use tokio::runtime::Handle;
use yilin_domain::port::{
    AccountRepository, AnswerRepository, AuditRepository, ConversationRepository, DatabaseInspector,
    DrugOrderRepository, EventRepository, ImportRepository, InquiryRepository, LoginAttemptRepository,
    MedicalRecordRepository, PeopleRepository, PinRepository, PortError, QuotaRepository, SecretRepository,
    SessionRepository, StatisticsRepository, UploadRepository, VerificationRepository, VisitListRepository,
    WebhookRepository,
};
use yilin_domain::time::Timestamp;

use crate::schema_state::SchemaState;
use crate::server_fault::ServerFault;
use crate::totals::WrongTotal;

/// Everything that a database backend provides.
pub(crate) trait Backend:
    AccountRepository
    + AnswerRepository
    + AuditRepository
    + ConversationRepository
    + DatabaseInspector
    + DrugOrderRepository
    + EventRepository
    + ImportRepository
    + InquiryRepository
    + LoginAttemptRepository
    + MedicalRecordRepository
    + PeopleRepository
    + PinRepository
    + QuotaRepository
    + SecretRepository
    + SessionRepository
    + StatisticsRepository
    + UploadRepository
    + VerificationRepository
    + VisitListRepository
    + WebhookRepository
    + Upkeep
{
}

/// Operations of a database besides its ports.
#[async_trait]
pub(crate) trait Upkeep: Send + Sync {
    /// Applies pending migrations.
    async fn migrate(&self) -> Result<(), PortError>;
    /// Makes the tables as these migrations want them.
    async fn migrate_to(&self, versions: &[String]) -> Result<(), PortError>;
    /// Whether the tables are those that this version works with.
    async fn schema_state(&self) -> Result<SchemaState, PortError>;
    /// Checks that the database answers.
    async fn ping(&self) -> Result<(), PortError>;
    /// The current time by the database's clock.
    async fn now(&self) -> Result<Timestamp, PortError>;
    /// Checks that the database answers and, as far as is known, accepts changes.
    async fn ready(&self) -> Result<(), PortError>;
    /// Settings of the server that are unsuitable or not recommended.
    async fn examine_server(&self) -> Result<Vec<ServerFault>, PortError>;
    /// Deletes commit markers that no unit of work can look up any more; returns how many.
    async fn forget_commit_markers(&self) -> Result<u64, PortError>;
    /// The runtime of the database connections.
    fn runtime(&self) -> &Handle;
    /// Folds deltas into the tallies; returns how many.
    async fn fold_totals(&self) -> Result<u64, PortError>;
    /// Stored totals that differ from the number of records.
    async fn wrong_totals(&self) -> Result<Vec<WrongTotal>, PortError>;
    /// Corrects them; returns the differences.
    async fn repair_totals(&self) -> Result<Vec<WrongTotal>, PortError>;
}
