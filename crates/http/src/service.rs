use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use async_trait::async_trait;
use chrono::TimeDelta;
use ipnet::IpNet;
use url::Url;
use yilin_domain::port::{Clock, Part, PortError, Random};
use yilin_domain::time::HospitalZone;
use yilin_domain::usecase::UseCases;

use crate::audit::AuditTrail;
use crate::auth::Tokens;
use crate::chat::ChatRequestLimits;
use crate::metrics::Metrics;
use crate::rate_limiter::RateLimiter;

/// How the HTTP interface behaves. Holds secrets, hence no `Debug`.
#[derive(Clone)]
pub struct HttpOptions {
    /// Where browsers find the service; cookies are `Secure` if it is https.
    pub public_url: Url,
    /// Whether bind address and public URL are both loopback.
    pub private: bool,
    /// Whether the `/mock` routes exist.
    pub mock: bool,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins besides our own whose pages may call us.
    pub web_origins: Vec<String>,
    /// What session tokens are signed with: at least 32 bytes.
    pub jwt_secret: Vec<u8>,
    /// The bearer token that opens `/metrics` to others than loopback.
    pub metrics_token: Option<String>,
    /// The largest file that may be uploaded, in bytes.
    pub max_upload: u64,
    /// How large a chat completion request may be.
    pub chat: ChatRequestLimits,
    /// How many connections clients may have at a time; more wait to be accepted.
    pub max_connections: usize,
    /// How long a client may pause within a body; see [`Self::LONGEST_PAUSE`].
    pub longest_pause: Duration,
    /// How long a request waits for room in the audit log's queue, and for its entry where that must be
    /// written first; see [`Self::AUDIT_PATIENCE`].
    pub audit_patience: Duration,
    /// The hospital's time zone.
    pub zone: HospitalZone,
}

impl HttpOptions {
    /// A pause that no client on a bad mobile connection makes, unless it is gone.
    pub const LONGEST_PAUSE: Duration = Duration::from_secs(30);
    /// Clients give up after 10 seconds.
    pub const AUDIT_PATIENCE: Duration = Duration::from_secs(3);
}

/// How many lines a second tell of requests that failed because one part is down.
const OUTAGE_LINES: u64 = 5;

/// Whether the parts that every request needs are there.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// Asks them, bounded in time.
    async fn check(&self) -> Result<(), PortError>;

    /// How much later it is by the clock that instances share than by this machine's.
    fn clock_offset(&self) -> TimeDelta;
}

/// What every handler needs; cheap to clone, shared by all workers.
#[derive(Clone)]
pub struct Service {
    pub(crate) use_cases: UseCases,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) readiness: Arc<dyn Readiness>,
    pub(crate) options: Arc<HttpOptions>,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) metrics: Arc<Metrics>,
    /// Bounds the lines that tell that a part is down: while it is, every request would write one.
    pub(crate) outages: Arc<RateLimiter<Part>>,
    pub(crate) audit: AuditTrail,
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
        let (options, metrics) = (Arc::new(options), Arc::new(Metrics::new()));
        let outages = Arc::new(RateLimiter::new(OUTAGE_LINES, Duration::from_secs(1)));
        Self { use_cases, clock, random, readiness, options, tokens, metrics, outages, audit }
    }

    /// The service that an application was built with; [`crate::server`](fn@crate::server) registers it, so
    /// a request without it cannot reach a handler.
    pub(crate) fn of(request: &HttpRequest) -> Option<&Self> {
        request.app_data::<web::Data<Self>>().map(web::Data::get_ref)
    }
}
