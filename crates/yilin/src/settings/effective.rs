//! The settings as they came out, for the people who run the service.

use url::Url;
use yilin_web::settings::{SettingOrigin, ShownSetting};

use super::Settings;
use super::catalogue::{ALL, Setting};
use super::error::Origin;
use super::sources::Sources;

/// A setting that has a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effective {
    /// Which.
    pub(crate) setting: &'static Setting,
    /// Its text, with what is secret in it hidden.
    pub(crate) shown: String,
    /// Where it came from.
    pub(crate) origin: Origin,
}

/// What stands for a secret.
const HIDDEN: &str = "…";

/// Every setting that has a value.
pub(super) fn all(sources: &Sources) -> Vec<Effective> {
    let effective = |setting: &&'static Setting| {
        let (text, origin) = sources.text_and_origin(setting)?;
        Some(Effective { setting, shown: shown(setting, text), origin })
    };
    ALL.iter().filter_map(effective).collect()
}

impl Settings {
    /// Every setting, for the console.
    pub(crate) fn shown(&self) -> Vec<ShownSetting> {
        let shown = |setting: &&'static Setting| {
            let effective = self.effective.iter().find(|effective| effective.setting.key == setting.key);
            ShownSetting {
                name: setting.key,
                variable: setting.variable(),
                value: effective.map(|effective| (effective.shown.clone(), effective.origin.clone().into())),
                allowed_chinese: setting.allowed.zh,
                allowed_english: setting.allowed.en,
            }
        };
        ALL.iter().map(shown).collect()
    }
}

impl From<Origin> for SettingOrigin {
    fn from(origin: Origin) -> Self {
        match origin {
            Origin::Default => Self::Default,
            Origin::File(path) => Self::File(path),
            Origin::Environment => Self::Environment,
            Origin::Flag => Self::Flag,
        }
    }
}

fn shown(setting: &Setting, text: String) -> String {
    match Url::parse(&text) {
        Ok(mut url) if setting.is_url() => {
            if url.password().is_some() {
                // It fails only for URLs without a host, which have no password.
                let _hidden = url.set_password(Some("HIDDEN"));
            }
            url.to_string().replacen(":HIDDEN@", &format!(":{HIDDEN}@"), 1)
        }
        _ if setting.is_url() && text.starts_with("sqlite:") => text,
        _ if setting.secret => HIDDEN.to_owned(),
        _ => text,
    }
}
