//! The public interface of the crate.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::runtime::Handle;
use yilin_domain::event::EVENTS_KEPT;
use yilin_domain::idempotency::Claim;
use yilin_domain::port::{
    AccountRepository, AnswerRepository, AuditRepository, ConversationRepository, DatabaseInspector,
    DrugOrderRepository, EventRepository, ImportRepository, InquiryRepository, LoginAttemptRepository,
    MedicalRecordRepository, OutsidePorts, PeopleRepository, PinRepository, PortError, Ports,
    QuotaRepository, Random, SecretRepository, SessionRepository, StatisticsRepository, UploadRepository,
    VerificationRepository, VisitListRepository, WebhookRepository,
};
use yilin_domain::session::DENIALS_OUTLIVE_SESSIONS;
use yilin_domain::time::{HospitalZone, Timestamp};

use crate::backend::{Backend, mysql, sqlite};
use crate::error::OpenError;
use crate::options::{DatabaseUrl, StorageOptions};
use crate::schema_state::SchemaState;
use crate::server_fault::ServerFault;
use crate::totals::WrongTotal;

/// Maximum number of events deleted per maintenance.
const EVENTS_AT_ONCE: u16 = 5000;

/// A database with its repositories. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    backend: Arc<dyn Backend>,
}

/// The results of [`Storage::maintain`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maintenance {
    /// Number of folded changes of totals.
    pub folded: u64,
    /// Number of expired sessions deleted.
    pub sessions: u64,
    /// Number of log-in attempt counts deleted.
    pub login_attempts: u64,
    /// Number of known identifiers deleted because they had not logged in from their address for long.
    pub known_logins: u64,
    /// Number of counts of calls to the language model deleted.
    pub model_calls: u64,
    /// Number of other daily quota counts deleted.
    pub quotas: u64,
    /// Number of old events deleted.
    pub events: u64,
    /// Number of commit markers deleted.
    pub commit_markers: u64,
    /// Number of first answers to requests with a key that were deleted.
    pub answers: u64,
}

impl Storage {
    /// Opens the database that the URL names. Connections are opened on demand; SQLite's file is created
    /// immediately. The calling thread needs no runtime: the storage has its own.
    ///
    /// The random source is used for uuids and retry jitter; the zone determines the hospital's calendar day.
    pub fn open(
        options: &StorageOptions,
        random: Arc<dyn Random>,
        zone: HospitalZone,
    ) -> Result<Self, OpenError> {
        let backend: Arc<dyn Backend> = match DatabaseUrl::parse(&options.url)? {
            DatabaseUrl::Sqlite(path) => Arc::new(sqlite::Database::open(path, options, random, zone)?),
            DatabaseUrl::Mysql(url) => Arc::new(mysql::Database::open(url, options, random, zone)?),
        };
        Ok(Self { backend })
    }

    /// The storage's own runtime, for tasks that mainly call the storage. From any other runtime, each call
    /// and each result wakes another thread.
    pub fn runtime(&self) -> &Handle {
        self.backend.runtime()
    }

    /// Applies pending migrations. Safe to run from several instances at once, and again after a crash.
    pub async fn migrate(&self) -> Result<(), PortError> {
        self.backend.migrate().await
    }

    /// As [`Self::migrate`], but only by these migrations: to the tables of an older version.
    pub async fn migrate_to(&self, versions: &[String]) -> Result<(), PortError> {
        self.backend.migrate_to(versions).await
    }

    /// Whether the tables are those that this version works with. Changes nothing.
    pub async fn schema_state(&self) -> Result<SchemaState, PortError> {
        self.backend.schema_state().await
    }

    /// Checks that the database answers, within the timeout of a unit of work.
    pub async fn ping(&self) -> Result<(), PortError> {
        self.backend.ping().await
    }

    /// Checks that the database can serve: it answers, is part of its cluster and, as far as is known,
    /// accepts changes. Once it has rejected one (full or read-only), each call attempts a change until one
    /// succeeds.
    pub async fn ready(&self) -> Result<(), PortError> {
        self.backend.ready().await
    }

    /// The time by the database's clock, in microseconds at best.
    pub async fn now(&self) -> Result<Timestamp, PortError> {
        self.backend.now().await
    }

    /// Unsuitable settings of the database server. Call it before [`Self::migrate`].
    pub async fn examine_server(&self) -> Result<Vec<ServerFault>, PortError> {
        self.backend.examine_server().await
    }

    /// Folds the changes of totals; returns how many. Call it every few seconds on every instance; they do not block
    /// each other.
    pub async fn fold_totals(&self) -> Result<u64, PortError> {
        self.backend.fold_totals().await
    }

    /// Folds the changes of totals, and deletes expired sessions and old counts. Call it like [`Self::fold_totals`], but
    /// only with a time that is right: what expired long before it is gone.
    pub async fn maintain(&self, now: Timestamp) -> Result<Maintenance, PortError> {
        // Long after the day is over, so that a clock temporarily ahead does not delete a count too early.
        let days_before = (now - TimeDelta::days(30)).date_naive();
        Ok(Maintenance {
            folded: self.backend.fold_totals().await?,
            sessions: self.backend.forget_expired(now - DENIALS_OUTLIVE_SESSIONS).await?,
            login_attempts: self.backend.forget_idle(now - TimeDelta::days(1)).await?,
            known_logins: self.backend.forget_known(now - TimeDelta::days(31)).await?,
            model_calls: self.backend.forget_calls(days_before).await?,
            quotas: self.backend.forget_quotas(days_before).await?,
            events: self.events().forget(now - EVENTS_KEPT, EVENTS_AT_ONCE).await?,
            commit_markers: self.backend.forget_commit_markers().await?,
            answers: self.backend.forget_answers(Claim::LIFETIME).await?,
        })
    }

    /// Counts all inquiries, drug orders and accounts, and returns the stored totals that differ: none,
    /// unless the tables were changed by another program. Correct while instances write, but it reads whole
    /// indexes, so do not call it every few seconds.
    pub async fn wrong_totals(&self) -> Result<Vec<WrongTotal>, PortError> {
        self.backend.wrong_totals().await
    }

    /// Corrects the totals that [`Self::wrong_totals`] would return, and returns them.
    pub async fn repair_totals(&self) -> Result<Vec<WrongTotal>, PortError> {
        self.backend.repair_totals().await
    }

    /// All ports: this database's repositories and the outside ports.
    pub fn ports(&self, outside: OutsidePorts) -> Ports {
        let OutsidePorts { files, model, webhook_receiver, rosters, workbooks, hasher, clock, random } =
            outside;
        Ports {
            accounts: self.accounts(),
            answers: self.answers(),
            inquiries: self.inquiries(),
            visit_lists: self.visit_lists(),
            people: self.people(),
            medical_records: self.medical_records(),
            drug_orders: self.drug_orders(),
            events: self.events(),
            webhooks: self.webhooks(),
            webhook_receiver,
            sessions: self.sessions(),
            login_attempts: self.login_attempts(),
            statistics: self.statistics(),
            uploads: self.uploads(),
            quotas: self.quotas(),
            files,
            audit: self.audit(),
            verifications: self.verifications(),
            database: self.inspector(),
            conversations: self.conversations(),
            model,
            rosters,
            workbooks,
            imports: self.imports(),
            hasher,
            clock,
            random,
        }
    }

    /// The account repository.
    pub fn accounts(&self) -> Arc<dyn AccountRepository> {
        self.backend.clone()
    }

    /// The repository of first answers to requests with a key.
    pub fn answers(&self) -> Arc<dyn AnswerRepository> {
        self.backend.clone()
    }

    /// The inquiry repository.
    pub fn inquiries(&self) -> Arc<dyn InquiryRepository> {
        self.backend.clone()
    }

    /// The lists of visits.
    pub fn visit_lists(&self) -> Arc<dyn VisitListRepository> {
        self.backend.clone()
    }

    /// The searches for people.
    pub fn people(&self) -> Arc<dyn PeopleRepository> {
        self.backend.clone()
    }

    /// The medical record repository.
    pub fn medical_records(&self) -> Arc<dyn MedicalRecordRepository> {
        self.backend.clone()
    }

    /// The drug order repository.
    pub fn drug_orders(&self) -> Arc<dyn DrugOrderRepository> {
        self.backend.clone()
    }

    /// The event repository.
    pub fn events(&self) -> Arc<dyn EventRepository> {
        self.backend.clone()
    }

    /// The queue of webhook deliveries.
    pub fn webhooks(&self) -> Arc<dyn WebhookRepository> {
        self.backend.clone()
    }

    /// The session repository.
    pub fn sessions(&self) -> Arc<dyn SessionRepository> {
        self.backend.clone()
    }

    /// The log-in attempt repository.
    pub fn login_attempts(&self) -> Arc<dyn LoginAttemptRepository> {
        self.backend.clone()
    }

    /// The statistics repository.
    pub fn statistics(&self) -> Arc<dyn StatisticsRepository> {
        self.backend.clone()
    }

    /// The upload repository.
    pub fn uploads(&self) -> Arc<dyn UploadRepository> {
        self.backend.clone()
    }

    /// The quota repository.
    pub fn quotas(&self) -> Arc<dyn QuotaRepository> {
        self.backend.clone()
    }

    /// The import repository.
    pub fn imports(&self) -> Arc<dyn ImportRepository> {
        self.backend.clone()
    }

    /// The pin repository.
    pub fn pins(&self) -> Arc<dyn PinRepository> {
        self.backend.clone()
    }

    /// The audit log repository.
    pub fn audit(&self) -> Arc<dyn AuditRepository> {
        self.backend.clone()
    }

    /// The verifications of the audit log.
    pub fn verifications(&self) -> Arc<dyn VerificationRepository> {
        self.backend.clone()
    }

    /// What tells about the database itself.
    pub fn inspector(&self) -> Arc<dyn DatabaseInspector> {
        self.backend.clone()
    }

    /// The conversation repository.
    pub fn conversations(&self) -> Arc<dyn ConversationRepository> {
        self.backend.clone()
    }

    /// The secret repository.
    pub fn secrets(&self) -> Arc<dyn SecretRepository> {
        self.backend.clone()
    }
}
