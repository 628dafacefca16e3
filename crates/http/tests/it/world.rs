//! A running service over a chosen backend.

use std::any::Any;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use async_trait::async_trait;
use chrono::TimeDelta;
use tokio::runtime::Handle;
use yilin_domain::account::{AccountUuid, PersonName};
use yilin_domain::inquiry::{Deadlines, InquiryDetail, InquiryDraft, PatientSummary, Submission, VisitType};
use yilin_domain::port::{PortError, Ports};
use yilin_domain::time::AppointmentTime;
use yilin_domain::transition::Provenance;
use yilin_domain::usecase::{ChainWriter, ChatPolicy, Events, Policy, UseCases};
use yilin_roster::{SpreadsheetReader, XlsxWriter};
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::contract::ZONE;
use yilin_testkit::fakes::{FakeRandom, Fakes};
use yilin_testkit::{mariadb, policy, sqlite};
use yilin_web::{
    AuditWriter, BodyPace, ChatRequestLimits, ConnectionLimits, HttpOptions, Readiness, Service,
};

use crate::answer::Client;

/// The storage of a service under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Fakes,
    Sqlite,
    MariaDb,
}

/// A running service, and the fakes around it.
pub(crate) struct World {
    pub(crate) fakes: Fakes,
    /// The ports, for data that no route can create or show.
    pub(crate) ports: Ports,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    /// Offset in milliseconds of the shared clock from this machine's.
    pub(crate) clock_offset: Arc<AtomicI64>,
    /// The use case behind `/api/events`.
    pub(crate) events: Events,
    server: ServerHandle,
    /// The database URL, unless the fakes are used.
    url: Option<String>,
    _writer: AuditWriter,
    _keep_alive: Box<dyn Any + Send + Sync>,
}

/// The signing key of the service under test.
pub(crate) const SECRET: &[u8] = b"thirty-two bytes and a few more for tests";

/// The system prompt for conversations without one.
pub(crate) const CHAT_PROMPT: &str = "你是社区医院的健康助手";

/// Number of audit chains begun: instances that share a database have separate chains.
static CHAINS: AtomicU64 = AtomicU64::new(0);

/// Hands on events until it is dropped.
pub(crate) struct EventPump(tokio::task::JoinHandle<()>);

impl Drop for EventPump {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Whether the store answers, for readiness checks.
struct Ready {
    ports: Ports,
    clock_offset: Arc<AtomicI64>,
}

#[async_trait]
impl Readiness for Ready {
    async fn check(&self) -> Result<(), PortError> {
        self.ports.accounts.admins().await.map(|_| ())
    }

    fn clock_offset(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.clock_offset.load(Ordering::Relaxed))
    }
}

/// Changes to the options of a default private service.
pub(crate) type Adjust = fn(&mut HttpOptions);

/// The default options of a private service.
pub(crate) fn usual(_: &mut HttpOptions) {}

/// Longer than anything takes, also on a busy machine: timeouts have their own tests with their own limits.
const PATIENCE: Duration = Duration::from_secs(300);

impl World {
    pub(crate) async fn new(backend: Backend, adjust: Adjust) -> Self {
        let fakes = Fakes::new();
        match backend {
            Backend::Fakes => Self::over(fakes.ports(), fakes, None, Box::new(()), adjust).await,
            Backend::Sqlite => {
                let place = sqlite::TempDatabase::new();
                Self::stored(place.url(), fakes, Box::new(place), adjust).await
            }
            Backend::MariaDb => {
                let url = mariadb::Server::shared().await.database().await;
                Self::stored(url, fakes, Box::new(()), adjust).await
            }
        }
    }

    /// Another instance over the same database.
    pub(crate) async fn another_instance(&self) -> Self {
        let url = self.url.clone().expect("a database that can be shared");
        Self::stored(url, Fakes::new(), Box::new(()), usual).await
    }

    /// Another service over the same ports, to use short limits without arranging a case again.
    pub(crate) async fn beside(&self, adjust: Adjust) -> Self {
        Self::over(self.ports.clone(), self.fakes.clone(), None, Box::new(()), adjust).await
    }

    /// Another service over the same ports, some of which are changed.
    pub(crate) async fn beside_with(&self, change: impl FnOnce(&mut Ports)) -> Self {
        let mut ports = self.ports.clone();
        change(&mut ports);
        Self::over(ports, self.fakes.clone(), None, Box::new(()), usual).await
    }

    /// A service over this database.
    async fn stored(url: String, fakes: Fakes, place: Box<dyn Any + Send + Sync>, adjust: Adjust) -> Self {
        let options = StorageOptions::new(url.clone()).with_timeouts(PATIENCE);
        let storage = Storage::open(&options, fakes.random.clone(), ZONE).unwrap();
        storage.migrate().await.unwrap();
        Self::over(storage.ports(fakes.outside()), fakes, Some(url), Box::new((storage, place)), adjust).await
    }

    async fn over(
        ports: Ports,
        fakes: Fakes,
        url: Option<String>,
        keep_alive: Box<dyn Any + Send + Sync>,
        adjust: Adjust,
    ) -> Self {
        let ports = with_spreadsheets(ports);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut options = HttpOptions {
            public_url: base.parse().unwrap(),
            private: true,
            mock: true,
            trusted_proxies: Vec::new(),
            web_origins: Vec::new(),
            jwt_secret: SECRET.to_vec(),
            metrics_token: None,
            max_upload: 1 << 20,
            chat: ChatRequestLimits::default(),
            audit_patience: PATIENCE,
            connections: ConnectionLimits {
                head_patience: PATIENCE,
                pace: BodyPace { patience: PATIENCE, ..BodyPace::USUAL },
                write_patience: PATIENCE,
                stop_patience: PATIENCE,
                chat_patience: PATIENCE,
                ..ConnectionLimits::for_descriptors(16_384)
            },
            zone: ZONE,
            settings: Vec::new(),
        };
        adjust(&mut options);
        let policy = policy(SECRET, options.public_url.as_str());
        let chat = ChatPolicy { prompt: Some(CHAT_PROMPT.to_owned()), ..policy.chat };
        let policy = Policy { chat, ..policy };
        let use_cases = UseCases::new(ports.clone(), policy);
        use_cases.setup.ensure_admin(&PersonName::parse("admin").unwrap(), "admin").await.unwrap();
        let clock_offset = Arc::<AtomicI64>::default();
        let ready = Arc::new(Ready { ports: ports.clone(), clock_offset: clock_offset.clone() });
        let (clock, random) = (ports.clock.clone(), ports.random.clone());
        // Another instance repeats this one's random sequence; chain ids must differ.
        let ids = Arc::new(FakeRandom::new(CHAINS.fetch_add(1, Ordering::Relaxed)));
        let chain =
            ChainWriter::open(ports.audit.clone(), clock.clone(), ids, "test".to_owned()).await.unwrap();
        let (writer, trail) = AuditWriter::start(chain, &Handle::current());
        let events = use_cases.events.clone();
        let service = Service::new(use_cases, clock, random, ready, trail, options);
        let server = start(listener, service);
        let http = reqwest::Client::builder().timeout(PATIENCE).build().unwrap();
        Self {
            fakes,
            ports,
            base,
            http,
            clock_offset,
            events,
            server,
            url,
            _writer: writer,
            _keep_alive: keep_alive,
        }
    }

    /// Numbers and hands on events until the guard is dropped, as the binary does all the time. The fakes count calls to
    /// the storage, so other tests do without.
    pub(crate) fn pump_events(&self) -> EventPump {
        let events = self.events.clone();
        EventPump(tokio::spawn(async move {
            loop {
                events.close_ended();
                events.advance().await.unwrap();
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }))
    }

    /// Stores an inquiry of this patient without a request.
    pub(crate) async fn submit_directly(&self, patient: &str, number: u64) {
        let uuid = AccountUuid::parse(patient).unwrap();
        let patient = self.ports.accounts.find(uuid).await.unwrap().unwrap();
        let now = self.ports.clock.now();
        let draft = InquiryDraft {
            patient: PatientSummary::from(&patient),
            visit_type: VisitType::Home,
            appointment_time: AppointmentTime::new(now.naive_utc()).unwrap(),
            reserved_phone: None,
            detail: InquiryDetail::parse(&format!("头痛 {number}")).unwrap(),
        };
        let submission = Submission::new(draft, &Deadlines::usual(ZONE), now);
        self.ports.inquiries.create(submission, Provenance::new(uuid, now)).await.unwrap();
    }

    /// Stops the service.
    pub(crate) async fn stop(&self) {
        self.server.stop(false).await;
    }

    /// A client without a log-in.
    pub(crate) fn anonymous(&self) -> Client<'_> {
        Client::new(self)
    }
}

/// Runs the server on its own thread, like the binary.
fn start(listener: TcpListener, service: Service) -> ServerHandle {
    let (started, handle) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = yilin_web::server(
                listener,
                service,
                vec![yilin_http::adapter()],
                yilin_storage::run_units_here,
            )
            .unwrap();
            started.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    handle.recv().unwrap()
}

/// The same with real spreadsheets: a route's response depends on their content.
fn with_spreadsheets(ports: Ports) -> Ports {
    let (rosters, workbooks) = (Arc::new(SpreadsheetReader::new()), Arc::new(XlsxWriter));
    Ports { rosters, workbooks, ..ports }
}

/// Runs a case against a fresh private service.
pub(crate) fn run(backend: Backend, case: impl AsyncFnOnce(&World)) {
    run_adjusted(backend, usual, case);
}

/// Runs a case against a fresh service with modified options.
pub(crate) fn run_adjusted(backend: Backend, adjust: Adjust, case: impl AsyncFnOnce(&World)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(backend, adjust).await;
        case(&world).await;
        world.stop().await;
    });
}
