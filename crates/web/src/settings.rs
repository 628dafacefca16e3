//! The settings in effect, for the hospital to look at.

use std::path::PathBuf;

/// A setting and its value.
#[derive(Debug, Clone)]
pub struct ShownSetting {
    /// Its name in a file of settings.
    pub name: &'static str,
    /// Its environment variable.
    pub variable: String,
    /// Its value, with what is secret in it hidden, and where that came from; `None` if it has none.
    pub value: Option<(String, SettingOrigin)>,
    /// The allowed values, in Chinese.
    pub allowed_chinese: &'static str,
    /// The allowed values, in English.
    pub allowed_english: &'static str,
}

/// Where a setting's value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingOrigin {
    /// The default.
    Default,
    /// This file.
    File(PathBuf),
    /// An environment variable.
    Environment,
    /// A flag of the command.
    Flag,
}
