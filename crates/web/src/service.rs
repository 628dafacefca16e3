//! The service that handlers share, and its options.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use async_trait::async_trait;
use chrono::TimeDelta;
use ipnet::IpNet;
use tokio::sync::Semaphore;
use url::Url;
use yilin_domain::port::{Clock, Part, PortError, Random};
use yilin_domain::time::{HospitalTime, HospitalZone};
use yilin_domain::usecase::UseCases;

use crate::audit::AuditTrail;
use crate::auth::Tokens;
use crate::metrics::Metrics;
use crate::rate_limiter::RateLimiter;
use crate::settings::ShownSetting;
use crate::transport::{BodyMemory, ConnectionLimits, OpenConnections};

/// Limits of a chat completion request.
#[derive(Debug, Clone, Copy)]
pub struct ChatRequestLimits {
    /// Maximum size of the request in bytes.
    pub bytes: usize,
    /// Maximum number of tokens it may ask for.
    pub tokens: u32,
}

impl Default for ChatRequestLimits {
    fn default() -> Self {
        Self { bytes: 256 * 1024, tokens: 4096 }
    }
}

/// Options of the HTTP interface. Holds secrets, hence no `Debug`.
#[derive(Clone)]
pub struct HttpOptions {
    /// The public base URL; cookies are `Secure` if it is https.
    pub public_url: Url,
    /// Whether bind address and public URL are both loopback.
    pub private: bool,
    /// Whether the `/mock` routes are enabled.
    pub mock: bool,
    /// Peers whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Additional origins whose pages may call the API.
    pub web_origins: Vec<String>,
    /// The signing key of session tokens: at least 32 bytes.
    pub jwt_secret: Vec<u8>,
    /// The bearer token for `/metrics` from non-loopback addresses.
    pub metrics_token: Option<String>,
    /// Maximum size of an upload in bytes.
    pub max_upload: u64,
    /// Limits of a chat completion request.
    pub chat: ChatRequestLimits,
    /// Limits on connections, bodies and long answers.
    pub connections: ConnectionLimits,
    /// How long a request waits for room in the audit log's queue, and for its entry if that must be written
    /// first; see [`Self::AUDIT_PATIENCE`].
    pub audit_patience: Duration,
    /// The hospital's time zone.
    pub zone: HospitalZone,
    /// The settings in effect, for the hospital to look at.
    pub settings: Vec<ShownSetting>,
}

impl HttpOptions {
    /// Clients give up after 10 seconds.
    pub const AUDIT_PATIENCE: Duration = Duration::from_secs(3);
}

/// Maximum number of log lines per second for requests that failed because one component is down.
const OUTAGE_LINES: u64 = 5;

/// Whether the components that every request needs are available.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Checks them, within a timeout.
    async fn check(&self) -> Result<(), PortError>;

    /// Offset of the clock shared by all instances from this machine's.
    fn clock_offset(&self) -> TimeDelta;
}

/// What every handler needs; cheap to clone, shared by all workers.
#[derive(Clone)]
pub struct Service {
    /// The use cases.
    pub use_cases: UseCases,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Whether the components that every request needs are available.
    pub readiness: Arc<dyn Readiness>,
    /// The options.
    pub options: Arc<HttpOptions>,
    /// Signs and verifies session tokens.
    pub tokens: Arc<Tokens>,
    /// The service's metrics.
    pub metrics: Arc<Metrics>,
    /// Limits the log lines about an unavailable component: during an outage every request would write one.
    pub(crate) outages: Arc<RateLimiter<Part>>,
    /// The audit log.
    pub audit: AuditTrail,
    /// Memory used by request bodies.
    pub(crate) bodies: BodyMemory,
    /// Memory used by responses that are not sent yet.
    pub(crate) answers: BodyMemory,
    /// Permits of long responses.
    pub(crate) long_answers: Arc<Semaphore>,
    pub(crate) open_connections: OpenConnections,
}

impl Service {
    /// The HTTP interface to these use cases.
    pub fn new(
        use_cases: UseCases,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        readiness: Arc<dyn Readiness>,
        audit: AuditTrail,
        options: HttpOptions,
    ) -> Self {
        let tokens = Arc::new(Tokens::new(&options.jwt_secret));
        let audit = audit.with_patience(options.audit_patience);
        let bodies = BodyMemory::new(options.connections.body_memory);
        let answers = BodyMemory::new(options.connections.answer_memory);
        let long_answers = Arc::new(Semaphore::new(options.connections.long_answers));
        let open_connections = OpenConnections::new(options.connections.connections);
        let (options, metrics) = (Arc::new(options), Arc::new(Metrics::new()));
        let outages = Arc::new(RateLimiter::new(OUTAGE_LINES, Duration::from_secs(1)));
        Self {
            use_cases,
            clock,
            random,
            readiness,
            options,
            tokens,
            metrics,
            outages,
            audit,
            bodies,
            answers,
            long_answers,
            open_connections,
        }
    }

    /// The present as the hospital's clock and calendar show it.
    pub fn hospital_time(&self) -> HospitalTime {
        HospitalTime { zone: self.options.zone, now: self.clock.now() }
    }

    /// The service that the application was built with; [`crate::server`](fn@crate::server) registers it, so
    /// no request without it reaches a handler.
    pub fn of(request: &HttpRequest) -> Option<&Self> {
        request.app_data::<web::Data<Self>>().map(web::Data::get_ref)
    }
}
