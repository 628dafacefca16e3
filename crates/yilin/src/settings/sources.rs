//! Sources of settings, in increasing priority: defaults, file, secrets file, credentials, environment, flags.

use std::path::{Path, PathBuf};

use figment::providers::{Format as _, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use super::catalogue::{ALL, SECRETS_FILE, Setting, VARIABLE_PREFIX};
use super::credentials::Credentials;
use super::error::{Origin, Problem, SettingsError, UnknownName};
use super::flags::Flags;
use super::parse::NotAllowed;
use super::permissions::refuse_exposed;

/// The file read if it exists and no other is given.
const DEFAULT_FILE: &str = "yilin.toml";

/// Where files of settings are looked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places<'a> {
    /// Where relative paths start, and where `yilin.toml` is looked for.
    pub(crate) directory: &'a Path,
    /// The file that is read if there is none in the directory, and none is named.
    pub(crate) system_file: &'a Path,
}

/// Prefix of variables for the project's own tests, which may be set in the service's environment.
const TEST_PREFIX: &str = "YILIN_TEST_";

/// The merged sources, with the source of each value.
pub(super) struct Sources {
    figment: Figment,
    /// The file of settings.
    pub(super) file: Option<PathBuf>,
    /// The file of secrets.
    pub(super) secrets_file: Option<PathBuf>,
    /// What systemd gives the service.
    pub(super) credentials: Credentials,
    problems: Vec<Problem>,
    unknown: Vec<UnknownName>,
}

impl Sources {
    /// Reads the sources.
    pub(super) fn read(
        flags: &Flags,
        environment: &[(String, String)],
        places: Places<'_>,
    ) -> Result<Self, SettingsError> {
        let file = config_file(flags, places);
        let from_file = file.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let named = [&flags.values(), &variables(environment), &from_file].into_iter().find_map(|source| {
            source.get(SECRETS_FILE.key).and_then(as_text).filter(|path| !path.is_empty())
        });
        let secrets_file = named.map(|path| places.directory.join(path));
        let from_secrets = secrets_file.as_deref().map(read_file).transpose()?.unwrap_or_default();
        let files = [(&file, &from_file), (&secrets_file, &from_secrets)];
        let files = files.into_iter().filter_map(|(path, values)| Some((path.as_deref()?, values)));
        let mut unknown = Vec::new();
        for (path, values) in files {
            refuse_exposed(path, values)?;
            unknown.extend(unknown_keys(values, |_| path.to_owned()));
        }
        let credentials = Credentials::read(environment)?;
        for (name, value) in &credentials.values {
            refuse_exposed(&credentials.path(name), &Dict::from([(name.clone(), value.clone())]))?;
        }
        unknown.extend(unknown_keys(&credentials.values, |name| credentials.path(name)));
        unknown.extend(unknown_variables(environment));
        let figment = Figment::from(Texts::new(DEFAULTS, defaults()))
            .merge(Texts::new(FILE, from_file))
            .merge(Texts::new(SECRETS, from_secrets))
            .merge(Texts::new(CREDENTIALS, non_empty(&credentials.values)))
            .merge(Texts::new(ENVIRONMENT, variables(environment)))
            .merge(Texts::new(FLAGS, flags.values()));
        Ok(Self { figment, file, secrets_file, credentials, problems: Vec::new(), unknown })
    }

    /// All files that settings were read from.
    pub(super) fn files(&self) -> Vec<PathBuf> {
        let named = [&self.file, &self.secrets_file].into_iter().flatten().cloned();
        named.chain(self.credentials.paths()).collect()
    }

    /// A setting's text and where it came from, whether it is allowed or not; `None` where it has no value.
    pub(super) fn text_and_origin(&self, setting: &Setting) -> Option<(String, Origin)> {
        let value = self.figment.find_value(setting.key).ok()?;
        let text = as_text(&value).filter(|text| !text.is_empty())?;
        Some((text, self.origin(setting, &value)))
    }

    /// The setting's value, if it has one. An invalid value is noted and `None`.
    pub(super) fn get<T>(
        &mut self,
        setting: &'static Setting,
        parse: impl FnOnce(&str) -> Result<T, NotAllowed>,
    ) -> Option<T> {
        let value = self.figment.find_value(setting.key).ok()?;
        let text = as_text(&value);
        if text.as_deref() == Some("") && setting.default.is_none() {
            return None;
        }
        let parsed = text.as_deref().ok_or(NotAllowed).and_then(parse);
        parsed.map_err(|NotAllowed| self.note(setting, &value, text.clone())).ok()
    }

    /// Reports a setting that is required by another one but has no value.
    pub(super) fn miss(&mut self, setting: &'static Setting) {
        if !self.problems.iter().any(|problem| problem.setting == setting) {
            self.problems.push(Problem { setting, origin: Origin::Default, value: None });
        }
    }

    /// The settings, if every value is valid and every name known.
    pub(super) fn finish<T>(self, settings: Option<T>) -> Result<T, SettingsError> {
        match settings {
            Some(settings) if self.problems.is_empty() && self.unknown.is_empty() => Ok(settings),
            _ => Err(SettingsError::Bad { problems: self.problems, unknown: self.unknown }),
        }
    }

    fn note(&mut self, setting: &'static Setting, value: &Value, text: Option<String>) {
        let origin = self.origin(setting, value);
        let value = text.filter(|_| !setting.secret);
        self.problems.push(Problem { setting, origin, value });
    }

    fn origin(&self, setting: &Setting, value: &Value) -> Origin {
        let source = self.figment.get_metadata(value.tag()).map(|metadata| metadata.name.clone());
        match (source.as_deref(), &self.file, &self.secrets_file) {
            (Some(FILE), Some(path), _) | (Some(SECRETS), _, Some(path)) => Origin::File(path.clone()),
            (Some(CREDENTIALS), ..) => Origin::File(self.credentials.path(setting.key)),
            (Some(ENVIRONMENT), ..) => Origin::Environment,
            (Some(FLAGS), ..) => Origin::Flag,
            _ => Origin::Default,
        }
    }
}

/// Variables with our prefix that are not settings.
fn unknown_variables(environment: &[(String, String)]) -> impl Iterator<Item = UnknownName> {
    let ours = environment
        .iter()
        .map(|(name, _)| name)
        .filter(|name| name.starts_with(VARIABLE_PREFIX) && !name.starts_with(TEST_PREFIX));
    let unknown = ours.filter(|name| !ALL.iter().any(|setting| setting.variable() == **name));
    unknown.map(|name| UnknownName {
        name: name.clone(),
        origin: Origin::Environment,
        nearest: nearest(name, Setting::variable),
    })
}

/// The setting's name, formatted by `name_of`, that is most similar to this text.
fn nearest(text: &str, name_of: impl Fn(&Setting) -> String) -> String {
    let names = ALL.iter().map(|setting| name_of(setting));
    names.min_by_key(|name| strsim::damerau_levenshtein(name, text)).unwrap_or_default()
}

const DEFAULTS: &str = "defaults";
const FILE: &str = "file";
const SECRETS: &str = "secrets";
const CREDENTIALS: &str = "credentials";
const ENVIRONMENT: &str = "environment";
const FLAGS: &str = "flags";

/// One source. Texts stay texts: figment's own environment provider would convert the password `007` to a
/// number and `true` to a boolean.
struct Texts {
    name: &'static str,
    values: Dict,
}

impl Texts {
    fn new(name: &'static str, values: Dict) -> Self {
        Self { name, values }
    }
}

impl Provider for Texts {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Ok(Profile::Default.collect(self.values.clone()))
    }
}

fn defaults() -> Dict {
    let default = |setting: &&Setting| Some((setting.key.to_owned(), setting.default?.into()));
    ALL.iter().filter_map(default).collect()
}

/// An empty variable counts as unset: compose files pass unset variables that way.
fn variables(environment: &[(String, String)]) -> Dict {
    let value = |setting: &&Setting| {
        let name = setting.variable();
        let (_, value) = environment.iter().find(|(variable, _)| *variable == name)?;
        (!value.is_empty()).then(|| (setting.key.to_owned(), value.as_str().into()))
    };
    ALL.iter().filter_map(value).collect()
}

fn config_file(flags: &Flags, places: Places<'_>) -> Option<PathBuf> {
    let Some(named) = &flags.config else {
        let usual = [places.directory.join(DEFAULT_FILE), places.system_file.to_owned()];
        return usual.into_iter().find(|path| path.is_file());
    };
    Some(places.directory.join(named))
}

fn read_file(path: &Path) -> Result<Dict, SettingsError> {
    // The parser's own error names neither the file nor the reason.
    std::fs::File::open(path)
        .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
    let data = Toml::file_exact(path).data().map_err(|error| SettingsError::NotToml {
        path: path.to_owned(),
        reason: place_and_reason(&error.to_string()),
    })?;
    Ok(data.into_values().flatten().collect())
}

/// Removes the excerpt (`3 | jwt_secret = …`) from a parser's message.
fn place_and_reason(message: &str) -> String {
    let lines = message.lines().map(str::trim).filter(|line| !line.contains('|') && !line.is_empty());
    lines.collect::<Vec<_>>().join(": ")
}

/// An empty credential counts as unset, as an empty variable does.
fn non_empty(values: &Dict) -> Dict {
    let set = values.iter().filter(|(_, value)| as_text(value).is_some_and(|text| !text.is_empty()));
    set.map(|(name, value)| (name.clone(), value.clone())).collect()
}

fn unknown_keys(values: &Dict, path_of: impl Fn(&str) -> PathBuf) -> Vec<UnknownName> {
    let known = |key: &str| ALL.iter().any(|setting| setting.key == key);
    let unknown = values.keys().filter(|key| !known(key));
    unknown
        .map(|key| UnknownName {
            name: key.clone(),
            origin: Origin::File(path_of(key)),
            nearest: nearest(key, |setting| setting.key.to_owned()),
        })
        .collect()
}

/// A value in the form of the environment; lists with commas. `None` for a table.
pub(super) fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Bool(_, flag) => Some(flag.to_string()),
        Value::Num(_, number) => {
            let whole = number.to_i128().map(|number| number.to_string());
            let whole = whole.or_else(|| number.to_u128().map(|number| number.to_string()));
            whole.or_else(|| number.to_f64().map(|number| number.to_string()))
        }
        Value::Array(_, items) => {
            let items: Option<Vec<_>> = items.iter().map(as_text).collect();
            Some(items?.join(","))
        }
        Value::Char(..) | Value::Empty(..) | Value::Dict(..) => None,
    }
}
