//! The crate's front door.

use std::sync::Arc;

use chrono::TimeDelta;
use tokio::runtime::Handle;
use yilin_domain::port::{
    AccountRepository, AuditRepository, ConversationRepository, DrugOrderRepository, ImportRepository,
    InquiryRepository, LoginAttemptRepository, MedicalRecordRepository, OutsidePorts, PinRepository,
    PortError, Ports, QuotaRepository, Random, SecretRepository, SessionRepository, StatisticsRepository,
    UploadRepository,
};
use yilin_domain::session::DENIALS_OUTLIVE_SESSIONS;
use yilin_domain::time::{HospitalZone, Timestamp};

use crate::backend::{Backend, mysql, sqlite};
use crate::error::OpenError;
use crate::options::{DatabaseUrl, StorageOptions};
use crate::server_fault::ServerFault;
use crate::totals::WrongTotal;

/// A database, and the repositories in it. Cheap to clone.
#[derive(Clone)]
pub struct Storage {
    backend: Arc<dyn Backend>,
}

/// What [`Storage::maintain`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Maintenance {
    /// How many changes of totals were folded.
    pub folded: u64,
    /// How many expired sessions were forgotten.
    pub sessions: u64,
    /// How many counts of log-in attempts were forgotten.
    pub login_attempts: u64,
    /// How many identifiers were forgotten that had not logged in from an address for long.
    pub known_logins: u64,
    /// How many counts of calls to the language model were forgotten.
    pub model_calls: u64,
    /// How many counts of other things that accounts use on a day were forgotten.
    pub quotas: u64,
    /// How many markers of commits were forgotten.
    pub commit_markers: u64,
}

impl Storage {
    /// Opens the database that the URL names. Connections are made when they are needed; SQLite's
    /// file is made at once. The calling thread needs no runtime: the storage has its own.
    ///
    /// The random source draws uuids and the pauses between retries; the zone tells which day it
    /// is at the hospital.
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

    /// The storage's own runtime: for a task that does little else than to call the storage, again and
    /// again. From anywhere else, each call wakes a thread, and its answer another.
    pub fn runtime(&self) -> &Handle {
        self.backend.runtime()
    }

    /// Makes the tables as this version wants them. Several instances may do so at once, and it
    /// may be done again after a crash.
    pub async fn migrate(&self) -> Result<(), PortError> {
        self.backend.migrate().await
    }

    /// Whether the database answers, within the time limit of a unit of work.
    pub async fn ping(&self) -> Result<(), PortError> {
        self.backend.ping().await
    }

    /// Whether the database can serve: it answers, is part of its cluster, and takes changes as far as is
    /// known. Once it refused one (it was full, or read-only), a change is tried each time until one goes
    /// through.
    pub async fn ready(&self) -> Result<(), PortError> {
        self.backend.ready().await
    }

    /// What time it is by the database's clock, in microseconds at best.
    pub async fn now(&self) -> Result<Timestamp, PortError> {
        self.backend.now().await
    }

    /// What about the database server is not as it has to be, or should be. To be asked before [`Self::migrate`].
    pub async fn examine_server(&self) -> Result<Vec<ServerFault>, PortError> {
        self.backend.examine_server().await
    }

    /// Folds the changes of totals, and forgets expired sessions and old counts. To be
    /// called every few seconds, on every instance: they do not hinder each other.
    pub async fn maintain(&self, now: Timestamp) -> Result<Maintenance, PortError> {
        // Long after the day is over, so that a clock that is ahead for a while forgets no count too early.
        let days_before = (now - TimeDelta::days(30)).date_naive();
        Ok(Maintenance {
            folded: self.backend.fold_totals().await?,
            sessions: self.backend.forget_expired(now - DENIALS_OUTLIVE_SESSIONS).await?,
            login_attempts: self.backend.forget_idle(now - TimeDelta::days(1)).await?,
            known_logins: self.backend.forget_known(now - TimeDelta::days(31)).await?,
            model_calls: self.backend.forget_calls(days_before).await?,
            quotas: self.backend.forget_quotas(days_before).await?,
            commit_markers: self.backend.forget_commit_markers().await?,
        })
    }

    /// Counts all inquiries, drug orders and accounts, and gives the kept totals that differ: there
    /// are none, unless the tables were changed by something else than this crate. Correct while
    /// instances write, but it reads whole indexes: not for every few seconds.
    pub async fn wrong_totals(&self) -> Result<Vec<WrongTotal>, PortError> {
        self.backend.wrong_totals().await
    }

    /// Corrects the totals that [`Self::wrong_totals`] would give, and gives what was wrong.
    pub async fn repair_totals(&self) -> Result<Vec<WrongTotal>, PortError> {
        self.backend.repair_totals().await
    }

    /// Every port: this database's repositories, and what is outside it.
    pub fn ports(&self, outside: OutsidePorts) -> Ports {
        let OutsidePorts { files, model, rosters, workbooks, hasher, clock, random } = outside;
        Ports {
            accounts: self.accounts(),
            inquiries: self.inquiries(),
            medical_records: self.medical_records(),
            drug_orders: self.drug_orders(),
            sessions: self.sessions(),
            login_attempts: self.login_attempts(),
            statistics: self.statistics(),
            uploads: self.uploads(),
            quotas: self.quotas(),
            files,
            audit: self.audit(),
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

    /// The accounts.
    pub fn accounts(&self) -> Arc<dyn AccountRepository> {
        self.backend.clone()
    }

    /// The inquiries.
    pub fn inquiries(&self) -> Arc<dyn InquiryRepository> {
        self.backend.clone()
    }

    /// The medical records.
    pub fn medical_records(&self) -> Arc<dyn MedicalRecordRepository> {
        self.backend.clone()
    }

    /// The drug orders.
    pub fn drug_orders(&self) -> Arc<dyn DrugOrderRepository> {
        self.backend.clone()
    }

    /// The sessions.
    pub fn sessions(&self) -> Arc<dyn SessionRepository> {
        self.backend.clone()
    }

    /// The log-in attempts.
    pub fn login_attempts(&self) -> Arc<dyn LoginAttemptRepository> {
        self.backend.clone()
    }

    /// The statistics.
    pub fn statistics(&self) -> Arc<dyn StatisticsRepository> {
        self.backend.clone()
    }

    /// Who uploaded what.
    pub fn uploads(&self) -> Arc<dyn UploadRepository> {
        self.backend.clone()
    }

    /// What accounts use on a day.
    pub fn quotas(&self) -> Arc<dyn QuotaRepository> {
        self.backend.clone()
    }

    /// The imports.
    pub fn imports(&self) -> Arc<dyn ImportRepository> {
        self.backend.clone()
    }

    /// Which files the IPFS node has.
    pub fn pins(&self) -> Arc<dyn PinRepository> {
        self.backend.clone()
    }

    /// The audit log.
    pub fn audit(&self) -> Arc<dyn AuditRepository> {
        self.backend.clone()
    }

    /// Conversations with the language model.
    pub fn conversations(&self) -> Arc<dyn ConversationRepository> {
        self.backend.clone()
    }

    /// The secrets.
    pub fn secrets(&self) -> Arc<dyn SecretRepository> {
        self.backend.clone()
    }
}
