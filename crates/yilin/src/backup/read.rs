//! Reads the entries of an archive.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use super::ArchiveError;

/// The first entry.
pub(super) const HEADER: &str = "yilin-backup.json";
/// The last entry.
pub(super) const MANIFEST: &str = "manifest.json";
/// The folder of files.
pub(super) const FILES: &str = "files/";

/// What kind of entry a path is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// The header.
    Header,
    /// Rows of this table.
    Rows(String),
    /// The key that tokens are signed with.
    SigningSecret,
    /// A file of settings.
    Settings,
    /// A list of files beside the archive.
    FileList,
    /// The file of this CID.
    File(String),
    /// The manifest.
    Manifest,
}

impl Entry {
    /// The path of the key that tokens are signed with.
    pub(crate) const SIGNING_SECRET: &str = "secrets/jwt";
    /// The folder of files of settings.
    pub(crate) const SETTINGS: &str = "settings/";
    /// The folder of lists of files.
    pub(crate) const FILE_LIST: &str = "file-list/";

    fn of(path: &str) -> Option<Self> {
        match path {
            HEADER => return Some(Self::Header),
            MANIFEST => return Some(Self::Manifest),
            Self::SIGNING_SECRET => return Some(Self::SigningSecret),
            _ => {}
        }
        if let Some(cid) = path.strip_prefix(FILES) {
            return Some(Self::File(cid.to_owned()));
        }
        if let Some(rest) = path.strip_prefix("tables/") {
            return rest.split_once('/').map(|(table, _)| Self::Rows(table.to_owned()));
        }
        if path.starts_with(Self::FILE_LIST) {
            return Some(Self::FileList);
        }
        path.starts_with(Self::SETTINGS).then_some(Self::Settings)
    }
}

/// Gives every entry of an archive: its path, what it is, its size and its content.
pub(crate) fn each_entry<E: From<ArchiveError>>(
    archive: &Path,
    mut visit: impl FnMut(&str, Entry, u64, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let io = |error| E::from(ArchiveError::Read(error));
    let file = BufReader::new(File::open(archive).map_err(io)?);
    // What is no zstd has no frame.
    let decoder = zstd::Decoder::with_buffer(file).map_err(|_| ArchiveError::NotOurs)?;
    let mut tar = tar::Archive::new(decoder);
    for (number, entry) in tar.entries().map_err(io)?.enumerate() {
        let mut entry = match entry {
            Err(_) if number == 0 => return Err(ArchiveError::NotOurs.into()),
            entry => entry.map_err(io)?,
        };
        let path = String::from_utf8(entry.path_bytes().into_owned()).map_err(|_| ArchiveError::NotOurs)?;
        let kind = Entry::of(&path).ok_or_else(|| ArchiveError::damaged(&path))?;
        if (number == 0) != (kind == Entry::Header) {
            return Err(ArchiveError::NotOurs.into());
        }
        let size = entry.size();
        visit(&path, kind, size, &mut entry)?;
    }
    Ok(())
}
