//! Permission checks of files that contain secrets.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use figment::value::Dict;
use url::Url;

use super::catalogue::{ALL, Setting};
use super::error::SettingsError;
use super::sources::as_text;

const GROUP_READ: u32 = 0o040;
const OTHERS_READ_OR_ANY_WRITE: u32 = 0o027;

/// Others may write.
const OTHERS_WRITE: u32 = 0o002;

/// Rejects a file that everybody can change, whatever it holds: it decides where texts and passwords are sent. And
/// rejects a file with secrets that other users can read or change, as SSH does for keys: it must belong to
/// this process's user or to root, and not be accessible to others. Root's file may be readable by a group,
/// so that an unprivileged service can read it.
pub(super) fn refuse_exposed(path: &Path, values: &Dict) -> Result<(), SettingsError> {
    let secrets: Vec<_> = ALL.iter().filter(|setting| holds_secret(setting, values)).collect();
    let metadata = std::fs::metadata(path)
        .map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
    let (owner, mode) = (metadata.uid(), metadata.permissions().mode() & 0o7777);
    let exposes = !secrets.is_empty() && !is_private(owner, rustix::process::geteuid().as_raw(), mode);
    if !exposes && mode & OTHERS_WRITE != 0 {
        return Err(SettingsError::Changeable { path: path.to_owned(), mode });
    }
    if !exposes {
        return Ok(());
    }
    let secrets = secrets.iter().map(|setting| setting.key).collect();
    Err(SettingsError::Exposed { path: path.to_owned(), secrets, mode })
}

fn is_private(owner: u32, user: u32, mode: u32) -> bool {
    const ROOT: u32 = 0;
    // Root reads the same file before it becomes the service's user.
    let forbidden = if owner == user && owner != ROOT {
        GROUP_READ | OTHERS_READ_OR_ANY_WRITE
    } else {
        OTHERS_READ_OR_ANY_WRITE
    };
    (owner == user || owner == ROOT) && mode & forbidden == 0
}

/// Whether the file sets this secret. A URL only counts if it contains a password, also in its query.
fn holds_secret(setting: &Setting, values: &Dict) -> bool {
    let Some(value) = values.get(setting.key).filter(|_| setting.secret) else { return false };
    let text = as_text(value).unwrap_or_default();
    match Url::parse(&text) {
        Ok(url) if setting.is_url() => {
            url.password().is_some() || url.query_pairs().any(|(name, _)| name.contains("password"))
        }
        Err(_) if setting.is_url() => false,
        _ => !text.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_secrets_may_only_be_writable_by_the_service_and_root() {
        let (service, root, another) = (1000, 0, 1001);
        for (owner, mode, private) in [
            (service, 0o600, true),
            (service, 0o400, true),
            (service, 0o640, false),
            (service, 0o604, false),
            (service, 0o620, false),
            (root, 0o600, true),
            (root, 0o640, true),
            (root, 0o644, false),
            (root, 0o660, false),
            (another, 0o640, false),
            (another, 0o600, false),
        ] {
            assert_eq!(is_private(owner, service, mode), private, "{owner} {mode:o}");
        }
        assert!(is_private(root, root, 0o640) && !is_private(root, root, 0o660));
    }
}
