//! A running service over a chosen backend.

use std::any::Any;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use async_trait::async_trait;
use yilin_domain::account::PersonName;
use yilin_domain::audit::{ChainId, ChainOpening};
use yilin_domain::file::FileLinks;
use yilin_domain::port::{AccountRepository, AuditRepository, PortError, Ports};
use yilin_domain::session::AttemptLimits;
use yilin_domain::usecase::{ChatPolicy, Policy, UseCases};
use yilin_http::{AuditWriter, ChatRequestLimits, HttpOptions, Readiness, Service};
use yilin_storage::{Storage, StorageOptions};
use yilin_testkit::contract::ZONE;
use yilin_testkit::fakes::Fakes;
use yilin_testkit::{mariadb, sqlite};

use crate::answer::Client;

/// What a service of these tests stores in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Fakes,
    Sqlite,
    MariaDb,
}

/// A running service, and the fakes around it.
pub(crate) struct World {
    pub(crate) fakes: Fakes,
    /// The accounts, for what no route can bring about.
    pub(crate) accounts: Arc<dyn AccountRepository>,
    /// The audit log.
    pub(crate) audit: Arc<dyn AuditRepository>,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    server: ServerHandle,
    _writer: AuditWriter,
    _keep_alive: Box<dyn Any + Send + Sync>,
}

/// The key that the service of these tests signs with.
pub(crate) const SECRET: &[u8] = b"thirty-two bytes and a few more for tests";

/// What the model is told before conversations that tell it nothing.
pub(crate) const CHAT_PROMPT: &str = "你是社区医院的健康助手";

/// Whether the store answers, as far as readiness is concerned.
struct Ready(Ports);

#[async_trait]
impl Readiness for Ready {
    async fn check(&self) -> Result<(), PortError> {
        self.0.accounts.admins().await.map(|_| ())
    }
}

/// How a service differs from the usual private one.
pub(crate) type Adjust = fn(&mut HttpOptions);

impl World {
    async fn new(backend: Backend, adjust: Adjust) -> Self {
        let fakes = Fakes::new();
        let (ports, keep_alive) = ports(backend, &fakes).await;
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
            zone: ZONE,
        };
        adjust(&mut options);
        let policy = Policy {
            zone: ZONE,
            initial_password: "123456".to_owned(),
            session_lifetime: Duration::from_secs(7 * 24 * 60 * 60),
            attempt_limits: AttemptLimits::default(),
            file_links: FileLinks::new(SECRET, options.public_url.as_str(), FileLinks::LIFETIME),
            chat: ChatPolicy { prompt: Some(CHAT_PROMPT.to_owned()), ..ChatPolicy::default() },
        };
        let accounts = ports.accounts.clone();
        let use_cases = UseCases::new(ports.clone(), policy);
        use_cases.setup.ensure_admin(&PersonName::parse("admin").unwrap(), "admin").await.unwrap();
        let ready = Arc::new(Ready(ports.clone()));
        let opening = ChainOpening {
            id: ChainId::from_bytes([1; 16]),
            instance: "test".to_owned(),
            opened_at: ports.clock.now(),
        };
        let audit = ports.audit.clone();
        let (writer, trail) = AuditWriter::start(audit.clone(), opening).await.unwrap();
        let service = Service::new(use_cases, ports.clock, ports.random, ready, trail, options);
        let server = start(listener, service);
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        Self { fakes, accounts, audit, base, http, server, _writer: writer, _keep_alive: keep_alive }
    }

    /// Somebody who is not logged in.
    pub(crate) fn anonymous(&self) -> Client<'_> {
        Client::new(self)
    }
}

/// Runs the server on a thread of its own, as the binary does.
fn start(listener: TcpListener, service: Service) -> ServerHandle {
    let (started, handle) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = yilin_http::server(listener, service).unwrap();
            started.send(server.handle()).unwrap();
            server.await.unwrap();
        });
    });
    handle.recv().unwrap()
}

async fn ports(backend: Backend, fakes: &Fakes) -> (Ports, Box<dyn Any + Send + Sync>) {
    let (url, folder): (String, Box<dyn Any + Send + Sync>) = match backend {
        Backend::Fakes => return (fakes.ports(), Box::new(())),
        Backend::Sqlite => {
            let place = sqlite::Place::new();
            (place.url(), Box::new(place))
        }
        Backend::MariaDb => (mariadb::Server::shared().await.database().await, Box::new(())),
    };
    let storage = Storage::open(&StorageOptions::new(url), fakes.random.clone(), ZONE).unwrap();
    storage.migrate().await.unwrap();
    let ports = Ports {
        accounts: storage.accounts(),
        inquiries: storage.inquiries(),
        medical_records: storage.medical_records(),
        drug_orders: storage.drug_orders(),
        sessions: storage.sessions(),
        login_attempts: storage.login_attempts(),
        statistics: storage.statistics(),
        uploads: storage.uploads(),
        audit: storage.audit(),
        conversations: storage.conversations(),
        ..fakes.ports()
    };
    (ports, Box::new((storage, folder)))
}

/// Runs a case against a fresh private service.
pub(crate) fn run(backend: Backend, case: impl AsyncFnOnce(&World)) {
    run_adjusted(backend, |_| {}, case);
}

/// Runs a case against a fresh service that differs from the usual one.
pub(crate) fn run_adjusted(backend: Backend, adjust: Adjust, case: impl AsyncFnOnce(&World)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new(backend, adjust).await;
        case(&world).await;
        world.server.stop(false).await;
    });
}
