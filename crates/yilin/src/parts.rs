//! Creates the adapters that the settings select.

use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;
use yilin_domain::event::Event;
use yilin_domain::file::FileLinks;
use yilin_domain::port::{
    Clock, FileStore, LanguageModel, OutsidePorts, PasswordHasher, PortError, Ports, Random, RosterReader,
    WebhookReceiver,
};
use yilin_domain::session::AttemptLimits;
use yilin_domain::usecase::{EventLimits, Policy, UploadLimits, UseCases};
use yilin_ipfs::{EmbeddedStore, KuboOptions, KuboStore, OpenStoreError};
use yilin_llm::{LlmOptions, OpenAiModel};
use yilin_roster::{SpreadsheetReader, XlsxWriter};
use yilin_storage::{DatabaseClock, SchemaState, ServerFault, Severity, Storage, StorageOptions};
use yilin_webhook::{HttpReceiver, OpenReceiverError, ReceiverOptions};

use crate::adapters::{BcryptHasher, NoRandomness, OsRandom, SystemClock};
use crate::error::StartError;
use crate::output::tell;
use crate::prompts::{PromptError, chat_policy};
use crate::settings::{Database, LlmSettings, Settings};
use crate::text::indented;

/// Lifetime of a session.
const SESSION_LIFETIME: std::time::Duration = std::time::Duration::from_secs(7 * 24 * 60 * 60);

/// Where the files are, in the data folder.
pub(crate) const FILES_FOLDER: &str = "files";

/// Spool of files queued for a Kubo node, in the data folder.
const SPOOL_FOLDER: &str = "spool";

/// Why the adapters could not be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PartsError {
    /// The data folder cannot be created.
    #[error("无法创建数据文件夹 / cannot create the data folder {}", .path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// The underlying error.
        source: std::io::Error,
    },
    /// The database cannot be opened.
    #[error("无法打开数据库 / cannot open the database {database} (YILIN_DATABASE_URL)")]
    OpenDatabase {
        /// The database, without its password.
        database: String,
        /// The underlying error.
        source: yilin_storage::OpenError,
    },
    /// The SQLite file has several names. SQLite's journal is named after the name in use, so that two processes that use
    /// different ones damage the database ("How To Corrupt An SQLite Database File", 2.6), and one that only reads misses
    /// what is in the other's journal.
    #[error(
        "数据库文件 {} 共有 {names} 个名称（硬链接），经不同名称使用会损坏数据库；请先停止使用它的服务，用 find -samefile 查出这些名称，只保留一个 /          the database file {} has {names} names (hard links), and is damaged if it is used by several of them: stop the service that          uses it, look for the names with `find -samefile`, and remove all but one",
        .path.display(), .path.display()
    )]
    LinkedDatabase {
        /// The file.
        path: PathBuf,
        /// Its number of names.
        names: u64,
    },
    /// A database operation failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The database server's settings are unsuitable.
    #[error(
        "数据库服务器的设置不满足要求 / the settings of the database server of {database} are unsuitable:{}",
        indented(.faults)
    )]
    DatabaseServer {
        /// The database, without its password.
        database: String,
        /// The settings to change.
        faults: Vec<ServerFault>,
    },
    /// The file store cannot be opened.
    #[error("无法打开文件库 / cannot open the file store (YILIN_DATA_DIR)")]
    Files(#[from] OpenStoreError),
    /// The Kubo store cannot be opened.
    #[error("无法使用 Kubo 文件库 / cannot use the Kubo file store (YILIN_IPFS_API)")]
    Kubo(#[from] yilin_ipfs::OpenKuboError),
    /// The language model client cannot be created.
    #[error("无法使用大模型服务 / cannot use the language model (YILIN_LLM_BASE_URL, YILIN_LLM_API_KEY)")]
    Model(#[from] yilin_llm::OpenModelError),
    /// The webhook client cannot be created.
    #[error("无法发送 webhook / cannot send webhooks (YILIN_WEBHOOK_URL)")]
    Webhooks(#[from] OpenReceiverError),
    /// The operating system provides no randomness.
    #[error(transparent)]
    Random(#[from] NoRandomness),
}

/// A database operation failed.
#[derive(Debug, thiserror::Error)]
#[error("数据库不可用 / the database {database} is not usable (YILIN_DATABASE_URL)")]
pub(crate) struct DatabaseError {
    /// The database, without its password.
    database: String,
    source: PortError,
}

/// The adapters that every command needs.
pub(crate) struct Parts {
    /// The database.
    pub(crate) storage: Storage,
    /// The database's clock, used for everything that instances compare.
    pub(crate) clock: Arc<DatabaseClock>,
    /// Randomness.
    pub(crate) random: Arc<dyn Random>,
    /// The Kubo node that stores the files, if there is one.
    pub(crate) kubo: Option<KuboStore>,
    files: Arc<dyn FileStore>,
    model: Option<Arc<dyn LanguageModel>>,
    hasher: Arc<dyn PasswordHasher>,
    webhook_receiver: Option<Arc<dyn WebhookReceiver>>,
    rosters: Arc<dyn RosterReader>,
}

impl Parts {
    /// Opens the database, and creates or migrates it: for what may start from nothing.
    pub(crate) async fn create(settings: &Settings) -> Result<Self, StartError> {
        create_data_dir(settings)?;
        let storage = connect(settings)?;
        examine_server(settings, &storage).await?;
        let failed = |source| database_error(settings, source);
        match storage.schema_state().await.map_err(failed)? {
            SchemaState::Newer { unknown } => return Err(StartError::NewerTables { unknown }),
            SchemaState::Unfinished => return Err(StartError::UnfinishedMove),
            SchemaState::Empty | SchemaState::Older { .. } | SchemaState::Current => {}
        }
        storage.migrate().await.map_err(failed)?;
        Ok(Self::over(settings, storage).await?)
    }

    /// Opens a database that is there, for a command. Says which first: it may not be the one that was meant.
    pub(crate) async fn open(settings: &Settings) -> Result<Self, StartError> {
        let storage = open_storage(settings).await?;
        Self::of(settings, storage).await
    }

    /// The parts over a database that has been opened, whose tables must be those of this version.
    pub(crate) async fn of(settings: &Settings, storage: Storage) -> Result<Self, StartError> {
        match storage.schema_state().await.map_err(|source| database_error(settings, source))? {
            SchemaState::Current => Ok(Self::over(settings, storage).await?),
            SchemaState::Empty => Err(StartError::NoDatabase { database: settings.describe_database() }),
            SchemaState::Unfinished => Err(StartError::UnfinishedMove),
            SchemaState::Older { .. } => Err(StartError::OlderTables),
            SchemaState::Newer { unknown } => Err(StartError::NewerTables { unknown }),
        }
    }

    async fn over(settings: &Settings, storage: Storage) -> Result<Self, PartsError> {
        let random: Arc<dyn Random> = Arc::new(OsRandom::new()?);
        let clock = DatabaseClock::start(storage.clone(), Arc::new(SystemClock)).await;
        let clock = Arc::new(clock.map_err(|source| database_error(settings, source))?);
        let kubo = kubo_store(settings, &storage, clock.clone())?;
        let files: Arc<dyn FileStore> = match &kubo {
            Some(kubo) => Arc::new(kubo.clone()),
            None => Arc::new(embedded_store(settings)?),
        };
        let model = settings.llm.as_ref().map(|llm| language_model(llm, random.clone())).transpose()?;
        let hasher = Arc::new(BcryptHasher::new(settings.bcrypt_cost));
        let rosters = Arc::new(SpreadsheetReader::new());
        let webhook_receiver = webhook_receiver(settings)?;
        Ok(Self { storage, clock, random, kubo, files, model, hasher, webhook_receiver, rosters })
    }

    /// The file store.
    pub(crate) fn files(&self) -> Arc<dyn FileStore> {
        self.files.clone()
    }

    /// All ports, with the database's clock.
    pub(crate) fn usual_ports(&self) -> Ports {
        self.ports(self.clock.clone())
    }

    /// All ports, with this clock.
    pub(crate) fn ports(&self, clock: Arc<dyn Clock>) -> Ports {
        self.storage.ports(OutsidePorts {
            files: self.files.clone(),
            model: self.model.clone(),
            webhook_receiver: self.webhook_receiver.clone(),
            rosters: self.rosters.clone(),
            workbooks: Arc::new(XlsxWriter),
            hasher: self.hasher.clone(),
            clock,
            random: self.random.clone(),
        })
    }
}

/// The database of a command, which is named first, and must be there. Its tables may be of any version.
pub(crate) async fn open_storage(settings: &Settings) -> Result<Storage, StartError> {
    let database = settings.describe_database();
    tell!("数据库 / database: {database}");
    match &settings.database {
        Database::Sqlite(path) if !path.is_file() => return Err(StartError::NoDatabase { database }),
        Database::Sqlite(_) | Database::Mysql(_) => {}
    }
    let storage = connect(settings)?;
    examine_server(settings, &storage).await?;
    Ok(storage)
}

/// Connects to the database, which may be empty or not there yet.
pub(crate) fn connect(settings: &Settings) -> Result<Storage, PartsError> {
    if let Database::Sqlite(path) = &settings.database {
        refuse_links(path)?;
    }
    let random = Arc::new(OsRandom::new()?);
    Storage::open(&storage_options(settings), random, settings.zone)
        .map_err(|source| PartsError::OpenDatabase { database: settings.database.to_string(), source })
}

/// Rejects a database file with several names. Also for commands that only read: a backup would lack the latest changes.
fn refuse_links(path: &Path) -> Result<(), PartsError> {
    match path.metadata() {
        Ok(file) if file.nlink() > 1 => {
            Err(PartsError::LinkedDatabase { path: path.to_owned(), names: file.nlink() })
        }
        // One that cannot be looked at cannot be opened either, or is created.
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Rejects a database server on which something would not work and, outside a private installation, one that
/// may lose acknowledged changes. Warns about the rest.
pub(crate) async fn examine_server(settings: &Settings, storage: &Storage) -> Result<(), PartsError> {
    let faults = storage.examine_server().await.map_err(|source| database_error(settings, source))?;
    let is_refused = |fault: &ServerFault| match fault.severity() {
        Severity::Fatal => true,
        Severity::Unsafe => !settings.is_private(),
        Severity::Minor => false,
    };
    let (refused, tolerated): (Vec<_>, Vec<_>) = faults.into_iter().partition(is_refused);
    for fault in tolerated {
        tracing::warn!(%fault, "a setting of the database server should be changed");
    }
    if refused.is_empty() {
        return Ok(());
    }
    Err(PartsError::DatabaseServer { database: settings.database.to_string(), faults: refused })
}

/// The embedded store in the data folder.
pub(crate) fn embedded_store(settings: &Settings) -> Result<EmbeddedStore, OpenStoreError> {
    EmbeddedStore::open(settings.data_dir.join(FILES_FOLDER))
}

fn kubo_store(
    settings: &Settings,
    storage: &Storage,
    clock: Arc<dyn Clock>,
) -> Result<Option<KuboStore>, PartsError> {
    let Some(node) = &settings.ipfs_api else { return Ok(None) };
    let options = KuboOptions {
        private_swarm: settings.ipfs_private,
        ..KuboOptions::new(node.clone(), settings.data_dir.join(SPOOL_FOLDER))
    };
    Ok(Some(KuboStore::open(&options, storage.pins(), clock)?))
}

/// The webhook receiver; it gets events in the same form as listeners.
fn webhook_receiver(settings: &Settings) -> Result<Option<Arc<dyn WebhookReceiver>>, OpenReceiverError> {
    let Some(webhook) = &settings.webhook else { return Ok(None) };
    let zone = settings.zone;
    let render = Arc::new(move |event: &Event| Ok(yilin_http::event_json(event, zone)?));
    let options = ReceiverOptions::new(webhook.url.clone(), webhook.key.clone(), render);
    Ok(Some(Arc::new(HttpReceiver::new(options)?)))
}

fn language_model(
    settings: &LlmSettings,
    random: Arc<dyn Random>,
) -> Result<Arc<dyn LanguageModel>, PartsError> {
    let key = settings.api_key.as_ref().map(|key| key.reveal().to_owned());
    let options = LlmOptions::new(settings.base_url.clone(), key, settings.model.clone());
    Ok(Arc::new(OpenAiModel::new(options, random)?))
}

/// The use cases over these ports. File links start with the public URL and are signed with a key
/// derived from the secret.
pub(crate) fn use_cases(
    settings: &Settings,
    ports: Ports,
    secret: &[u8],
    public_url: &Url,
) -> Result<UseCases, PromptError> {
    let policy = Policy {
        zone: settings.zone,
        initial_password: settings.initial_password.reveal().to_owned(),
        session_lifetime: SESSION_LIFETIME,
        attempt_limits: AttemptLimits::default(),
        upload_limits: upload_limits(settings),
        event_limits: EventLimits::default(),
        file_links: FileLinks::new(secret, public_url.as_str(), FileLinks::LIFETIME),
        chat: chat_policy(&settings.llm_use)?,
        deadlines: settings.deadlines,
        visit_length: settings.visit_length,
    };
    Ok(UseCases::new(ports, policy))
}

/// A configured limit applies to all roles.
fn upload_limits(settings: &Settings) -> UploadLimits {
    let defaults = UploadLimits { reserve: settings.disk_reserve, ..UploadLimits::default() };
    match settings.upload_per_day {
        Some(bytes) => UploadLimits { per_day_of_patients: bytes, per_day_of_others: bytes, ..defaults },
        None => defaults,
    }
}

/// A database failure before the service is ready, with the name of the database.
pub(crate) fn database_error(settings: &Settings, source: PortError) -> DatabaseError {
    DatabaseError { database: settings.database.to_string(), source }
}

fn storage_options(settings: &Settings) -> StorageOptions {
    let connections = usize::try_from(settings.database_pool_size).unwrap_or(usize::MAX);
    let defaults = StorageOptions::new(settings.database.url());
    StorageOptions { connections, readers: defaults.readers.min(connections), ..defaults }
}

/// The folder contains patients' data and a secret: it is only accessible to the service's user.
pub(crate) fn create_data_dir(settings: &Settings) -> Result<(), PartsError> {
    let mut builder = std::fs::DirBuilder::new();
    let created = builder.recursive(true).mode(0o700).create(&settings.data_dir);
    created.map_err(|source| PartsError::DataDir { path: settings.data_dir.clone(), source })
}
