//! Verifies an archive before it is restored.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use yilin_domain::file::ContentId;
use yilin_ipfs::{CidHasher, EmbeddedStore};

use super::write::EntriesDigest;
use super::{ArchiveError, Entry, FORMAT, Header, Manifest, each_entry};

/// The most bytes of an entry that is not a file: a chunk of rows ends after a megabyte and one row more.
const LARGEST_ENTRY: u64 = 256 << 20;

/// An archive that is whole.
#[derive(Debug)]
pub(crate) struct Verified {
    /// Its header.
    pub(crate) header: Header,
    /// Its manifest.
    pub(crate) manifest: Manifest,
}

/// What has been seen so far.
#[derive(Default)]
struct Seen {
    header: Option<Header>,
    manifest: Option<Manifest>,
    digest: EntriesDigest,
    rows: BTreeMap<String, u64>,
    files: u64,
    bytes: u64,
    damaged: Vec<String>,
    /// The folder of files beside it, if they are looked at.
    beside: Option<EmbeddedStore>,
    lost: Vec<String>,
}

/// Reads an archive as a whole: nothing of it is cut off, changed, or newer than this version. The files beside it are read too, if
/// their folder is given. Tells the number of bytes of each entry.
pub(crate) fn verify(
    archive: &Path,
    beside: Option<&Path>,
    tell: impl Fn(u64),
) -> Result<Verified, ArchiveError> {
    let mut seen = Seen { beside: beside.map(EmbeddedStore::read_only), ..Seen::default() };
    each_entry(archive, |path, entry, size, content| {
        tell(size);
        if seen.manifest.is_some() {
            return Err(ArchiveError::damaged(path));
        }
        match entry {
            Entry::File(cid) => seen.file(path, cid, size, content),
            entry => seen.other(path, entry, size, content),
        }
    })?;
    let (Some(header), Some(manifest)) = (seen.header, seen.manifest) else {
        return Err(ArchiveError::damaged("cut off: manifest.json"));
    };
    let rows: BTreeMap<_, _> = manifest.rows.iter().filter(|(_, rows)| *rows > 0).cloned().collect();
    if seen.rows != rows || (seen.files, seen.bytes) != (manifest.files, manifest.bytes) {
        return Err(ArchiveError::damaged("manifest.json"));
    }
    ArchiveError::ensure_none_lost(&seen.lost)?;
    // Those that were damaged before the backup are named in it, and are no reason to lose all others.
    match seen.damaged.into_iter().find(|cid| !manifest.damaged.contains(cid)) {
        Some(cid) => Err(ArchiveError::damaged(format!("files/{cid}"))),
        None => Ok(Verified { header, manifest }),
    }
}

impl Seen {
    fn file(
        &mut self,
        path: &str,
        cid: String,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        self.digest.add_file(path, size);
        self.files += 1;
        self.bytes += size;
        if cid_of(content)?.is_none_or(|found| found.as_str() != cid) {
            self.damaged.push(cid);
        }
        Ok(())
    }

    fn other(
        &mut self,
        path: &str,
        entry: Entry,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), ArchiveError> {
        let mut bytes = Vec::new();
        content.take(LARGEST_ENTRY).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()) != Ok(size) {
            return Err(ArchiveError::damaged(path));
        }
        let parsed = |_| ArchiveError::damaged(path);
        match entry {
            Entry::Header => {
                refuse_newer(&bytes)?;
                self.header = Some(serde_json::from_slice(&bytes).map_err(parsed)?);
            }
            Entry::Manifest => {
                let manifest: Manifest = serde_json::from_slice(&bytes).map_err(parsed)?;
                if manifest.digest != std::mem::take(&mut self.digest).finish() {
                    return Err(ArchiveError::damaged("SHA-256"));
                }
                self.manifest = Some(manifest);
                return Ok(());
            }
            Entry::Rows(table) => {
                let rows = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count();
                *self.rows.entry(table).or_default() += u64::try_from(rows).unwrap_or(u64::MAX);
            }
            Entry::FileList => {
                for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                    let listed = std::str::from_utf8(line).ok().and_then(|line| line.split_once(' '));
                    let listed = listed
                        .and_then(|(cid, size)| Some((ContentId::parse(cid).ok()?, size.parse().ok()?)));
                    let (cid, size): (ContentId, u64) = listed.ok_or_else(|| ArchiveError::damaged(path))?;
                    self.files += 1;
                    self.bytes += size;
                    if self.beside.as_ref().map_or(Ok(true), |beside| beside.has_whole(&cid, size))? {
                        continue;
                    }
                    self.lost.push(cid.as_str().to_owned());
                }
            }
            Entry::SigningSecret | Entry::Settings | Entry::File(_) => {}
        }
        self.digest.add(path, &bytes);
        Ok(())
    }
}

/// A header of a newer format need not have what this version knows; but it says so.
fn refuse_newer(header: &[u8]) -> Result<(), ArchiveError> {
    let header: serde_json::Value =
        serde_json::from_slice(header).map_err(|_| ArchiveError::damaged("yilin-backup.json"))?;
    match header["format"].as_u64() {
        Some(format) if format <= u64::from(FORMAT) => Ok(()),
        Some(_) => {
            let version = header["version"].as_str().unwrap_or("?").to_owned();
            Err(ArchiveError::Newer { version })
        }
        None => Err(ArchiveError::NotOurs),
    }
}

/// The CID of a content.
fn cid_of(content: &mut dyn Read) -> Result<Option<ContentId>, ArchiveError> {
    let (mut hasher, mut buffer) = (CidHasher::new(), vec![0; 64 * 1024]);
    loop {
        match content.read(&mut buffer)? {
            0 => return Ok(hasher.finish().ok()),
            read => hasher.update(buffer.get(..read).unwrap_or_default()),
        }
    }
}
