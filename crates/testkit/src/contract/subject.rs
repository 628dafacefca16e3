//! The subject of a case.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use yilin_domain::port::{
    AccountRepository, AnswerRepository, AuditRepository, ConversationRepository, DatabaseInspector,
    DrugOrderRepository, EventRepository, ImportRepository, InquiryRepository, LoginAttemptRepository,
    MedicalRecordRepository, PeopleRepository, PinRepository, QuotaRepository, Random, SecretRepository,
    SessionRepository, StatisticsRepository, UploadRepository, VerificationRepository, VisitListRepository,
    WebhookRepository,
};
use yilin_domain::time::HospitalZone;

use crate::fakes::FakeRandom;

/// The hospital's time zone in all cases: the day changes at 16:00 UTC.
pub const ZONE: HospitalZone = HospitalZone(chrono_tz::Asia::Shanghai);

/// Timeout of a case. It includes the first start of a database server on a busy machine.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// The repositories of one empty store.
#[derive(Clone)]
pub struct Subject {
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
    /// Sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Log-in attempts.
    pub login_attempts: Arc<dyn LoginAttemptRepository>,
    /// Statistics.
    pub statistics: Arc<dyn StatisticsRepository>,
    /// Uploads.
    pub uploads: Arc<dyn UploadRepository>,
    /// Daily quotas.
    pub quotas: Arc<dyn QuotaRepository>,
    /// Pins.
    pub pins: Arc<dyn PinRepository>,
    /// The audit log.
    pub audit: Arc<dyn AuditRepository>,
    /// Verifications of the audit log.
    pub verifications: Arc<dyn VerificationRepository>,
    /// The database itself.
    pub database: Arc<dyn DatabaseInspector>,
    /// Conversations with the language model.
    pub conversations: Arc<dyn ConversationRepository>,
    /// The service's secrets.
    pub secrets: Arc<dyn SecretRepository>,
    /// Imports.
    pub imports: Arc<dyn ImportRepository>,
    /// Values that must live as long as the store, such as a temporary folder.
    pub keep_alive: Arc<dyn Any + Send + Sync>,
}

/// Runs one case against a fresh subject, on a separate multi-threaded runtime.
///
/// The subject must draw uuids from the given random source, which repeats itself at first, so that the uuids
/// of the first accounts collide in every case.
pub fn run<M, C>(make_subject: M, case: C)
where
    M: AsyncFnOnce(Arc<dyn Random>) -> Subject,
    C: AsyncFnOnce(&Subject),
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime can be started");
    runtime.block_on(async {
        let work = async {
            let subject = make_subject(Arc::new(FakeRandom::stuck_at_first(1, 5))).await;
            case(&subject).await;
        };
        tokio::time::timeout(TIME_LIMIT, work).await.expect("the case ends in bounded time");
    });
}
