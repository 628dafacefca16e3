//! `yilin config`.

use crate::cli::Language;
use crate::output::say;
use crate::settings::{SETTINGS, Setting, Settings, flag_of};

/// Prints the settings in effect, in the form of `yilin.toml`, and where each comes from. Secrets are hidden.
pub(crate) fn config(settings: &Settings, explain: bool) {
    let text = lines(settings, explain.then(Language::of_environment)).join("\n");
    say!("{text}");
}

fn lines(settings: &Settings, explain: Option<Language>) -> Vec<String> {
    let mut lines = vec![format!("# 数据库 database: {}", settings.describe_database())];
    lines.extend(settings.files.iter().map(|file| format!("# 文件 file: {}", file.display())));
    for setting in SETTINGS {
        if let Some(language) = explain {
            lines.push(String::new());
            lines.push(explanation(setting, language));
        }
        let effective = settings.effective.iter().find(|effective| effective.setting.key == setting.key);
        lines.push(match effective {
            Some(effective) => format!("{} = {:?}  # {}", setting.key, effective.shown, effective.origin),
            None => format!("# {} =", setting.key),
        });
    }
    lines
}

fn explanation(setting: &Setting, language: Language) -> String {
    let words = match language {
        Language::Chinese => setting.allowed.zh,
        Language::English => setting.allowed.en,
    };
    let flag = flag_of(setting).map(|flag| format!(", --{flag}")).unwrap_or_default();
    format!("# {}{flag}: {words}", setting.variable())
}
