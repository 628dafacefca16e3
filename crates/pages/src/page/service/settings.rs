//! The settings in effect, and where each came from.

use std::borrow::Cow;

use askama::Template;
use yilin_domain::audit::AuditAction::Read;
use yilin_web::audit::{Discloses, Disclosure};
use yilin_web::error::Language;
use yilin_web::route::{Record, Route, get};
use yilin_web::settings::{SettingOrigin, ShownSetting};

use crate::answer::{PageResult, View, page};
use crate::console::Console;
use crate::texts::Texts;
use crate::ui::{Section, Ui};

pub(super) const PATH: &str = "/console/service/settings";

pub(super) fn routes() -> Vec<Route> {
    vec![get(PATH, "consoleSettings", show).audited(Read, "service", Record::Search)]
}

/// A setting.
struct SettingRow {
    name: &'static str,
    variable: String,
    value: Option<String>,
    origin: Cow<'static, str>,
    allowed: &'static str,
}

impl SettingRow {
    fn new(setting: &ShownSetting, texts: Texts) -> Self {
        let (value, origin) = setting.value.clone().unzip();
        Self {
            name: setting.name,
            variable: setting.variable.clone(),
            value,
            origin: match origin {
                None => Cow::Borrowed(""),
                Some(SettingOrigin::Default) => texts.text("setting-default"),
                Some(SettingOrigin::File(path)) => texts.with("setting-file", "path", path.display()),
                Some(SettingOrigin::Environment) => texts.text("setting-environment"),
                Some(SettingOrigin::Flag) => texts.text("setting-flag"),
            },
            allowed: match texts.0 {
                Language::Chinese => setting.allowed_chinese,
                Language::English => setting.allowed_english,
            },
        }
    }
}

#[derive(Template)]
#[template(path = "page/settings.html")]
struct SettingsPage {
    ui: Ui,
    settings: Vec<SettingRow>,
}

impl SettingsPage {
    const BACK: &'static str = super::PATH;
}

impl Discloses for SettingsPage {
    fn disclosure(&self) -> Disclosure {
        Disclosure::nothing()
    }
}

impl View for SettingsPage {
    fn texts(&self) -> Texts {
        self.ui.texts
    }
}

async fn show(console: Console) -> PageResult {
    let settings = console.service.options.settings.iter();
    page(&SettingsPage {
        ui: console.ui(Section::Service, "setting-title"),
        settings: settings.map(|setting| SettingRow::new(setting, console.texts)).collect(),
    })
}
