//! Settings from defaults, `yilin.toml`, a secrets file, credentials, `YILIN_*` and flags; later sources override earlier
//! ones.
//!
//! All settings are parsed before anything starts, and all problems are reported at once. Secrets are not
//! shown by `Debug`.

mod catalogue;
mod credentials;
mod database;
mod effective;
mod error;
mod flags;
mod parse;
mod permissions;
mod secret;
mod sources;
#[cfg(test)]
mod tests;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use chrono::{Months, TimeDelta};
use ipnet::IpNet;
use url::{Host, Url};
use yilin_domain::account::PersonName;
use yilin_domain::inquiry::Deadlines;
use yilin_domain::time::HospitalZone;
use yilin_webhook::SigningKey;

#[cfg(test)]
pub(crate) use catalogue::INITIAL_PASSWORD;
pub(crate) use catalogue::{ADMIN_PASSWORD, ALL as SETTINGS, Setting, Words};
pub(crate) use database::Database;
pub(crate) use effective::Effective;
pub(crate) use error::SettingsError;
pub(crate) use flags::{Flags, flag_of};
pub(crate) use parse::LogFormat;
pub(crate) use secret::Secret;
pub(crate) use sources::Places;

use sources::Sources;

/// The operator's settings.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Each setting's value as it was given, and where it came from.
    pub(crate) effective: Vec<Effective>,
    /// The files that settings and secrets were read from.
    pub(crate) files: Vec<PathBuf>,
    /// The listen address; port 0 lets the system choose.
    pub(crate) bind: SocketAddr,
    /// The public URL, if it differs from the bind address.
    public_url: Option<Url>,
    /// The data folder.
    pub(crate) data_dir: PathBuf,
    /// The database.
    pub(crate) database: Database,
    /// Number of connections to it.
    pub(crate) database_pool_size: u32,
    /// The first admin's name.
    pub(crate) admin_username: PersonName,
    /// The first admin's password.
    pub(crate) admin_password: Secret,
    /// The password of imported and generated accounts.
    pub(crate) initial_password: Secret,
    /// The signing secret of session tokens, if it should not be generated.
    pub(crate) jwt_secret: Option<Secret>,
    mock: Option<bool>,
    /// Peers whose `X-Forwarded-For` is trusted.
    pub(crate) trusted_proxies: Vec<IpNet>,
    /// Additional origins whose pages may call the API.
    pub(crate) web_origins: Vec<String>,
    /// The RPC URL of the Kubo node that stores the files, if not the data folder.
    pub(crate) ipfs_api: Option<Url>,
    /// Whether that node is declared to be in a private swarm.
    pub(crate) ipfs_private: bool,
    /// The language model's server, if there is one.
    pub(crate) llm: Option<LlmSettings>,
    /// Limits and prompts of the language model.
    pub(crate) llm_use: LlmUse,
    /// Maximum file size in bytes.
    pub(crate) max_upload: u64,
    /// Maximum bytes an account may upload per day; defaults depend on the role.
    pub(crate) upload_per_day: Option<u64>,
    /// Free disk space in bytes below which uploads are rejected.
    pub(crate) disk_reserve: u64,
    /// The bearer token of `/metrics`.
    pub(crate) metrics_token: Option<Secret>,
    /// Visits of one physician closer than this clash.
    pub(crate) visit_length: TimeDelta,
    /// By when the steps of an inquiry are due.
    pub(crate) deadlines: Deadlines,
    /// The webhook receiver, if there is one.
    pub(crate) webhook: Option<WebhookSettings>,
    /// How long the audit log is kept; `None` for indefinitely.
    pub(crate) audit_keep: Option<Months>,
    /// The hospital's time zone.
    pub(crate) zone: HospitalZone,
    /// The log filter.
    pub(crate) log: String,
    /// The log format.
    pub(crate) log_format: LogFormat,
    /// The cost of new password hashes.
    pub(crate) bcrypt_cost: u32,
    /// Settings without effect, because others that they require are missing; for a warning.
    pub(crate) without_effect: Vec<String>,
}

/// The language model's server.
#[derive(Debug, Clone)]
pub(crate) struct LlmSettings {
    /// The API base URL.
    pub(crate) base_url: Url,
    /// The API key, if the server requires one.
    pub(crate) api_key: Option<Secret>,
    /// The model's name.
    pub(crate) model: String,
}

/// The webhook receiver. `Debug` prints nothing of it: the URL may contain a secret.
#[derive(Clone)]
pub(crate) struct WebhookSettings {
    /// Its URL.
    pub(crate) url: Url,
    /// The signing key.
    pub(crate) key: SigningKey,
}

impl std::fmt::Debug for WebhookSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebhookSettings")
    }
}

/// Limits and prompts of the language model.
#[derive(Debug, Clone)]
pub(crate) struct LlmUse {
    /// Maximum request size in bytes.
    pub(crate) max_request: usize,
    /// Maximum number of tokens a request may ask for.
    pub(crate) max_tokens: u32,
    /// Maximum number of concurrent calls per account.
    pub(crate) calls_at_once: u32,
    /// Maximum number of calls per account and day.
    pub(crate) calls_per_day: u32,
    /// The folder of prompts that replace the built-in ones.
    pub(crate) prompts: Option<PathBuf>,
}

impl Settings {
    /// Loads the settings. Relative paths start at `directory`.
    pub(crate) fn load(
        flags: &Flags,
        environment: &[(String, String)],
        places: Places<'_>,
    ) -> Result<Self, SettingsError> {
        let mut sources = Sources::read(flags, environment, places)?;
        let settings = Self::parse(&mut sources, places.directory);
        sources.finish(settings)
    }

    fn parse(from: &mut Sources, directory: &Path) -> Option<Self> {
        use catalogue as key;
        // Every setting is parsed before `?` returns, so that all problems are found.
        let bind = from.get(&key::BIND, parse::socket_address);
        let public_url = from.get(&key::PUBLIC_URL, parse::public_url);
        let data_dir = from.get(&key::DATA_DIR, parse::path);
        let database = from.get(&key::DATABASE_URL, Database::parse);
        let database_pool_size = from.get(&key::DATABASE_POOL_SIZE, parse::whole_number::<2, 1000>);
        let admin_username = from.get(&key::ADMIN_USERNAME, parse::name);
        let admin_password = from.get(&key::ADMIN_PASSWORD, parse::secret_of::<1, 71>);
        let initial_password = from.get(&key::INITIAL_PASSWORD, parse::secret_of::<6, 71>);
        let jwt_secret = from.get(&key::JWT_SECRET, parse::secret_of::<32, 4096>);
        let mock = from.get(&key::MOCK, parse::yes_or_no);
        let trusted_proxies = from.get(&key::TRUSTED_PROXIES, parse::networks);
        let web_origins = from.get(&key::WEB_ORIGINS, parse::origins);
        let ipfs_api = from.get(&key::IPFS_API, parse::kubo_url);
        let ipfs_private = from.get(&key::IPFS_PRIVATE, parse::yes_or_no);
        let llm_base_url = from.get(&key::LLM_BASE_URL, parse::http_url);
        let llm_api_key = from.get(&key::LLM_API_KEY, parse::token::<1>);
        let llm_model = from.get(&key::LLM_MODEL, parse::line);
        let llm_max_request = from.get(&key::LLM_MAX_REQUEST, parse::request_size);
        let llm_max_tokens = from.get(&key::LLM_MAX_TOKENS, parse::whole_number::<1, 1_000_000>);
        let llm_calls_at_once = from.get(&key::LLM_CALLS_AT_ONCE, parse::whole_number::<1, 100>);
        let llm_calls_per_day = from.get(&key::LLM_CALLS_PER_DAY, parse::whole_number::<1, 1_000_000>);
        let llm_prompts = from.get(&key::LLM_PROMPTS, parse::path);
        let max_upload = from.get(&key::MAX_UPLOAD, parse::size);
        let upload_per_day = from.get(&key::UPLOAD_PER_DAY, parse::size);
        let disk_reserve = from.get(&key::DISK_RESERVE, parse::size_or_none);
        let metrics_token = from.get(&key::METRICS_TOKEN, parse::token::<16>);
        let visit_length = from.get(&key::VISIT_MINUTES, parse::minutes);
        let due_appoint = from.get(&key::DUE_APPOINT, parse::hours_or_none);
        let due_accept = from.get(&key::DUE_ACCEPT, parse::hours_or_none);
        let due_record = from.get(&key::DUE_RECORD, parse::hours_or_none);
        let due_approve = from.get(&key::DUE_APPROVE, parse::hours_or_none);
        let webhook_url = from.get(&key::WEBHOOK_URL, parse::webhook_url);
        let webhook_key = from.get(&key::WEBHOOK_SECRET, parse::signing_key);
        if webhook_url.is_some() && webhook_key.is_none() {
            from.miss(&key::WEBHOOK_SECRET);
        }
        let audit_keep = from.get(&key::AUDIT_KEEP, parse::half_years);
        let zone = from.get(&key::TIMEZONE, parse::zone);
        let log = from.get(&key::LOG, parse::log_filter);
        let log_format = from.get(&key::LOG_FORMAT, parse::log_format);
        let bcrypt_cost = from.get(&key::BCRYPT_COST, parse::whole_number::<4, 16>);

        let without_effect = [
            (llm_base_url.is_none() && llm_api_key.is_some(), &key::LLM_API_KEY),
            (webhook_url.is_none() && webhook_key.is_some(), &key::WEBHOOK_SECRET),
        ];
        let without_effect =
            without_effect.iter().filter(|(is, _)| *is).map(|(_, setting)| setting.variable());
        let without_effect = without_effect.collect();
        let data_dir = directory.join(data_dir?);
        Some(Self {
            effective: effective::all(from),
            files: from.files(),
            bind: bind?,
            public_url,
            database: database.unwrap_or_else(|| Database::embedded_in(&data_dir)),
            data_dir,
            database_pool_size: database_pool_size?,
            admin_username: admin_username?,
            admin_password: admin_password?,
            initial_password: initial_password?,
            jwt_secret,
            mock,
            trusted_proxies: trusted_proxies?,
            web_origins: web_origins?,
            ipfs_api,
            ipfs_private: ipfs_private?,
            llm: match llm_base_url {
                Some(base_url) => Some(LlmSettings { base_url, api_key: llm_api_key, model: llm_model? }),
                None => None,
            },
            llm_use: LlmUse {
                max_request: llm_max_request?,
                max_tokens: llm_max_tokens?,
                calls_at_once: llm_calls_at_once?,
                calls_per_day: llm_calls_per_day?,
                prompts: llm_prompts.map(|folder| directory.join(folder)),
            },
            max_upload: max_upload?,
            upload_per_day,
            disk_reserve: disk_reserve?,
            metrics_token,
            visit_length: visit_length?,
            deadlines: Deadlines {
                appoint: due_appoint?,
                accept: due_accept?,
                record: due_record?,
                approve: due_approve?,
                zone: zone?,
            },
            webhook: webhook_url.zip(webhook_key).map(|(url, key)| WebhookSettings { url, key }),
            audit_keep,
            zone: zone?,
            log: log?,
            log_format: log_format?,
            bcrypt_cost: bcrypt_cost?,
            without_effect,
        })
    }

    /// The public URL when listening on this address.
    pub(crate) fn public_url(&self, listening: SocketAddr) -> Result<Url, url::ParseError> {
        match &self.public_url {
            Some(url) => Ok(url.clone()),
            None => Url::parse(&local_url(listening)),
        }
    }

    /// Whether the service is only reachable from this machine: bind address and public URL are both
    /// loopback.
    pub(crate) fn is_private(&self) -> bool {
        self.bind.ip().to_canonical().is_loopback() && self.public_url.as_ref().is_none_or(is_loopback_url)
    }

    /// The same settings with another database.
    pub(crate) fn with_database(&self, database: Database) -> Self {
        let set = Effective {
            setting: &catalogue::DATABASE_URL,
            shown: database.to_string(),
            origin: error::Origin::Flag,
        };
        let mut effective = self.effective.clone();
        effective.insert(0, set);
        Self { effective, database, ..self.clone() }
    }

    /// The database and where its setting came from, for people.
    pub(crate) fn describe_database(&self) -> String {
        let origin = |key: &str| self.effective.iter().find(|effective| effective.setting.key == key);
        let set = [catalogue::DATABASE_URL.key, catalogue::DATA_DIR.key].into_iter().find_map(origin);
        let origin = set.map(|effective| effective.origin.to_string()).unwrap_or_default();
        format!("{} ({origin})", self.database.absolute())
    }

    /// Whether the `/mock` routes are enabled.
    pub(crate) fn mock(&self) -> bool {
        self.mock.unwrap_or_else(|| self.is_private())
    }
}

/// The URL of the service on this machine when listening on this address.
pub(crate) fn local_url(listening: SocketAddr) -> String {
    format!("http://{}", reachable(listening))
}

/// A reachable local address: loopback for an unspecified one.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip == Ipv6Addr::UNSPECIFIED => Ipv4Addr::LOCALHOST.into(),
        ip => ip,
    };
    (ip, address.port()).into()
}

fn is_loopback_url(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.to_canonical().is_loopback(),
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        None => false,
    }
}
