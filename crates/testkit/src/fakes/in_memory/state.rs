//! Shared state of the in-memory repositories.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use yilin_domain::account::{Account, AccountUuid, Credentials, Standing};
use yilin_domain::audit::{
    AuditEvent, AuditRecord, AuditRecordId, ChainId, ChainOpening, ChainRemoval, Changed, EntryDraft,
    OutboxId, VerificationResult, VerificationRun,
};
use yilin_domain::chat::{Summary, Turn, TurnId};
use yilin_domain::drug_order::{DrugOrder, DrugOrderHistoryEntry};
use yilin_domain::event::{Event, EventId, NewEvent};
use yilin_domain::file::{ContentId, Pin};
use yilin_domain::id::{AccountId, DrugOrderId, InquiryId, MedicalRecordId};
use yilin_domain::inquiry::{Inquiry, InquiryHistoryEntry, RepetitionDigest};
use yilin_domain::medical_record::{Addendum, MedicalRecord};
use yilin_domain::port::Quota;
use yilin_domain::roster::{ImportJob, ImportJobId, ImportRemarks, KeptRow};
use yilin_domain::session::{AttemptWindow, Session, SessionId};
use yilin_domain::time::Timestamp;
use yilin_domain::webhook::{Delivery, DeliveryFailure};

use super::answers::{AnswerKey, KeptAnswer};

/// Everything that is stored.
#[derive(Default)]
pub(super) struct State {
    pub(super) accounts: BTreeMap<AccountId, Credentials>,
    pub(super) inquiries: BTreeMap<InquiryId, Tracked<Inquiry, InquiryHistoryEntry>>,
    /// The inquiries that an equal request of their patient may repeat.
    pub(super) repetitions: HashMap<(AccountUuid, RepetitionDigest), InquiryId>,
    pub(super) medical_records: BTreeMap<MedicalRecordId, MedicalRecord>,
    pub(super) addenda: BTreeMap<MedicalRecordId, Vec<Addendum>>,
    pub(super) drug_orders: BTreeMap<DrugOrderId, Tracked<DrugOrder, DrugOrderHistoryEntry>>,
    /// Events without an id, in the order in which they were stored.
    pub(super) pending_events: Vec<NewEvent>,
    /// In id order.
    pub(super) events: Vec<Event>,
    pub(super) last_event: i64,
    /// The last deadline of each inquiry that was announced as missed.
    pub(super) announced_deadlines: HashMap<InquiryId, Timestamp>,
    /// The last event queued for the webhook receiver.
    pub(super) last_queued: Option<EventId>,
    pub(super) webhooks: BTreeMap<EventId, StoredDelivery>,
    pub(super) sessions: HashMap<SessionId, StoredSession>,
    pub(super) attempts_by_identifier: HashMap<String, AttemptWindow>,
    pub(super) attempts_by_address: HashMap<String, AttemptWindow>,
    pub(super) known_logins: HashMap<String, Timestamp>,
    pub(super) uploads: HashSet<(AccountUuid, ContentId)>,
    pub(super) quotas: HashMap<(AccountUuid, Quota, NaiveDate), u64>,
    pub(super) pins: HashMap<ContentId, (Pin, Timestamp)>,
    pub(super) turns: BTreeMap<TurnId, (AccountUuid, Turn)>,
    pub(super) summaries: HashMap<AccountUuid, Summary>,
    pub(super) model_calls: HashMap<(AccountUuid, NaiveDate), u32>,
    pub(super) audit_chains: BTreeMap<ChainId, ChainOpening>,
    /// By the time of the oldest entry appended in the same call, and by id.
    pub(super) audit_records: BTreeMap<(Timestamp, AuditRecordId), AuditRecord>,
    pub(super) audit_outbox: BTreeMap<OutboxId, (ChainId, AuditEvent)>,
    pub(super) audit_removals: BTreeMap<ChainId, ChainRemoval>,
    pub(super) verification_run: Option<VerificationRun>,
    pub(super) last_verification: Option<VerificationResult>,
    pub(super) secrets: HashMap<String, Vec<u8>>,
    pub(super) imports: HashMap<ImportJobId, StoredImport>,
    pub(super) answers: HashMap<AnswerKey, KeptAnswer>,
    pub(super) standings: HashMap<AccountUuid, Vec<Standing>>,
    last_id: i64,
}

/// A record and its history.
pub(super) struct Tracked<R, H> {
    pub(super) record: R,
    pub(super) history: Vec<H>,
}

/// A webhook delivery that is queued or was given up.
pub(super) struct StoredDelivery {
    /// As it was last claimed.
    pub(super) delivery: Delivery,
    pub(super) due_at: Timestamp,
    pub(super) failure: Option<DeliveryFailure>,
    pub(super) is_given_up: bool,
}

/// A session, and whether it was ended early.
pub(super) struct StoredSession {
    pub(super) session: Session,
    pub(super) ended_at: Option<Timestamp>,
}

/// An import, and the rows kept for it.
pub(super) struct StoredImport {
    /// Larger for imports that started later.
    pub(super) number: i64,
    pub(super) job: ImportJob,
    pub(super) kept: Vec<KeptRow>,
    pub(super) remarks: ImportRemarks,
}

impl State {
    /// The next id for a record of any kind. Some ids are skipped, so callers cannot rely on consecutive ids.
    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 3;
        self.last_id
    }

    /// Inserts the entry of a completed change into the outbox.
    pub(super) fn leave(&mut self, entry: Option<&EntryDraft>, changed: Changed) {
        let Some(entry) = entry else { return };
        let id = OutboxId(self.next_id());
        self.audit_outbox.insert(id, (entry.writer(), entry.event(changed)));
        entry.written();
        entry.committed();
    }

    /// The account with this uuid.
    pub(super) fn account(&self, uuid: AccountUuid) -> Option<&Account> {
        self.accounts.values().map(|stored| &stored.account).find(|account| account.uuid == uuid)
    }

    /// Whether there is such a physician, whose account is disabled.
    pub(super) fn is_disabled(&self, physician: Option<AccountUuid>) -> bool {
        physician.is_some_and(|uuid| self.account(uuid).is_none_or(|account| account.disabled))
    }

    /// The account that a record refers to.
    pub(super) fn named_account(&self, uuid: AccountUuid) -> &Account {
        self.account(uuid).expect("records refer only to stored accounts")
    }
}
