//! Command line flags.

use std::path::PathBuf;

use figment::value::{Dict, Value};
use serde::Serialize;

/// The settings available as flags. Secrets are excluded: all users of a machine can read the flags of its
/// processes.
#[derive(Debug, Default, Clone, clap::Args, Serialize)]
#[command(next_help_heading = "设置 Settings (README: YILIN_*)")]
pub(crate) struct Flags {
    /// 配置文件，默认 ./yilin.toml / settings file
    #[arg(long, global = true, value_name = "FILE")]
    #[serde(skip)]
    pub(crate) config: Option<PathBuf>,
    /// 监听地址 / address to listen on [127.0.0.1:8088]
    #[arg(long, global = true, value_name = "IP:PORT")]
    bind: Option<String>,
    /// 对外网址 / public URL of the service
    #[arg(long, global = true, value_name = "URL")]
    public_url: Option<String>,
    /// 数据文件夹 / folder for the embedded database and secrets [./data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// 数据库；含密码时请用环境变量 / database URL; with a password, use the environment variable
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// 每个实例的数据库连接数 / database connections per instance [16]
    #[arg(long, global = true, value_name = "NUMBER")]
    database_pool_size: Option<String>,
    /// Kubo RPC
    #[arg(long, global = true, value_name = "URL")]
    ipfs_api: Option<String>,
    /// 该节点在私有网络中 / the node is in a private swarm
    #[arg(long, global = true, value_name = "yes|no")]
    ipfs_private: Option<String>,
    /// 最大上传 / maximum file size [2 GiB]
    #[arg(long, global = true, value_name = "SIZE")]
    max_upload: Option<String>,
    /// 每人每日上传 / daily upload limit per account [2 GiB, 20 GiB for staff]
    #[arg(long, global = true, value_name = "SIZE")]
    upload_per_day: Option<String>,
    /// 磁盘保留空间 / free disk space below which uploads are rejected [1 GiB]
    #[arg(long, global = true, value_name = "SIZE")]
    disk_reserve: Option<String>,
    /// 大模型服务 / OpenAI-compatible server
    #[arg(long, global = true, value_name = "URL")]
    llm_base_url: Option<String>,
    /// 模型 / model [glm4]
    #[arg(long, global = true, value_name = "NAME")]
    llm_model: Option<String>,
    /// 最大对话请求 / maximum chat request size [256 KiB]
    #[arg(long, global = true, value_name = "SIZE")]
    llm_max_request: Option<String>,
    /// 最大词元数 / maximum tokens of an answer [4096]
    #[arg(long, global = true, value_name = "NUMBER")]
    llm_max_tokens: Option<String>,
    /// 每人同时提问数 / concurrent calls per account [2]
    #[arg(long, global = true, value_name = "NUMBER")]
    llm_calls_at_once: Option<String>,
    /// 每人每日提问数 / daily calls per account [200]
    #[arg(long, global = true, value_name = "NUMBER")]
    llm_calls_per_day: Option<String>,
    /// 提示词文件夹 / prompts folder
    #[arg(long, global = true, value_name = "FOLDER")]
    llm_prompts: Option<String>,
    /// 首个管理员 / name of the first admin [admin]
    #[arg(long, global = true, value_name = "NAME")]
    admin_username: Option<String>,
    /// 模拟数据接口 / the /mock routes
    #[arg(long, global = true, value_name = "on|off")]
    mock: Option<String>,
    /// 可信代理 / proxies whose X-Forwarded-For is trusted
    #[arg(long, global = true, value_name = "NETWORKS")]
    trusted_proxies: Option<String>,
    /// 其他网页来源 / additional origins whose pages may call the API
    #[arg(long, global = true, value_name = "ORIGINS")]
    web_origins: Option<String>,
    /// 同一医师两次就诊的最短间隔（分钟） / minutes that two visits of a physician are apart [60]
    #[arg(long, global = true, value_name = "MINUTES")]
    visit_minutes: Option<String>,
    /// 指派时限（小时） / hours until a physician must be appointed [24]
    #[arg(long, global = true, value_name = "HOURS")]
    due_appoint: Option<String>,
    /// 接诊时限（小时） / hours until the physician must accept [12]
    #[arg(long, global = true, value_name = "HOURS")]
    due_accept: Option<String>,
    /// 登记时限（小时） / hours from the visit until it must be recorded [48]
    #[arg(long, global = true, value_name = "HOURS")]
    due_record: Option<String>,
    /// 审核时限（小时） / hours until the record must be approved [72]
    #[arg(long, global = true, value_name = "HOURS")]
    due_approve: Option<String>,
    /// 审计日志保留年数 / years to keep the audit log
    #[arg(long, global = true, value_name = "YEARS")]
    audit_keep: Option<String>,
    /// 时区 / time zone [Asia/Shanghai]
    #[arg(long, global = true, value_name = "ZONE")]
    timezone: Option<String>,
    /// 日志级别 / log level or filter [info]
    #[arg(long, global = true, value_name = "FILTER")]
    log: Option<String>,
    /// 日志格式 / log format [text]
    #[arg(long, global = true, value_name = "text|json")]
    log_format: Option<String>,
    /// 密码散列强度 / password hash cost [12]
    #[arg(long, global = true, value_name = "NUMBER")]
    bcrypt_cost: Option<String>,
}

impl Flags {
    /// The values of the given flags.
    pub(super) fn values(&self) -> Dict {
        let values = Value::serialize(self).ok().and_then(Value::into_dict).unwrap_or_default();
        values.into_iter().filter(|(_, value)| matches!(value, Value::String(..))).collect()
    }
}
