//! A hospital's database with a service over it.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use chrono::SubsecRound as _;
use reqwest::blocking::Client;
use tokio::runtime::Runtime;
use yilin_domain::account::AccountUuid;
use yilin_domain::time::Timestamp;
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::fakes::{FakeRandom, Fakes};
use yilin_web::AuditTrail;

use super::fill::fill;
use super::plan::Plan;
use super::scene::{Person, Scene};
use crate::Outcome;
use crate::audit::{self, SECRET};
use crate::hospital::ZONE;
use crate::process::Service;

/// A running service over a filled database.
pub(crate) struct House {
    pub(crate) service: Service,
    /// Host and port.
    pub(crate) address: String,
    /// The URL of a database that statements can be sent to.
    pub(crate) database: Option<String>,
    pub(crate) scene: Arc<Scene>,
    // Its data folder; removed after the service has ended.
    _folder: tempfile::TempDir,
}

impl House {
    /// Fills the database, or an embedded one, and starts the service.
    pub(crate) fn open(
        binary: &Path,
        database: Option<String>,
        visits: u64,
        runtime: &Runtime,
    ) -> Outcome<Self> {
        let folder = tempfile::tempdir()?;
        let embedded = || format!("sqlite:{}", folder.path().join("bench.db").display());
        let url = database.clone().unwrap_or_else(embedded);
        let plan = Plan { visits, now: now() };
        let began = Instant::now();
        let (people, sessions) = runtime.block_on(fill(&url, plan))?;
        eprintln!("{visits} inquiries of {} patients in {:.1?}", people.patients.len(), began.elapsed());
        let settings =
            [("YILIN_DATABASE_URL", &*url), ("YILIN_JWT_SECRET", SECRET), ("YILIN_BCRYPT_COST", "4")];
        let service = Service::start(binary, folder.path(), &settings)?;
        let token = service.log_in(&Client::new())?;
        let storage = Storage::open(&StorageOptions::new(&*url), Arc::new(FakeRandom::new(7)), ZONE)?;
        let ports = storage.ports(Fakes::new().outside());
        let tokens = audit::service(&ports, AuditTrail::off(), &service.url)?.tokens;
        let admin = Person { uuid: AccountUuid::from_bytes([0; 4]), name: "admin".to_owned(), token };
        let scene = Arc::new(Scene::new(plan, &people, &sessions, &tokens, admin)?);
        let address = service.url.strip_prefix("http://").ok_or("no address")?.to_owned();
        Ok(Self { service, address, database, scene, _folder: folder })
    }
}

fn now() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "the service has the same clock")]
    let now = chrono::Utc::now();
    now.trunc_subsecs(0)
}
