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

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("默认值 default"),
            Self::File(path) => write!(f, "文件 file {}", path.display()),
            Self::Environment => f.write_str("环境变量 environment"),
            Self::Flag => f.write_str("参数 flag"),
        }
    }
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
        let name = match self.origin {
            Origin::Default | Origin::Environment => self.setting.variable(),
            Origin::File(_) => key.to_owned(),
            Origin::Flag => format!("--{}", key.replace('_', "-")),
        };
        write!(f, "{name} ({})", self.origin)?;
        if let Some(value) = &self.value {
            write!(f, " = {value:?}")?;
        }
        write!(f, ": {}", self.setting.allowed)
    }
}

/// A name that is not a setting, in a file or in the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name} ({origin}): 没有这个设置，最接近的是 {nearest} / there is no such setting; the nearest is {nearest}"
)]
pub(crate) struct UnknownName {
    /// The name.
    pub(crate) name: String,
    /// Where it was found.
    pub(crate) origin: Origin,
    /// The known name that it differs from least.
    pub(crate) nearest: String,
}

/// Why there are no settings to start with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// Some are not allowed or not known: all of them.
    #[error("设置有误 / bad settings:{}{}", indented(.problems), indented(.unknown))]
    Bad {
        /// The values that are not allowed.
        problems: Vec<Problem>,
        /// The names that are not settings.
        unknown: Vec<UnknownName>,
    },
    /// The file that a flag names cannot be read.
    #[error("无法读取 / cannot read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file holds secrets, and others may read or change it.
    #[error(
        "{}: 其中有 {}，但其他用户可以读取或修改此文件（{mode:04o}）；请运行 chmod 600 并归运行用户或 root 所有 / holds {} \
         and other users may read or change it ({mode:04o}): chmod 600 it and let it belong to the service's user or root",
        .path.display(), .secrets.join(", "), .secrets.join(", ")
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// The names of the secrets in it.
        secrets: Vec<&'static str>,
        /// Its permissions.
        mode: u32,
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
