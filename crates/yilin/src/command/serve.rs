//! `yilin serve`.

use std::cell::Cell;
use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use url::Url;
use yilin_domain::port::{Clock as _, PortError};
use yilin_domain::time::CLOCKS_MAY_DIFFER;
use yilin_domain::usecase::UseCases;
use yilin_ipfs::HandOverError;
use yilin_web::{AuditTrail, AuditWriter, ChatRequestLimits, ConnectionLimits, HttpOptions, Service};

use crate::adapters::StorageReadiness;
use crate::audit;
use crate::background::repeat;
use crate::descriptors;
use crate::error::StartError;
use crate::guard;
use crate::instance_lock::InstanceLock;
use crate::parts::{Parts, create_data_dir, database_error, use_cases};
use crate::secret::signing_secret;
use crate::settings::{Database, Settings};
use crate::steadiness::Steadiness;
use crate::stop::StopSignals;
use crate::supervisor;

/// How often this instance polls for sessions ended by others: they must be rejected everywhere within 2
/// seconds.
const LOOK_FOR_ENDED_SESSIONS: Duration = Duration::from_secs(1);
/// Interval of publishing events.
const PUBLISH_EVENTS: Duration = Duration::from_millis(200);
/// Interval of sending webhooks.
const SEND_WEBHOOKS: Duration = Duration::from_millis(500);
/// How long webhook attempts in progress may take at shutdown.
const END_WEBHOOKS: Duration = Duration::from_secs(5);
/// Interval of announcing missed deadlines, which must happen within a minute.
const ANNOUNCE_OVERDUE: Duration = Duration::from_secs(15);
/// Interval of closing listeners whose session has ended.
const CLOSE_LISTENERS: Duration = Duration::from_millis(500);
/// Interval of database maintenance.
const MAINTAIN: Duration = Duration::from_secs(5);
/// Interval of reading the database's clock.
const READ_CLOCK: Duration = Duration::from_secs(1);
/// Interval of deleting expired import rows.
const FORGET_IMPORTS: Duration = Duration::from_secs(600);

/// How long queued audit entries may take to be written at shutdown.
const DRAIN_AUDIT_LOG: Duration = Duration::from_secs(5);

/// Interval of handing queued files to the Kubo node.
const HAND_OVER_FILES: Duration = Duration::from_secs(5);

/// Serves until a stop signal.
pub(crate) async fn serve(settings: &Settings) -> Result<(), StartError> {
    tracing::info!(database = settings.describe_database(), "starting");
    guard::warn(settings);
    // Bind first, so that a second start on the same address changes nothing in the database. Early clients
    // wait until the service is ready.
    let listener = TcpListener::bind(settings.bind).map_err(|source| cannot_listen(settings, source))?;
    let address = listener.local_addr().map_err(|source| cannot_listen(settings, source))?;
    let public_url = settings.public_url(address)?;

    create_data_dir(settings)?;
    // Held until the process ends, and taken before the database is migrated.
    let _lock = match &settings.database {
        Database::Sqlite(path) => Some(InstanceLock::take(path)?),
        Database::Mysql(_) => None,
    };
    let opened = Parts::create(settings).await?;
    let secret = signing_secret(settings, &opened.storage, &*opened.random).await?;
    let ports = opened.usual_ports();
    let use_cases = use_cases(settings, ports.clone(), &secret, &public_url)?;
    guard::refuse_default_passwords(settings, &ports, &use_cases).await?;
    if let Some(kubo) = &opened.kubo {
        guard::refuse_public_node(kubo).await?;
        guard::warn_of_files_left_behind(settings, &opened).await?;
    }
    // This run's audit chain, opened before anything is changed or served.
    let chain = audit::open_chain(&opened, &address.to_string()).await;
    let chain = chain.map_err(|source| database_error(settings, source))?;
    let setup = use_cases.setup.clone().within(audit::start_of(&chain, &opened));
    setup.ensure_admin(&settings.admin_username, settings.admin_password.reveal()).await?;
    use_cases.sessions.refresh().await?;
    use_cases.webhooks.prepare().await?;
    start_background_work(&use_cases, &opened);

    let (mut writer, trail) = AuditWriter::start(chain, opened.storage.runtime());
    let (events, webhooks) = (use_cases.events.clone(), use_cases.webhooks.clone());
    let service = service(settings, use_cases, &opened, trail, secret, public_url.clone());
    let adapters = vec![yilin_http::adapter(), yilin_pages::adapter()];
    let server = yilin_web::server(listener, service, adapters, yilin_storage::run_units_here)
        .map_err(StartError::Server)?;
    let handle = server.handle();
    // Not earlier: until here a signal ends the process at once, because no request is in progress.
    let signals = StopSignals::listen().map_err(StartError::Server)?;
    if let Err(error) = announce(settings, address, &public_url) {
        tracing::warn!(%error, "standard output is closed; serving nevertheless");
    }
    supervisor::ready();
    let ended = tokio::select! {
        ended = server => ended.map_err(StartError::Server),
        () = signals.stop(handle, || events.stop()) => Ok(()),
        error = writer.failed() => Err(StartError::Audit(error)),
    };
    webhooks.stop(END_WEBHOOKS).await;
    writer.drain(DRAIN_AUDIT_LOG).await;
    ended
}

fn cannot_listen(settings: &Settings, source: std::io::Error) -> StartError {
    StartError::Listen { address: settings.bind, source }
}

fn service(
    settings: &Settings,
    use_cases: UseCases,
    opened: &Parts,
    audit: AuditTrail,
    jwt_secret: Vec<u8>,
    public_url: Url,
) -> Service {
    let options = HttpOptions {
        public_url,
        private: settings.is_private(),
        mock: settings.mock(),
        trusted_proxies: settings.trusted_proxies.clone(),
        web_origins: settings.web_origins.clone(),
        jwt_secret,
        metrics_token: settings.metrics_token.as_ref().map(|token| token.reveal().to_owned()),
        audit_patience: HttpOptions::AUDIT_PATIENCE,
        connections: ConnectionLimits::for_descriptors(descriptors::for_clients()),
        zone: settings.zone,
        settings: settings.shown(),
        max_upload: settings.max_upload,
        chat: ChatRequestLimits { bytes: settings.llm_use.max_request, tokens: settings.llm_use.max_tokens },
    };
    let readiness =
        Arc::new(StorageReadiness { storage: opened.storage.clone(), clock: opened.clock.clone() });
    Service::new(use_cases, opened.clock.clone(), opened.random.clone(), readiness, audit, options)
}

fn start_background_work(use_cases: &UseCases, opened: &Parts) {
    let (sessions, storage) = (use_cases.sessions.clone(), opened.storage.clone());
    let clock = opened.clock.clone();
    repeat("read the database's clock", READ_CLOCK, {
        let (clock, differed) = (clock.clone(), Rc::new(Cell::new(false)));
        move || {
            let (clock, differed) = (clock.clone(), differed.clone());
            async move {
                clock.synchronise().await?;
                tell_of_offset(clock.offset(), &differed);
                Ok::<_, PortError>(())
            }
        }
    });
    let imports = use_cases.roster_import.clone();
    repeat("forget imports", FORGET_IMPORTS, move || {
        let imports = imports.clone();
        async move { imports.forget().await.map(drop) }
    });
    repeat("look for ended sessions", LOOK_FOR_ENDED_SESSIONS, move || {
        let sessions = sessions.clone();
        async move { sessions.refresh().await }
    });
    let events = use_cases.events.clone();
    repeat("publish events", PUBLISH_EVENTS, move || {
        let events = events.clone();
        async move { events.advance().await }
    });
    let events = use_cases.events.clone();
    repeat("announce missed deadlines", ANNOUNCE_OVERDUE, move || {
        let events = events.clone();
        async move { events.announce_overdue().await }
    });
    let events = use_cases.events.clone();
    repeat("close listeners whose session has ended", CLOSE_LISTENERS, move || {
        let events = events.clone();
        async move {
            events.close_ended();
            Ok::<_, PortError>(())
        }
    });
    if use_cases.webhooks.has_receiver() {
        let webhooks = use_cases.webhooks.clone();
        repeat("send webhooks", SEND_WEBHOOKS, move || {
            let webhooks = webhooks.clone();
            async move { webhooks.send_due().await }
        });
    }
    let steadiness = Arc::new(Steadiness::default());
    repeat("maintain the database", MAINTAIN, move || {
        let storage = storage.clone();
        let now = clock.now();
        let is_steady = steadiness.observe(now);
        async move {
            if is_steady {
                let done = storage.maintain(now).await?;
                tracing::debug!(?done, "maintained the database");
            } else {
                storage.fold_totals().await?;
            }
            Ok::<_, PortError>(())
        }
    });
    if let Some(kubo) = opened.kubo.clone() {
        repeat("hand files to the Kubo node", HAND_OVER_FILES, move || {
            let kubo = kubo.clone();
            async move {
                let files = kubo.hand_over_waiting().await?;
                if files > 0 {
                    tracing::info!(files, "handed queued files to the Kubo node");
                }
                Ok::<_, HandOverError>(())
            }
        });
    }
}

/// Logs when the two clocks begin to differ, and when they agree again.
fn tell_of_offset(offset: TimeDelta, differed: &Cell<bool>) {
    let differs = offset.abs() > CLOCKS_MAY_DIFFER;
    if differs != differed.replace(differs) {
        let seconds = offset.num_seconds();
        if differs {
            tracing::warn!(
                seconds,
                "the clocks of the database and this machine differ; one of them may be wrong"
            );
        } else {
            tracing::info!("the clocks of the database and this machine agree again");
        }
    }
}

/// Prints the service's URL, how to log in, and where the API is described: three lines.
fn announce(settings: &Settings, address: SocketAddr, public_url: &Url) -> std::io::Result<()> {
    let here = crate::settings::local_url(address);
    let public_url = public_url.as_str().trim_end_matches('/');
    let elsewhere =
        if here == public_url { String::new() } else { format!(" (对外 public: {public_url})") };
    let name = settings.admin_username.as_str();
    let hint = guard::password_hint(settings);
    let mut output = std::io::stdout().lock();
    writeln!(output, "医邻助手已启动 Yilin is ready: {here}{elsewhere}")?;
    writeln!(output, "登录 log in: {here}/console  管理员 admin: {name}, {hint}")?;
    writeln!(output, "接口页面 API page: {here}/docs")?;
    output.flush()
}
