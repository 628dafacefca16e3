use std::path::PathBuf;

use super::catalogue::Setting;
use crate::text::indented;

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody set it.
    Default,
    /// A file.
    File(PathBuf),
    /// An environment variable.
    Environment,
    /// A flag.
    Flag,
}

/// A setting whose value is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Which.
    pub(crate) setting: &'static Setting,
    /// Where the value came from.
    pub(crate) origin: Origin,
    /// The value, unless it is secret.
    pub(crate) value: Option<String>,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let key = self.setting.key;
        match &self.origin {
            Origin::Default => write!(f, "{} (默认值 default)", self.setting.variable())?,
            Origin::File(path) => write!(f, "{key} (文件 file {})", path.display())?,
            Origin::Environment => write!(f, "{} (环境变量 environment)", self.setting.variable())?,
            Origin::Flag => write!(f, "--{} (参数 flag)", key.replace('_', "-"))?,
        }
        if let Some(value) = &self.value {
            write!(f, " = {value:?}")?;
        }
        write!(f, ": {}", self.setting.allowed)
    }
}

/// A name in a file that is no setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key} (文件 file {}): 没有这个设置 / there is no such setting", .path.display())]
pub(crate) struct UnknownKey {
    /// The name.
    pub(crate) key: String,
    /// The file.
    pub(crate) path: PathBuf,
}

/// Why there are no settings to start with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// Some are not allowed or not known: all of them.
    #[error("设置有误 / bad settings:{}{}", indented(.problems), indented(.unknown))]
    Bad {
        /// The values that are not allowed.
        problems: Vec<Problem>,
        /// Names in a file that are no settings.
        unknown: Vec<UnknownKey>,
    },
    /// The file that a flag names cannot be read.
    #[error("无法读取 / cannot read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML. Shows the place, not the line, which may hold a secret.
    #[error("{}: 不是有效的 TOML / is not valid TOML: {reason}", .path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// Where and why.
        reason: String,
    },
}
