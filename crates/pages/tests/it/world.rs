//! A running service with both inbound adapters.

use std::any::Any;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use async_trait::async_trait;
use chrono::TimeDelta;
use tokio::runtime::Handle;
use yilin_domain::account::{Account, Actor, NewAccount, PersonName, PhoneNumber, Role};
use yilin_domain::id::InquiryId;
use yilin_domain::inquiry::InquiryDetails;
use yilin_domain::port::{OutsidePorts, PortError, Ports};
use yilin_domain::session::SessionId;
use yilin_domain::time::AppointmentTime;
use yilin_domain::transition::Provenance;
use yilin_domain::usecase::{ChainWriter, InquiryRequest, UseCases};
use yilin_roster::{SpreadsheetReader, XlsxWriter};
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::contract::ZONE;
use yilin_testkit::fakes::{FakeHasher, Fakes};
use yilin_testkit::{mariadb, policy, sample, sqlite};
use yilin_web::{
    AuditWriter, BodyPace, ChatRequestLimits, ConnectionLimits, HttpOptions, Readiness, Service,
};

use crate::browser::Browser;
use crate::gate::GatedAnswers;

/// The signing key of the service under test.
pub(crate) const SECRET: &[u8] = b"thirty-two bytes and a few more for tests";

/// Longer than anything takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(300);

/// The password of every account.
pub(crate) const PASSWORD: &str = "correct horse";

struct Ready;

#[async_trait]
impl Readiness for Ready {
    async fn check(&self) -> Result<(), PortError> {
        Ok(())
    }

    fn clock_offset(&self) -> TimeDelta {
        TimeDelta::zero()
    }
}

/// A running service.
pub(crate) struct World {
    pub(crate) fakes: Fakes,
    pub(crate) ports: Ports,
    pub(crate) use_cases: UseCases,
    /// The port that finds the first answers to forms.
    pub(crate) answers: Arc<GatedAnswers>,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    server: ServerHandle,
    _writer: AuditWriter,
    _keep_alive: Box<dyn Any + Send + Sync>,
}

impl World {
    async fn over(
        ports: Ports,
        fakes: Fakes,
        keep_alive: Box<dyn Any + Send + Sync>,
        adjust: Adjust,
    ) -> Self {
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
                chat_patience: PATIENCE,
                ..ConnectionLimits::for_descriptors(4096)
            },
            zone: ZONE,
            settings: Vec::new(),
        };
        adjust(&mut options);
        let answers = Arc::new(GatedAnswers::new(ports.answers.clone()));
        let ports = Ports { answers: answers.clone(), ..ports };
        let use_cases = UseCases::new(ports.clone(), policy(SECRET, options.public_url.as_str()));
        use_cases.setup.ensure_admin(&PersonName::parse("admin").unwrap(), PASSWORD).await.unwrap();
        let (clock, random) = (ports.clock.clone(), ports.random.clone());
        let chain = ChainWriter::open(ports.audit.clone(), clock.clone(), random.clone(), "test".to_owned());
        let (writer, trail) = AuditWriter::start(chain.await.unwrap(), &Handle::current());
        let service = Service::new(use_cases.clone(), clock, random, Arc::new(Ready), trail, options);
        let server = start(listener, service);
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            fakes,
            ports,
            use_cases,
            answers,
            base,
            http,
            server,
            _writer: writer,
            _keep_alive: keep_alive,
        }
    }

    /// A browser that nobody has used yet.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// A browser in which the first admin is logged in.
    pub(crate) async fn admin(&self) -> Browser<'_> {
        let mut browser = self.browser();
        browser.log_in("admin", PASSWORD).await.expect_redirect("/console");
        browser
    }

    /// The admin that every installation has.
    pub(crate) async fn first_admin(&self) -> Account {
        self.ports.accounts.admins().await.unwrap().remove(0).account
    }

    /// An account with [`PASSWORD`].
    pub(crate) async fn account(&self, role: Role, name: &str) -> Account {
        let new = NewAccount {
            password: FakeHasher::hash_of(PASSWORD),
            must_change_password: false,
            ..sample::new_account(role, name)
        };
        let by = self.first_admin().await.uuid;
        let provenance = Provenance::new(by, self.ports.clock.now());
        self.ports.accounts.create(new, provenance, None).await.unwrap().unwrap()
    }

    /// A visit that this patient asks for.
    pub(crate) async fn visit(&self, patient: &Account, at: &str) -> InquiryDetails {
        let request = InquiryRequest { appointment_time: time(at), ..sample::inquiry_request() };
        self.use_cases.inquiries.submit(&actor(patient), request).await.unwrap()
    }

    /// A visit whose consultation is recorded.
    pub(crate) async fn registered(&self, patient: &Account, physician: &Account) -> InquiryId {
        let id = self.visit(patient, "2024-03-04 08:30").await.inquiry.id;
        let admin = self.first_admin().await;
        self.use_cases.inquiries.appoint(&actor(&admin), id, physician.uuid).await.unwrap();
        self.use_cases.inquiries.answer(&actor(physician), id, true, None).await.unwrap();
        let report = sample::consultation_report(id);
        self.use_cases.consultations.register(&actor(physician), report).await.unwrap();
        id
    }
}

/// The caller of a use case.
pub(crate) fn actor(account: &Account) -> Actor {
    Actor::new(account.uuid, account.role, SessionId::from_bytes([7; 16]))
}

/// A time at the hospital.
pub(crate) fn time(text: &str) -> AppointmentTime {
    ZONE.parse_appointment(text).unwrap()
}

/// What an account logs in with by phone.
pub(crate) fn phone(account: &Account) -> &str {
    account.phone.as_ref().map(PhoneNumber::as_str).unwrap()
}

/// Changes to the options of a default private service.
pub(crate) type Adjust = fn(&mut HttpOptions);

/// Runs the server on its own thread, like the binary.
fn start(listener: TcpListener, service: Service) -> ServerHandle {
    let (started, handle) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let adapters = vec![yilin_http::adapter(), yilin_pages::adapter()];
            let server = yilin_web::server(listener, service, adapters, || {}).unwrap();
            started.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    handle.recv().unwrap()
}

/// Runs a case over fakes.
pub(crate) fn run(case: impl AsyncFnOnce(&World)) {
    run_adjusted(|_| (), case);
}

/// Runs a case over fakes, with modified options.
pub(crate) fn run_adjusted(adjust: Adjust, case: impl AsyncFnOnce(&World)) {
    in_runtime(async || {
        let fakes = Fakes::new();
        let world = World::over(fakes.ports(), fakes, Box::new(()), adjust).await;
        case(&world).await;
        world.server.stop(false).await;
    });
}

/// Runs a case over SQLite.
pub(crate) fn run_on_sqlite(case: impl AsyncFnOnce(&World)) {
    in_runtime(async || {
        let place = sqlite::TempDatabase::new();
        run_on(place.url(), Box::new(place), case).await;
    });
}

/// Runs a case over MariaDB.
pub(crate) fn run_on_mariadb(case: impl AsyncFnOnce(&World)) {
    in_runtime(async || {
        let url = mariadb::Server::shared().await.database().await;
        run_on(url, Box::new(()), case).await;
    });
}

/// Runs a case over this database, with the real spreadsheets, too.
async fn run_on(url: String, place: Box<dyn Any + Send + Sync>, case: impl AsyncFnOnce(&World)) {
    let fakes = Fakes::new();
    let options = StorageOptions::new(url).with_timeouts(PATIENCE);
    let storage = Storage::open(&options, fakes.random.clone(), ZONE).unwrap();
    storage.migrate().await.unwrap();
    let rosters = Arc::new(SpreadsheetReader::new());
    let outside = OutsidePorts { rosters, workbooks: Arc::new(XlsxWriter), ..fakes.outside() };
    let ports = storage.ports(outside);
    let world = World::over(ports, fakes, Box::new((storage, place)), |_| ()).await;
    case(&world).await;
    world.server.stop(false).await;
}

fn in_runtime(run: impl AsyncFnOnce()) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(run());
}
