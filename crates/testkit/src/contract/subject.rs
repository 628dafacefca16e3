//! What a case is run against.

use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

use yilin_domain::port::{
    AccountRepository, AuditRepository, ConversationRepository, DrugOrderRepository, ImportRepository,
    InquiryRepository, LoginAttemptRepository, MedicalRecordRepository, PinRepository, QuotaRepository,
    Random, SecretRepository, SessionRepository, StatisticsRepository, UploadRepository,
};
use yilin_domain::time::HospitalZone;

use crate::fakes::FakeRandom;

/// The zone of the hospital that every subject must store for: its day changes at 16:00 UTC.
pub const ZONE: HospitalZone = HospitalZone(chrono_tz::Asia::Shanghai);

/// A case that takes longer than this hangs. It includes the first start of a database server on
/// a busy machine.
const TIME_LIMIT: Duration = Duration::from_secs(600);

/// The repositories of one empty store.
#[derive(Clone)]
pub struct Subject {
    /// Accounts.
    pub accounts: Arc<dyn AccountRepository>,
    /// Inquiries.
    pub inquiries: Arc<dyn InquiryRepository>,
    /// Medical records.
    pub medical_records: Arc<dyn MedicalRecordRepository>,
    /// Drug orders.
    pub drug_orders: Arc<dyn DrugOrderRepository>,
    /// Sessions.
    pub sessions: Arc<dyn SessionRepository>,
    /// Log-in attempts.
    pub login_attempts: Arc<dyn LoginAttemptRepository>,
    /// Statistics.
    pub statistics: Arc<dyn StatisticsRepository>,
    /// Who uploaded what.
    pub uploads: Arc<dyn UploadRepository>,
    /// What accounts use on a day.
    pub quotas: Arc<dyn QuotaRepository>,
    /// Which files the IPFS node has.
    pub pins: Arc<dyn PinRepository>,
    /// The audit log.
    pub audit: Arc<dyn AuditRepository>,
    /// Conversations with the language model.
    pub conversations: Arc<dyn ConversationRepository>,
    /// The service's secrets.
    pub secrets: Arc<dyn SecretRepository>,
    /// Imports.
    pub imports: Arc<dyn ImportRepository>,
    /// Whatever must live as long as the store does: a temporary folder, say.
    pub keep_alive: Arc<dyn Any + Send + Sync>,
}

/// Runs one case against a fresh subject, on a runtime of its own with several threads.
///
/// The subject must draw uuids from the randomness it is given. That repeats itself at first, so
/// that in every case the first accounts' uuids collide.
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
