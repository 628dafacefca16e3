//! Makes an archive.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::runtime::Handle;
use yilin_domain::file::ContentId;
use yilin_domain::port::{AddFileError, FileStore, PortError};
use yilin_domain::time::Timestamp;
use yilin_ipfs::{EmbeddedStore, OpenStoreError};
use yilin_storage::{Cell, Row, Snapshot, Table, TransferError};

use super::{ArchiveWriter, Entry, FORMAT, FileReader, Files, Header, Manifest, TableShape, TableWriter};
use crate::progress::Progress;

/// How many lines of a list of files are one entry.
const LISTED_AT_ONCE: usize = 10_000;

/// Why there is no backup, or not a whole one.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BackupError {
    /// The tables cannot be read.
    #[error("无法读取数据库 / cannot read the database")]
    Tables(#[from] TransferError),
    /// The files cannot be read.
    #[error("无法读取文件库 / cannot read the file store")]
    Files(#[from] PortError),
    /// The folder's files cannot be used.
    #[error("无法使用备份文件夹 / cannot use the folder of the backup")]
    Folder(#[from] OpenStoreError),
    /// A file cannot be copied into the folder.
    #[error("无法复制文件 / cannot copy a file into the folder of the backup")]
    Copy(#[source] AddFileError),
    /// The archive cannot be written.
    #[error("无法写入备份 / cannot write the backup {}", .path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of settings cannot be read.
    #[error("无法读取 / cannot read {}", .path.display())]
    Settings {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Archives are no text.
    #[error("备份不能输出到终端 / a backup is not for a terminal: name a file, or send it through a pipe")]
    Terminal,
    /// `--keep` is for folders.
    #[error("--keep 只用于文件夹 / --keep is for a folder")]
    KeepWithoutFolder,
    /// There is a file of this name.
    #[error("文件已存在 / the file is there already: {}", .path.display())]
    Taken {
        /// Its name.
        path: PathBuf,
    },
    /// The rest is in the backup, and the backup can be restored.
    #[error(
        "备份已完成，但有 {missing} 个文件缺失、{damaged} 个文件损坏 / the backup is made, but {missing} files were missing and \
         {damaged} damaged"
    )]
    Incomplete {
        /// How many were not there.
        missing: usize,
        /// How many were not what their CIDs say.
        damaged: usize,
    },
}

/// Where a backup goes.
pub(crate) enum Target {
    /// Everything into one file, which gets its name when it is whole.
    File(PathBuf),
    /// Everything to standard output.
    Output,
    /// An archive into a folder, with the files beside it, each of them once.
    Folder {
        /// The archive.
        archive: PathBuf,
        /// The files.
        files: EmbeddedStore,
    },
}

/// What a backup is made of.
pub(crate) struct Backup {
    /// The database.
    pub(crate) url: String,
    /// The file store.
    pub(crate) files: Arc<dyn FileStore>,
    /// What reads from it.
    pub(crate) runtime: Handle,
    /// What tokens are signed with, if the service made that itself.
    pub(crate) signing_secret: Option<Vec<u8>>,
    /// The files of settings.
    pub(crate) settings: Vec<PathBuf>,
    /// When it is made.
    pub(crate) made_at: Timestamp,
}

/// A backup that is made.
pub(crate) struct Made {
    /// Where it is.
    pub(crate) place: String,
    /// What is in it.
    pub(crate) manifest: Manifest,
}

impl Backup {
    /// Writes it. Whatever stops this leaves no archive behind that looks like a whole one.
    pub(crate) fn write(&self, target: &Target) -> Result<Made, BackupError> {
        let (path, beside) = match target {
            Target::Output => {
                let failed = |source| BackupError::Write { path: PathBuf::from("-"), source };
                let (output, manifest) = self.write_to(io::stdout().lock(), None, &failed)?;
                BufWriter::new(output).flush().map_err(failed)?;
                return Ok(Made { place: "-".to_owned(), manifest });
            }
            Target::File(path) => (path, None),
            Target::Folder { archive, files } => (archive, Some(files)),
        };
        let failed = |source| BackupError::Write { path: path.clone(), source };
        let mut unfinished = path.clone().into_os_string();
        unfinished.push(".part");
        let unfinished = PathBuf::from(unfinished);
        let mut options = OpenOptions::new();
        let file = options.create(true).write(true).truncate(true).mode(0o600).open(&unfinished);
        let (file, manifest) = self.write_to(file.map_err(failed)?, beside, &failed)?;
        file.sync_all()
            .and_then(|()| std::fs::rename(&unfinished, path))
            .and_then(|()| sync_folder_of(path))
            .map_err(failed)?;
        Ok(Made { place: path.display().to_string(), manifest })
    }

    fn write_to<W: Write>(
        &self,
        sink: W,
        beside: Option<&EmbeddedStore>,
        failed: &impl Fn(io::Error) -> BackupError,
    ) -> Result<(W, Manifest), BackupError> {
        let mut snapshot = Snapshot::open(&self.url)?;
        let tables = snapshot.tables()?;
        let header = Header {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            made_at: self.made_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
            migrations: snapshot.migrations()?,
            files: if beside.is_some() { Files::Beside } else { Files::Inside },
            tables: tables.iter().map(TableShape::from).collect(),
        };
        let made_at = u64::try_from(self.made_at.timestamp()).unwrap_or_default();
        let mut archive = ArchiveWriter::new(BufWriter::new(sink), &header, made_at).map_err(failed)?;
        let (mut manifest, mut cids) = (Manifest::default(), BTreeMap::new());
        let progress = Progress::new("行 rows");
        for table in &tables {
            let mut writer = TableWriter::new(table);
            snapshot.read(table, |row| {
                cids.extend(files_of_row(table, &row));
                writer.add(&mut archive, row).map_err(failed)?;
                progress.tell(writer.rows, 0);
                Ok::<_, BackupError>(())
            })?;
            writer.flush(&mut archive).map_err(failed)?;
            manifest.rows.push((table.name.clone(), writer.rows));
        }
        // Not kept open while files are copied, which may take long.
        drop(snapshot);
        progress.end();
        if let Some(secret) = &self.signing_secret {
            archive.entry(Entry::SIGNING_SECRET, secret).map_err(failed)?;
        }
        for path in &self.settings {
            let unreadable = |source| BackupError::Settings { path: path.clone(), source };
            let content = std::fs::read(path).map_err(unreadable)?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            archive.entry(&format!("{}{name}", Entry::SETTINGS), &content).map_err(failed)?;
        }
        match beside {
            None => self.files_inside(&mut archive, &cids, &mut manifest, failed)?,
            Some(folder) => self.files_beside(folder, &mut archive, &cids, &mut manifest, failed)?,
        }
        let written = archive.finish(manifest.clone()).map_err(failed)?;
        let sink = written.into_inner().map_err(|error| failed(error.into_error()))?;
        Ok((sink, manifest))
    }

    /// Opens a file of the store: how many bytes it has, and a reader.
    fn open(&self, cid: &str) -> Result<Option<(u64, FileReader)>, BackupError> {
        let Ok(id) = ContentId::parse(cid) else { return Ok(None) };
        let Some(size) = self.runtime.block_on(self.files.size(&id))? else { return Ok(None) };
        let stream = self.runtime.block_on(self.files.read(&id, 0..size))?;
        Ok(stream.map(|stream| (size, FileReader::new(self.runtime.clone(), stream, size))))
    }

    fn files_inside<W: Write>(
        &self,
        archive: &mut ArchiveWriter<W>,
        cids: &BTreeMap<String, u64>,
        manifest: &mut Manifest,
        failed: &impl Fn(io::Error) -> BackupError,
    ) -> Result<(), BackupError> {
        let progress = Progress::new("文件 files");
        for cid in cids.keys() {
            let Some((size, mut reader)) = self.open(cid)? else {
                manifest.missing.push(cid.clone());
                continue;
            };
            archive.file(cid, size, &mut reader).map_err(failed)?;
            if !reader.was(cid) {
                manifest.damaged.push(cid.clone());
            }
            manifest.files += 1;
            manifest.bytes += size;
            progress.tell(manifest.files, manifest.bytes);
        }
        progress.end();
        Ok(())
    }

    fn files_beside<W: Write>(
        &self,
        folder: &EmbeddedStore,
        archive: &mut ArchiveWriter<W>,
        cids: &BTreeMap<String, u64>,
        manifest: &mut Manifest,
        failed: &impl Fn(io::Error) -> BackupError,
    ) -> Result<(), BackupError> {
        let progress = Progress::new("文件 files");
        let (mut list, mut lists, mut listed) = (String::new(), 0, 0);
        for (cid, size) in cids {
            let Ok(id) = ContentId::parse(cid) else {
                manifest.missing.push(cid.clone());
                continue;
            };
            if self.runtime.block_on(folder.size(&id))? != Some(*size) {
                let Some(stream) = self.runtime.block_on(self.files.read(&id, 0..*size))? else {
                    manifest.missing.push(cid.clone());
                    continue;
                };
                let added = self.runtime.block_on(folder.add(stream, u64::MAX)).map_err(BackupError::Copy)?;
                if added.cid != id {
                    // What it is now got a place under its own name; the file of this name is lost.
                    manifest.damaged.push(cid.clone());
                    continue;
                }
            }
            list.extend([cid, " ", &size.to_string(), "\n"]);
            listed += 1;
            manifest.files += 1;
            manifest.bytes += size;
            progress.tell(manifest.files, manifest.bytes);
            if listed % LISTED_AT_ONCE == 0 {
                archive.entry(&list_name(&mut lists), list.as_bytes()).map_err(failed)?;
                list.clear();
            }
        }
        progress.end();
        if list.is_empty() {
            Ok(())
        } else {
            archive.entry(&list_name(&mut lists), list.as_bytes()).map_err(failed)
        }
    }
}

fn list_name(lists: &mut u32) -> String {
    let name = format!("{}{lists:06}.txt", Entry::FILE_LIST);
    *lists += 1;
    name
}

/// The file that a row is about, and its bytes: whatever a record names was uploaded by somebody, or is in the node.
pub(crate) fn files_of_row(table: &Table, row: &Row) -> Option<(String, u64)> {
    if !["upload", "pin"].contains(&table.name.as_str()) {
        return None;
    }
    let cell =
        |name: &str| table.columns.iter().position(|column| column.name == name).and_then(|at| row.get(at));
    match (cell("cid"), cell("size")) {
        (Some(Cell::Text(cid)), Some(Cell::Integer(size))) => {
            Some((cid.clone(), u64::try_from(*size).unwrap_or_default()))
        }
        _ => None,
    }
}

/// The file's name, too, must survive a power failure.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
