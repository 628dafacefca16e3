//! Stateful fakes of every port.
//!
//! [`InMemory`] passes the same [contract suites](crate::contract) as the databases, so a test of the rules
//! against it is meaningful for the real service.

mod clock;
mod files;
mod hasher;
mod in_memory;
mod model;
mod random;
mod roster;
mod webhooks;

pub use clock::FakeClock;
pub use files::FakeFileStore;
pub(crate) use files::cid_of;
pub use hasher::FakeHasher;
pub use in_memory::InMemory;
pub use model::{FakeLanguageModel, Mood};
pub use random::FakeRandom;
pub use roster::{FakeRosterReader, FakeWorkbookWriter, RosterEnding};
pub use webhooks::{FakeWebhookReceiver, Receiving};

use std::sync::Arc;

use yilin_domain::port::{OutsidePorts, Ports};
use yilin_domain::time::HospitalZone;

/// A fake of every port, accessible so that a test can control and inspect it.
#[derive(Clone)]
pub struct Fakes {
    /// Every repository, over one shared state.
    pub storage: Arc<InMemory>,
    /// Files.
    pub files: Arc<FakeFileStore>,
    /// The language model.
    pub model: Arc<FakeLanguageModel>,
    /// The receiver of webhooks.
    pub webhook_receiver: Arc<FakeWebhookReceiver>,
    /// The reader of rosters.
    pub rosters: Arc<FakeRosterReader>,
    /// The writer of workbooks.
    pub workbooks: Arc<FakeWorkbookWriter>,
    /// Passwords.
    pub hasher: Arc<FakeHasher>,
    /// Time.
    pub clock: Arc<FakeClock>,
    /// Randomness.
    pub random: Arc<FakeRandom>,
}

impl Fakes {
    /// Fakes of a hospital in Shanghai, with nothing stored.
    pub fn new() -> Self {
        let random = Arc::new(FakeRandom::new(1));
        let zone = HospitalZone(chrono_tz::Asia::Shanghai);
        Self {
            storage: Arc::new(InMemory::new(random.clone(), zone)),
            files: Arc::new(FakeFileStore::new()),
            model: Arc::new(FakeLanguageModel::new()),
            webhook_receiver: Arc::new(FakeWebhookReceiver::new()),
            rosters: Arc::new(FakeRosterReader::new()),
            workbooks: Arc::new(FakeWorkbookWriter::new()),
            hasher: Arc::new(FakeHasher::new()),
            clock: Arc::new(FakeClock::new()),
            random,
        }
    }

    /// The ports implemented by these fakes.
    pub fn ports(&self) -> Ports {
        let OutsidePorts { files, model, webhook_receiver, rosters, workbooks, hasher, clock, random } =
            self.outside();
        Ports {
            accounts: self.storage.clone(),
            answers: self.storage.clone(),
            inquiries: self.storage.clone(),
            visit_lists: self.storage.clone(),
            people: self.storage.clone(),
            medical_records: self.storage.clone(),
            drug_orders: self.storage.clone(),
            events: self.storage.clone(),
            webhooks: self.storage.clone(),
            webhook_receiver,
            sessions: self.storage.clone(),
            login_attempts: self.storage.clone(),
            statistics: self.storage.clone(),
            uploads: self.storage.clone(),
            quotas: self.storage.clone(),
            files,
            audit: self.storage.clone(),
            verifications: self.storage.clone(),
            database: self.storage.clone(),
            conversations: self.storage.clone(),
            model,
            rosters,
            workbooks,
            imports: self.storage.clone(),
            hasher,
            clock,
            random,
        }
    }

    /// Those that are not repositories, for use with a real database.
    pub fn outside(&self) -> OutsidePorts {
        OutsidePorts {
            files: self.files.clone(),
            model: Some(self.model.clone()),
            webhook_receiver: Some(self.webhook_receiver.clone()),
            rosters: self.rosters.clone(),
            workbooks: self.workbooks.clone(),
            hasher: self.hasher.clone(),
            clock: self.clock.clone(),
            random: self.random.clone(),
        }
    }
}

impl Default for Fakes {
    fn default() -> Self {
        Self::new()
    }
}
