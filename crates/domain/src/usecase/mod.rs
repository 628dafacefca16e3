//! Use cases: authorization and workflow.
//!
//! Each one checks the caller's role, then looks the record up *for that caller* (a record to which the
//! caller has no access is [`Error::NotFound`]), decides by the state machine, and saves by compare-and-swap.

mod accounts;
mod audit;
mod chat;
mod consultations;
mod drug_orders;
mod events;
mod exports;
mod files;
mod hand_over;
mod history;
mod inquiries;
mod list_export;
mod model_failures;
mod new_accounts;
mod once;
mod overview;
mod passwords;
mod people;
mod roster_import;
mod service_state;
mod sessions;
mod setup;
mod standing;
mod statistics;
mod summaries;
mod test_data;
mod upload_meter;
mod visit_lists;
mod webhooks;

pub use accounts::{Accounts, UpdateRoute};
pub use audit::{
    AuditLog, ChainWriter, ExpiredChain, ExpiredChains, NamedEntry, OwnAccess, Verification,
    VerificationState, WriteError, expired_audit_chains, verify_audit_chain, verify_audit_log,
    verify_audit_log_with,
};
pub use chat::{Chat, ChatPolicy, ChatRequest, Exchange, Masked, Unmasked};
pub use consultations::{AddendumReport, ConsultationReport, Consultations};
pub use drug_orders::{DrugOrderSelection, DrugOrders};
pub use events::{EventLimits, Events, FeedItem, FeedState, LAST_EVENT_ID, Subscription};
pub use exports::{Export, Exports};
pub use files::{Files, UploadError, Uploaded};
pub use hand_over::{HandOver, HandOverProspect, HandedOver};
pub use history::{HistoryLine, HistoryOf};
pub use inquiries::{
    Inquiries, InquiryRequest, InquirySelection, PhysicianDay, PhysiciansOfDay, ScheduleDays, WantedVisit,
};
pub use list_export::ListExport;
pub use model_failures::{ModelFailure, ModelTrouble};
pub use once::OnceOnly;
pub use overview::{ImportActivity, LastDays, Overview, OverviewReport, TodaysVisits, Waiting};
pub use passwords::OwnPasswordChange;
pub use people::{People, PeopleSearch, PersonsSessions, PossibleDuplicates};
pub use roster_import::{
    ArrivedImport, FileGone, HeldImport, ImportError, ImportOutcome, ImportReport, ProblemWording,
    RosterImport, Watch,
};
pub use service_state::{FileState, ModelCaller, ModelState, ServiceState, ServiceStates, ServiceWarning};
pub use sessions::{LogIn, LoggedIn, Realm, Sessions};
pub use setup::{Setup, is_default_password};
pub use statistics::{DrugOrdersByDay, Statistics, VisitsByDay};
pub use summaries::{MedicalSummary, Summaries, SummarySource};
pub use test_data::{FlowReport, GeneratedAccounts, TestData};
pub use upload_meter::UploadLimits;
use upload_meter::UploadsInProgress;
pub use visit_lists::{VisitLists, VisitSearch};
pub use webhooks::Webhooks;

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;

use crate::account::Actor;
use crate::audit::{EntryDraft, Origin};
use crate::error::Error;
use crate::file::FileLinks;
use crate::inquiry::Deadlines;
use crate::port::Ports;
use crate::session::AttemptLimits;
use crate::time::{HospitalTime, HospitalZone, Timestamp};
use crate::transition::{Provenance, Stale};

/// A hospital's policy.
#[derive(Clone)]
pub struct Policy {
    /// Its time zone.
    pub zone: HospitalZone,
    /// The password of imported and generated accounts.
    pub initial_password: String,
    /// How long a session lasts.
    pub session_lifetime: Duration,
    /// Limits on log-in attempts.
    pub attempt_limits: AttemptLimits,
    /// Limits on uploads.
    pub upload_limits: UploadLimits,
    /// Limits on listeners to events.
    pub event_limits: EventLimits,
    /// Creates and verifies file links.
    pub file_links: FileLinks,
    /// Limits and prompts of the language model.
    pub chat: ChatPolicy,
    /// By when the steps of an inquiry are due.
    pub deadlines: Deadlines,
    /// How long a visit takes: two of one physician that are closer clash.
    pub visit_length: TimeDelta,
}

/// Every use case, over one set of ports.
#[derive(Clone)]
pub struct UseCases {
    /// Accounts.
    pub accounts: Accounts,
    /// Exports of one's own data.
    pub exports: Exports,
    /// Handing a physician's work over.
    pub hand_over: HandOver,
    /// Requests with a key.
    pub once: OnceOnly,
    /// The audit log.
    pub audit: AuditLog,
    /// Log-in and log-out.
    pub sessions: Sessions,
    /// Inquiries.
    pub inquiries: Inquiries,
    /// The hospital's lists of visits.
    pub visit_lists: VisitLists,
    /// What waits for the hospital.
    pub overview: Overview,
    /// Searches for people, and their sessions.
    pub people: People,
    /// Consultations and their medical records.
    pub consultations: Consultations,
    /// Drug orders.
    pub drug_orders: DrugOrders,
    /// Events.
    pub events: Events,
    /// Sending events to the webhook receiver.
    pub webhooks: Webhooks,
    /// Statistics.
    pub statistics: Statistics,
    /// Files and links to them.
    pub files: Files,
    /// Importing rosters.
    pub roster_import: RosterImport,
    /// Conversations with the language model.
    pub chat: Chat,
    /// Summaries of them.
    pub summaries: Summaries,
    /// The state of the service.
    pub service: ServiceStates,
    /// Preconditions of serving.
    pub setup: Setup,
    /// Generated accounts and flows.
    pub test_data: TestData,
}

impl UseCases {
    /// The use cases of a hospital with this policy, over these ports.
    pub fn new(ports: Ports, policy: Policy) -> Self {
        let context = Arc::new(Context { ports, policy, uploads: UploadsInProgress::default() });
        let sessions = Sessions::new(context.clone());
        let files = Files::new(context.clone());
        let inquiries = Inquiries::new(context.clone());
        let consultations = Consultations::new(context.clone(), files.clone());
        let drug_orders = DrugOrders::new(context.clone(), files.clone());
        let chat = Chat::new(context.clone());
        let service = ServiceStates::new(context.clone(), chat.clone());
        Self {
            overview: Overview::new(context.clone(), service.clone()),
            service,
            summaries: Summaries::new(context.clone(), chat.clone()),
            chat,
            accounts: Accounts::new(context.clone(), sessions.clone()),
            events: Events::new(context.clone(), sessions.clone()),
            exports: Exports::new(context.clone()),
            visit_lists: VisitLists::new(context.clone()),
            people: People::new(context.clone(), sessions.clone()),
            hand_over: HandOver::new(context.clone()),
            once: OnceOnly::new(context.clone()),
            audit: AuditLog::new(context.clone()),
            webhooks: Webhooks::new(context.clone()),
            statistics: Statistics::new(context.clone()),
            setup: Setup::new(context.clone()),
            roster_import: RosterImport::new(context.clone()),
            test_data: TestData::new(context, inquiries.clone(), consultations.clone(), drug_orders.clone()),
            sessions,
            inquiries,
            consultations,
            drug_orders,
            files,
        }
    }
}

/// What every use case needs.
struct Context {
    ports: Ports,
    policy: Policy,
    uploads: UploadsInProgress,
}

impl Context {
    fn now(&self) -> Timestamp {
        self.ports.clock.now()
    }

    /// Drafts the audit entry of a change that this actor makes now.
    fn entry(&self, actor: &Actor) -> Option<EntryDraft> {
        self.entry_of(actor.origin.as_ref())
    }

    /// Drafts the audit entry of a change of a request or command without an actor.
    fn entry_of(&self, origin: Option<&Origin>) -> Option<EntryDraft> {
        origin.map(|origin| origin.entry(self.ports.clock.now_precisely()))
    }

    fn hospital_time(&self) -> HospitalTime {
        HospitalTime { zone: self.policy.zone, now: self.now() }
    }

    fn provenance(&self, actor: &Actor) -> Provenance {
        Provenance::new(actor.uuid, self.now()).leaving(self.entry(actor))
    }
}

/// Decides on the value that was read and saves the decision; if the record was changed meanwhile
/// ([`Stale`]), reads and decides again. The second decision then usually reports precisely why the caller
/// was too late.
async fn decide_and_save<T, F, R>(mut attempt: F) -> Result<T, Error>
where
    F: FnMut() -> R,
    R: Future<Output = Result<Result<T, Stale>, Error>>,
{
    /// More consecutive lost races mean heavy contention, which is an error of its own.
    const ATTEMPTS: usize = 8;
    for _ in 0..ATTEMPTS {
        if let Ok(done) = attempt().await? {
            return Ok(done);
        }
    }
    Err(Error::Contended)
}
