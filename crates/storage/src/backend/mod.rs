//! The databases. Each module defines `Conn` and the few words that differ, and includes the
//! repositories that are written once.

pub(crate) mod mysql;
pub(crate) mod sqlite;

use async_trait::async_trait;
use tokio::runtime::Handle;
use yilin_domain::port::{
    AccountRepository, AuditRepository, ConversationRepository, DrugOrderRepository, ImportRepository,
    InquiryRepository, LoginAttemptRepository, MedicalRecordRepository, PinRepository, PortError,
    QuotaRepository, SecretRepository, SessionRepository, StatisticsRepository, UploadRepository,
};
use yilin_domain::time::Timestamp;

use crate::server_fault::ServerFault;
use crate::totals::WrongTotal;

/// All that a database does.
pub(crate) trait Backend:
    AccountRepository
    + AuditRepository
    + ConversationRepository
    + DrugOrderRepository
    + ImportRepository
    + InquiryRepository
    + LoginAttemptRepository
    + MedicalRecordRepository
    + PinRepository
    + QuotaRepository
    + SecretRepository
    + SessionRepository
    + StatisticsRepository
    + UploadRepository
    + Upkeep
{
}

/// What a database needs besides its ports.
#[async_trait]
pub(crate) trait Upkeep: Send + Sync {
    /// Makes the tables as this version wants them.
    async fn migrate(&self) -> Result<(), PortError>;
    /// Whether the database answers.
    async fn ping(&self) -> Result<(), PortError>;
    /// What time it is by its clock.
    async fn now(&self) -> Result<Timestamp, PortError>;
    /// Whether the database answers, and takes changes as far as is known.
    async fn ready(&self) -> Result<(), PortError>;
    /// What about the server is not as it has to be, or should be.
    async fn examine_server(&self) -> Result<Vec<ServerFault>, PortError>;
    /// Forgets markers of commits that nobody can ask about any more; gives how many.
    async fn forget_commit_markers(&self) -> Result<u64, PortError>;
    /// The runtime that talks to the database.
    fn runtime(&self) -> &Handle;
    /// Folds deltas into the tallies; gives how many.
    async fn fold_totals(&self) -> Result<u64, PortError>;
    /// The kept totals that are not the number of records they stand for.
    async fn wrong_totals(&self) -> Result<Vec<WrongTotal>, PortError>;
    /// Corrects them; gives what was wrong.
    async fn repair_totals(&self) -> Result<Vec<WrongTotal>, PortError>;
}
