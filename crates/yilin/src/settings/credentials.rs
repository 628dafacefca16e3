//! Settings from systemd's credentials: a file each, named as the setting, in a folder that only the service can read.

use std::io;
use std::path::{Path, PathBuf};

use figment::value::{Dict, Value};

use super::error::SettingsError;

/// The variable that names the folder (systemd.exec(5), `LoadCredential=`).
const FOLDER: &str = "CREDENTIALS_DIRECTORY";

/// The credentials that this process was given.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    folder: PathBuf,
    /// Their texts by name.
    pub(super) values: Dict,
}

impl Credentials {
    /// Reads them; none if the process was not given any.
    pub(super) fn read(environment: &[(String, String)]) -> Result<Self, SettingsError> {
        let named = environment.iter().find(|(name, value)| name == FOLDER && !value.is_empty());
        let Some((_, folder)) = named else { return Ok(Self::default()) };
        let folder = PathBuf::from(folder);
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |source| SettingsError::Unreadable { path, source }
        };
        let mut values = Dict::new();
        for entry in folder.read_dir().map_err(unreadable(&folder))? {
            let name = entry.map_err(unreadable(&folder))?.file_name().to_string_lossy().into_owned();
            // Volumes of Kubernetes keep files of their own beside the secrets.
            if !name.starts_with('.') {
                let path = folder.join(&name);
                let text = text_of(&path).map_err(unreadable(&path))?;
                values.insert(name, Value::from(text));
            }
        }
        Ok(Self { folder, values })
    }

    /// The file of a credential.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The files of all of them.
    pub(super) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.values.keys().map(|name| self.path(name))
    }
}

/// The text, without the line end that editors and `echo` leave.
fn text_of(path: &Path) -> io::Result<String> {
    let text = std::fs::read_to_string(path)?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;
    use std::os::unix::fs::PermissionsExt as _;

    use super::super::{Flags, Places, Settings};
    use super::*;

    struct Given(tempfile::TempDir);

    impl Given {
        fn new(credentials: &[(&str, &[u8])]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            std::fs::create_dir(folder.path().join("credentials")).unwrap();
            let given = Self(folder);
            for (name, content) in credentials {
                let path = given.credential(name);
                std::fs::write(&path, content).unwrap();
                std::fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
            }
            given
        }

        fn credential(&self, name: &str) -> PathBuf {
            self.0.path().join("credentials").join(name)
        }

        fn load(&self, variables: &[(&str, &str)]) -> Result<Settings, SettingsError> {
            let folder = self.credential("").to_str().unwrap().to_owned();
            let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let environment: Vec<_> = variables.chain([(FOLDER.to_owned(), folder)]).collect();
            let places = Places { directory: self.0.path(), system_file: Path::new("/nowhere/yilin.toml") };
            Settings::load(&Flags::default(), &environment, places)
        }
    }

    #[test]
    fn a_credential_is_a_setting_stronger_than_files_and_weaker_than_variables() {
        let given = Given::new(&[
            ("admin_password", b"from systemd\n"),
            ("initial_password", b"welcome-42"),
            ("metrics_token", b""),
            ("..data", b"not ours"),
        ]);
        std::fs::write(given.0.path().join("yilin.toml"), "initial_password = 'from the file'").unwrap();
        std::fs::set_permissions(given.0.path().join("yilin.toml"), Permissions::from_mode(0o600)).unwrap();
        let settings = given.load(&[]).unwrap();
        assert_eq!(settings.admin_password.reveal(), "from systemd");
        assert_eq!(settings.initial_password.reveal(), "welcome-42");
        assert!(settings.metrics_token.is_none(), "an empty one counts as unset");
        let origin =
            |key| settings.effective.iter().find(|set| set.setting.key == key).map(|set| &set.origin);
        let path = given.credential("admin_password");
        assert!(origin("admin_password").unwrap().to_string().contains(path.to_str().unwrap()));
        assert!(settings.files.contains(&path), "it goes into backups");
        let stronger = given.load(&[("YILIN_INITIAL_PASSWORD", "from a variable")]).unwrap();
        assert_eq!(stronger.initial_password.reveal(), "from a variable");
    }

    #[test]
    fn credentials_with_wrong_names_values_or_permissions_are_reported() {
        let given = Given::new(&[("admin_pasword", b"x"), ("jwt_secret", b"too short")]);
        let message = given.load(&[]).unwrap_err().to_string();
        assert!(message.contains("admin_pasword") && message.contains("admin_password"), "{message}");
        assert!(message.contains("jwt_secret") && !message.contains("too short"), "{message}");

        let given = Given::new(&[("jwt_secret", &[0xff; 40])]);
        assert!(given.load(&[]).unwrap_err().to_string().contains("jwt_secret"));

        let given = Given::new(&[("llm_api_key", b"hush")]);
        std::fs::set_permissions(given.credential("llm_api_key"), Permissions::from_mode(0o444)).unwrap();
        let message = given.load(&[]).unwrap_err().to_string();
        assert!(message.contains("other users may read"), "{message}");

        let given = Given::new(&[]);
        std::fs::remove_dir(given.credential("")).unwrap();
        assert!(given.load(&[]).unwrap_err().to_string().contains("credentials"));
    }
}
