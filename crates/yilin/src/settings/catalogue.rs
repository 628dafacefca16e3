//! All settings: name, default and allowed values.

/// A short text in both languages of the operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Words {
    /// In Chinese.
    pub(crate) zh: &'static str,
    /// In English.
    pub(crate) en: &'static str,
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} / {}", self.zh, self.en)
    }
}

/// One setting.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its name in `yilin.toml`; the variable and the flag are derived from it.
    pub(crate) key: &'static str,
    /// Its default; `None` if there is none, or if it depends on other settings.
    pub(crate) default: Option<&'static str>,
    /// Whether its value must not be shown.
    pub(crate) secret: bool,
    /// The allowed values.
    pub(crate) allowed: Words,
}

impl Setting {
    /// Whether it is a URL, which is only secret if it contains a password.
    pub(crate) fn is_url(&self) -> bool {
        [DATABASE_URL.key, IPFS_API.key].contains(&self.key)
    }

    /// Its environment variable.
    pub(crate) fn variable(&self) -> String {
        format!("{VARIABLE_PREFIX}{}", self.key.to_ascii_uppercase())
    }
}

/// Prefix of all environment variables.
pub(crate) const VARIABLE_PREFIX: &str = "YILIN_";

macro_rules! settings {
    ($($name:ident = $key:literal, $default:expr, $secret:expr, $zh:literal, $en:literal;)*) => {
        $(pub(crate) static $name: Setting = Setting {
            key: $key,
            default: $default,
            secret: $secret,
            allowed: Words { zh: $zh, en: $en },
        };)*

        /// Every setting.
        pub(crate) static ALL: &[&Setting] = &[$(&$name),*];
    };
}

const SHOWN: bool = false;
const SECRET: bool = true;

settings! {
    BIND = "bind", Some("127.0.0.1:8088"), SHOWN,
        "须为 IP 地址和端口，如 127.0.0.1:8088", "must be an IP address and a port, such as 127.0.0.1:8088";
    PUBLIC_URL = "public_url", None, SHOWN,
        "须为 http(s) 网址，不含 ? & = % + #", "must be an http(s) URL without ? & = % + #";
    SECRETS_FILE = "secrets_file", None, SHOWN,
        "须为 TOML 文件的路径", "must be the path of a TOML file";
    DATA_DIR = "data_dir", Some("./data"), SHOWN,
        "须为文件夹路径", "must be the path of a folder";
    DATABASE_URL = "database_url", None, SECRET,
        "须为 sqlite:文件 或 mysql://用户:密码@主机:端口/库名，密码不能是占位符 CHANGE-ME",
        "must be sqlite:FILE or mysql://user:pass@host:port/db, with a password of your own instead of CHANGE-ME";
    DATABASE_POOL_SIZE = "database_pool_size", Some("16"), SHOWN,
        "须为 2 到 1000 的整数", "must be a whole number from 2 to 1000";
    IPFS_API = "ipfs_api", None, SECRET,
        "须为 Kubo RPC 网址，如 http://127.0.0.1:5001", "must be the URL of a Kubo RPC API, such as http://127.0.0.1:5001 (http only)";
    IPFS_PRIVATE = "ipfs_private", Some("no"), SHOWN,
        "须为 yes 或 no", "must be yes or no";
    MAX_UPLOAD = "max_upload", Some("2 GiB"), SHOWN,
        "须为大小，如 2 GiB、500 MB 或字节数（最多 1 TiB）", "must be a size such as 2 GiB, 500 MB or a number of bytes (at most 1 TiB)";
    UPLOAD_PER_DAY = "upload_per_day", None, SHOWN,
        "须为大小，如 2 GiB（最多 1 TiB）", "must be a size such as 2 GiB (at most 1 TiB)";
    DISK_RESERVE = "disk_reserve", Some("1 GiB"), SHOWN,
        "须为大小，如 1 GiB、500 MB 或字节数（最多 1 TiB），0 表示不限", "must be a size such as 1 GiB, 500 MB or a number of bytes (at most 1 TiB), or 0 for no reserve";
    LLM_BASE_URL = "llm_base_url", None, SHOWN,
        "须为 OpenAI 兼容服务的网址", "must be the URL of an OpenAI-compatible server";
    LLM_API_KEY = "llm_api_key", None, SECRET,
        "须为一行可见字符", "must be one line of visible characters";
    LLM_MODEL = "llm_model", Some("glm4"), SHOWN,
        "须为模型名称", "must be the name of a model";
    LLM_MAX_REQUEST = "llm_max_request", Some("256 KiB"), SHOWN,
        "须为大小，如 256 KiB（最多 16 MiB）", "must be a size such as 256 KiB (at most 16 MiB)";
    LLM_MAX_TOKENS = "llm_max_tokens", Some("4096"), SHOWN,
        "须为 1 到 1000000 的整数", "must be a whole number from 1 to 1000000";
    LLM_CALLS_AT_ONCE = "llm_calls_at_once", Some("2"), SHOWN,
        "须为 1 到 100 的整数", "must be a whole number from 1 to 100";
    LLM_CALLS_PER_DAY = "llm_calls_per_day", Some("200"), SHOWN,
        "须为 1 到 1000000 的整数", "must be a whole number from 1 to 1000000";
    LLM_PROMPTS = "llm_prompts", None, SHOWN,
        "须为文件夹路径", "must be the path of a folder";
    JWT_SECRET = "jwt_secret", None, SECRET,
        "至少 32 字节", "must have at least 32 bytes";
    ADMIN_USERNAME = "admin_username", Some("admin"), SHOWN,
        "须为 1 到 50 个字符", "must have 1 to 50 characters";
    ADMIN_PASSWORD = "admin_password", Some("admin"), SECRET,
        "须为 1 到 71 字节", "must have 1 to 71 bytes";
    INITIAL_PASSWORD = "initial_password", Some("123456"), SECRET,
        "须为 6 到 71 字节", "must have 6 to 71 bytes";
    MOCK = "mock", None, SHOWN,
        "须为 on 或 off", "must be on or off";
    TRUSTED_PROXIES = "trusted_proxies", Some(""), SHOWN,
        "须为逗号分隔的 IP 或网段，如 10.0.0.0/8", "must be comma-separated IP addresses or networks, such as 10.0.0.0/8";
    WEB_ORIGINS = "web_origins", Some(""), SHOWN,
        "须为逗号分隔的来源，如 https://app.example.cn", "must be comma-separated origins, such as https://app.example.cn";
    METRICS_TOKEN = "metrics_token", None, SECRET,
        "须为至少 16 个可见字符", "must have at least 16 visible characters";
    VISIT_MINUTES = "visit_minutes", Some("60"), SHOWN,
        "须为 0 到 1440 的整数（分钟）", "must be a whole number of minutes from 0 to 1440";
    DUE_APPOINT = "due_appoint", Some("24"), SHOWN,
        "须为 0 到 8760 的整数（小时），0 表示不限", "must be a whole number of hours from 0 to 8760; 0 is no deadline";
    DUE_ACCEPT = "due_accept", Some("12"), SHOWN,
        "须为 0 到 8760 的整数（小时），0 表示不限", "must be a whole number of hours from 0 to 8760; 0 is no deadline";
    DUE_RECORD = "due_record", Some("48"), SHOWN,
        "须为 0 到 8760 的整数（小时），0 表示不限", "must be a whole number of hours from 0 to 8760; 0 is no deadline";
    DUE_APPROVE = "due_approve", Some("72"), SHOWN,
        "须为 0 到 8760 的整数（小时），0 表示不限", "must be a whole number of hours from 0 to 8760; 0 is no deadline";
    WEBHOOK_URL = "webhook_url", None, SECRET,
        "须为 https 网址；http 仅限本机（127.0.0.1、::1、localhost）；须同时设置 YILIN_WEBHOOK_SECRET",
        "must be an https URL, or http on this machine (127.0.0.1, ::1, localhost), and needs YILIN_WEBHOOK_SECRET";
    WEBHOOK_SECRET = "webhook_secret", None, SECRET,
        "须为 whsec_ 加 24 到 64 字节的 base64", "must be whsec_ and base64 of 24 to 64 bytes";
    AUDIT_KEEP = "audit_keep", None, SHOWN,
        "须为年数，以半年计，如 0.5、3（0.5 到 100）；不设则一直保留", "must be a number of years in steps of a half, such as 0.5 or 3 (0.5 to 100); unset means indefinitely";
    TIMEZONE = "timezone", Some("Asia/Shanghai"), SHOWN,
        "须为 IANA 时区，如 Asia/Shanghai", "must be an IANA time zone, such as Asia/Shanghai";
    LOG = "log", Some("info"), SHOWN,
        "须为 error、warn、info、debug、trace 或过滤式", "must be error, warn, info, debug, trace or a filter such as info,yilin_web=debug";
    LOG_FORMAT = "log_format", Some("text"), SHOWN,
        "须为 text 或 json", "must be text or json";
    BCRYPT_COST = "bcrypt_cost", Some("12"), SHOWN,
        "须为 4 到 16 的整数", "must be a whole number from 4 to 16";
}
