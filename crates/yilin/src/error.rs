//! Errors of commands, the top of the binary's error hierarchy: each module below has its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use yilin_domain::port::ReadRosterError;
use yilin_domain::roster::RosterFault;
use yilin_domain::usecase::{ImportError, WriteError};

use crate::backup::{ArchiveError, BackupError, RestoreError};
use crate::command::{HeadsError, MoveError};
use crate::guard::GuardError;
use crate::instance_lock::LockError;
use crate::owner::OwnerError;
use crate::parts::{DatabaseError, PartsError};
use crate::prompts::PromptError;
use crate::secret::SecretError;
use crate::settings::SettingsError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    /// The settings are invalid.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The adapters could not be created.
    #[error(transparent)]
    Parts(#[from] PartsError),
    /// The service must not start with this configuration.
    #[error(transparent)]
    Guard(#[from] GuardError),
    /// A database operation failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The address cannot be bound.
    #[error("无法监听 / cannot listen on {address} (YILIN_BIND)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The underlying error.
        source: std::io::Error,
    },
    /// Another service uses the database.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The file store cannot be opened.
    #[error("无法打开文件库 / cannot open the file store (YILIN_DATA_DIR)")]
    Files(#[from] yilin_ipfs::OpenStoreError),
    /// No node is configured to push files to.
    #[error("请设置 YILIN_IPFS_API / set YILIN_IPFS_API to the node that should store the files")]
    NoNode,
    /// The files folder cannot be read.
    #[error("无法读取文件夹 / cannot read the files folder")]
    ListFiles(#[source] std::io::Error),
    /// Some files could not be added to the node.
    #[error("有 {failed} 个文件未能添加 / {failed} files were not added")]
    NotPushed {
        /// Number of files.
        failed: u64,
    },
    /// A prompt cannot be used.
    #[error(transparent)]
    Prompt(#[from] PromptError),
    /// The signing secret is unavailable.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The bound address cannot be expressed as a URL.
    #[error("没有可用的对外网址，请设置 YILIN_PUBLIC_URL / no public URL: set YILIN_PUBLIC_URL")]
    PublicUrl(#[from] url::ParseError),
    /// A use case failed.
    #[error("准备工作失败 / set-up failed")]
    UseCase(#[from] yilin_domain::error::Error),
    /// The demo requires an empty database.
    #[error(
        "{database} 中已有 {patients} 名患者和 {physicians} 名医师，演示数据只写入空库：请用 --data-dir 指定另一个文件夹（或用 YILIN_DATABASE_URL \
         指定另一个数据库），或停止服务后删除 {} / {database} has {patients} patients and {physicians} physicians, and demo data are only \
         written to an empty one: name another folder with --data-dir (or another database with YILIN_DATABASE_URL), or stop the \
         service and delete {}",
        .data_dir.display(), .data_dir.display()
    )]
    NotEmpty {
        /// The database.
        database: String,
        /// The data folder.
        data_dir: PathBuf,
        /// Number of patients.
        patients: u64,
        /// Number of physicians.
        physicians: u64,
    },
    /// The demo is for private installations.
    #[error(
        "演示数据只用于本机：YILIN_BIND 和 YILIN_PUBLIC_URL 须为回环地址 / demo data is only for private \
         installations: YILIN_BIND and YILIN_PUBLIC_URL must be loopback"
    )]
    DemoNotPrivate,
    /// The built-in demo data is invalid.
    #[error("演示数据有误 / the demo data is invalid: {0:?}")]
    DemoData(yilin_domain::validation::FieldProblem),
    /// A picture of the demo cannot be made.
    #[error("无法生成演示图片 / cannot make a picture of the demo")]
    DemoPicture(#[from] png::EncodingError),
    /// A file of the demo cannot be stored.
    #[error("无法保存演示文件 / cannot store a file of the demo")]
    DemoFile(#[source] yilin_domain::usecase::UploadError),
    /// The admin whose password should be reset does not exist.
    #[error("没有名为 {name} 的管理员 / there is no admin named {name} (YILIN_ADMIN_USERNAME)")]
    NoSuchAdmin {
        /// The name.
        name: String,
    },
    /// The configured password is not allowed by the API.
    #[error(
        "请用 YILIN_ADMIN_PASSWORD 设置新密码（6 到 71 字节，不能是默认值或初始密码） / set YILIN_ADMIN_PASSWORD to a new \
             password of 6 to 71 bytes that is neither a default nor the initial password"
    )]
    NoNewPassword,
    /// A file cannot be read.
    #[error("无法读取 / cannot read {}", .path.display())]
    ReadFile {
        /// The file.
        path: PathBuf,
        /// The underlying error.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("无法写入 / cannot write {}", .path.display())]
    WriteFile {
        /// The file.
        path: PathBuf,
        /// The underlying error.
        source: std::io::Error,
    },
    /// The roster exceeds the size limit.
    #[error("名单文件不能超过 {megabytes} MiB / a roster must not exceed {megabytes} MiB")]
    RosterTooLarge {
        /// The limit.
        megabytes: u64,
    },
    /// The roster cannot be imported.
    #[error("{}", yilin_web::roster_words::roster_fault(*.0))]
    Roster(RosterFault),
    /// The import failed for a reason other than the file.
    #[error("无法导入名单 / the roster cannot be imported")]
    Import(#[source] ImportError),
    /// Some rows must be corrected.
    #[error("有 {failed} 行需要修改 / {failed} rows must be corrected")]
    NotAllImported {
        /// Number of rows.
        failed: u64,
    },
    /// The OpenAPI document cannot be generated.
    #[error("无法生成 OpenAPI 文档 / the OpenAPI document cannot be generated")]
    OpenApi(#[from] serde_json::Error),
    /// The document cannot be printed.
    #[error("无法输出 / cannot print")]
    Print(#[source] std::io::Error),
    /// The audit log was tampered with or damaged.
    #[error("{chains} 条审计链有误 / {chains} chains of the audit log are damaged")]
    AuditDamaged {
        /// Number of chains.
        chains: usize,
    },
    /// Entries of some changes are not linked into any chain.
    #[error(
        "{entries} 条变更记录超过一分钟未写入链，请确认有实例在运行 / {entries} entries of changes have been waiting for \
         over a minute to be linked into a chain: is an instance running?"
    )]
    AuditUnlinked {
        /// Number of entries.
        entries: u64,
    },
    /// The audit log can no longer be written.
    #[error("审计日志无法续写，服务停止 / the audit log cannot be continued; the service stops")]
    Audit(#[source] WriteError),
    /// No retention period is configured.
    #[error(
        "未设置 YILIN_AUDIT_KEEP，审计日志一直保留 / YILIN_AUDIT_KEEP is not set: the audit log is kept indefinitely"
    )]
    AuditKeptForEver,
    /// The audit log cannot be exported.
    #[error("无法导出审计日志 / cannot export the audit log to {}", .path.display())]
    ExportAudit {
        /// The file.
        path: PathBuf,
        /// The underlying error.
        source: std::io::Error,
    },
    /// There is no database to work on.
    #[error(
        "没有这个数据库，未做任何操作 / there is no such database, and nothing was done: {database}; \
         请检查设置（yilin config），或先启动服务 / look at the settings (yilin config), or start the service first"
    )]
    NoDatabase {
        /// Which.
        database: String,
    },
    /// The database's tables are older than this program.
    #[error(
        "数据库的表需要升级：请运行 yilin migrate 或启动服务 / the database's tables are older: run `yilin migrate`, or start the service"
    )]
    OlderTables,
    /// The database is being filled from another one.
    #[error(
        "数据迁移尚未完成，请再次运行同一迁移命令 / moving to this database is not finished: run the same move again"
    )]
    UnfinishedMove,
    /// The database's tables are newer than this program.
    #[error(
        "数据库的表由更新的版本创建，请使用新版本 / the database's tables are of a newer version ({}): use that", .unknown.join(", ")
    )]
    NewerTables {
        /// The migrations that this program does not know.
        unknown: Vec<String>,
    },
    /// Root could not become the data folder's owner.
    #[error(transparent)]
    Owner(#[from] OwnerError),
    /// No backup was made, or it is not whole.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// Heads of the audit log were not kept.
    #[error(transparent)]
    Heads(#[from] HeadsError),
    /// A database was not moved.
    #[error(transparent)]
    Move(#[from] MoveError),
    /// The doctor found something.
    #[error("{errors} 个错误，{warnings} 个警告 / {errors} errors, {warnings} warnings")]
    Unwell {
        /// What must be looked into now.
        errors: usize,
        /// What should be looked into.
        warnings: usize,
    },
    /// A backup was not restored.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// Work on another thread ended early.
    #[error("操作中断 / interrupted: {reason}")]
    Interrupted {
        /// Why.
        reason: String,
    },
    /// The HTTP server failed.
    #[error("HTTP 服务出错 / the HTTP server failed")]
    Server(#[source] std::io::Error),
}

impl From<ImportError> for StartError {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::Read(ReadRosterError::Fault(fault)) => Self::Roster(fault),
            other => Self::Import(other),
        }
    }
}

impl StartError {
    /// 2 if a setting must be changed first, 1 if a later attempt may succeed.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Settings(_)
            | Self::Parts(
                PartsError::Model(_) | PartsError::DatabaseServer { .. } | PartsError::LinkedDatabase { .. },
            )
            | Self::Guard(GuardError::Refused(_) | GuardError::PublicNode)
            | Self::DemoNotPrivate
            | Self::NoNewPassword
            | Self::NoDatabase { .. }
            | Self::NewerTables { .. }
            | Self::Prompt(_)
            | Self::NoNode
            | Self::Move(MoveError::Same | MoveError::NotEmpty { .. })
            // As monitoring plugins do: 1 is a warning, 2 is critical.
            | Self::Unwell { errors: 1.., .. }
            | Self::Backup(BackupError::Terminal | BackupError::KeepWithoutFolder | BackupError::Taken { .. })
            | Self::Restore(
                RestoreError::NotEmpty { .. }
                | RestoreError::Archive(ArchiveError::NotOurs | ArchiveError::Newer { .. }),
            )
            | Self::AuditKeptForEver => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
