//! Errors of settings.

use std::path::PathBuf;

use super::catalogue::Setting;
use crate::text::indented;

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The default.
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

/// A setting with an invalid value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The setting.
    pub(crate) setting: &'static Setting,
    /// The source of the value.
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

/// An unknown setting in a file or in the environment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name} ({origin}): 没有这个设置，最接近的是 {nearest} / there is no such setting; the nearest is {nearest}"
)]
pub(crate) struct UnknownName {
    /// The name.
    pub(crate) name: String,
    /// Where it was found.
    pub(crate) origin: Origin,
    /// The most similar known name.
    pub(crate) nearest: String,
}

/// Why the settings could not be loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// All invalid values and unknown names.
    #[error("设置有误 / bad settings:{}{}", indented(.problems), indented(.unknown))]
    Bad {
        /// The invalid values.
        problems: Vec<Problem>,
        /// The unknown names.
        unknown: Vec<UnknownName>,
    },
    /// The file that a flag names cannot be read.
    #[error("无法读取 / cannot read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The underlying error.
        source: std::io::Error,
    },
    /// Everybody can change the file.
    #[error(
        "{}: 任何用户都可以修改此文件（{mode:04o}）；请运行 chmod o-w / every user may change it ({mode:04o}): chmod o-w it",
        .path.display()
    )]
    Changeable {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file contains secrets, and other users can read or change it.
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
    /// The file is not TOML. Reports the position, not the line, which may contain a secret.
    #[error("{}: 不是有效的 TOML / is not valid TOML: {reason}", .path.display())]
    NotToml {
        /// The file.
        path: PathBuf,
        /// The position and the error.
        reason: String,
    },
}
