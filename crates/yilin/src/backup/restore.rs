//! Restores an archive into an empty installation.

use std::io::{self, Read};
use std::path::PathBuf;

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::runtime::Handle;
use yilin_domain::file::ContentId;
use yilin_domain::port::{AddFileError, FileStore as _, PortError};
use yilin_ipfs::{EmbeddedStore, OpenStoreError};
use yilin_storage::{Cell, Kind, Loader, Steps, Table, TransferError};

use super::{ArchiveError, Entry, Files, Verified, each_entry, parse_row};
use crate::progress::Progress;
use crate::secret;

/// Why a backup was not restored. The database is as it was, unless the error is [`Incomplete`](Self::Incomplete).
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestoreError {
    /// The archive is no good.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The database has records.
    #[error(
        "数据库中已有数据（{table}），未做任何更改；请恢复到空库：SQLite 请先移走 yilin.db，MariaDB 请新建数据库 / the database has \
         records (in {table}), and nothing was changed: restore into an empty one (SQLite: move yilin.db away first; MariaDB: \
         make a new database)"
    )]
    NotEmpty {
        /// A table with rows in it.
        table: String,
    },
    /// The tables cannot be written.
    #[error("无法写入数据库 / cannot write to the database")]
    Tables(#[source] TransferError),
    /// The folder of files cannot be used.
    #[error("无法打开备份旁的文件夹 / cannot use the folder of files beside the backup")]
    Beside(#[from] OpenStoreError),
    /// Some of the files beside it could not be restored; everything else was.
    #[error("除以下文件外均已恢复 / everything was restored except files")]
    Incomplete(#[source] ArchiveError),
    /// Files cannot be read.
    #[error("无法读取文件 / cannot read files")]
    Files(#[from] PortError),
    /// Files cannot be kept.
    #[error("无法写入文件 / cannot keep files")]
    Keep(#[from] AddFileError),
    /// The signing secret cannot be written.
    #[error("无法写入密钥文件 / cannot write the secret {}", .path.display())]
    Secret {
        /// Where.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl From<TransferError> for RestoreError {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::NotEmpty { table } => Self::NotEmpty { table },
            other => Self::Tables(other),
        }
    }
}

/// What is restored, and to where.
pub(crate) struct Restore {
    /// The archive.
    pub(crate) archive: PathBuf,
    /// The folder of files beside it.
    pub(crate) beside: PathBuf,
    /// The database.
    pub(crate) url: String,
    /// The file store.
    pub(crate) files: EmbeddedStore,
    /// The file of the signing secret, if it is not in the database.
    pub(crate) secret_file: Option<PathBuf>,
    /// What reads and writes files.
    pub(crate) runtime: Handle,
    /// What the archive holds.
    pub(crate) verified: Verified,
}

/// What was restored.
#[derive(Debug, Default)]
pub(crate) struct Restored {
    /// How many rows.
    pub(crate) rows: u64,
    /// How many files were added.
    pub(crate) added: u64,
    /// How many files were there already.
    pub(crate) there: u64,
    /// The CIDs of those beside the archive that are missing or damaged.
    pub(crate) lost: Vec<String>,
}

impl Restore {
    /// Restores it. Rows become visible all at once, after the files that they name are there.
    pub(crate) fn run(&self) -> Result<Restored, RestoreError> {
        let mut loader = Loader::open(&self.url, Steps::One)?;
        let theirs: Vec<Table> = self.verified.header.tables.iter().map(Table::from).collect();
        let ours = loader.start(&theirs)?;
        let beside = match self.verified.header.files {
            Files::Inside => None,
            Files::Beside => Some(EmbeddedStore::open(&self.beside)?),
        };
        let (mut restored, progress) = (Restored::default(), Progress::new("恢复 restoring"));
        each_entry(&self.archive, |_, entry, size, content| {
            match entry {
                Entry::Rows(name) => {
                    let table = theirs.iter().zip(&ours).find(|(table, _)| table.name == name);
                    let (theirs, ours) = table.ok_or_else(|| ArchiveError::damaged(&name))?;
                    restored.rows += load(&mut loader, theirs, ours, content)?;
                }
                Entry::File(cid) => self.keep_inside(&cid, size, content, &mut restored)?,
                Entry::FileList => self.keep_beside(beside.as_ref(), content, &mut restored)?,
                Entry::SigningSecret => self.keep_secret(&mut loader, &ours, content)?,
                Entry::Header | Entry::Settings | Entry::Manifest => {}
            }
            progress.tell(restored.rows + restored.added, size);
            Ok::<_, RestoreError>(())
        })?;
        loader.commit_all()?;
        progress.end();
        Ok(restored)
    }

    fn keep_inside(
        &self,
        cid: &str,
        size: u64,
        content: &mut dyn Read,
        restored: &mut Restored,
    ) -> Result<(), RestoreError> {
        if self.verified.manifest.damaged.iter().any(|damaged| damaged == cid) {
            return Ok(());
        }
        let id = ContentId::parse(cid).map_err(|_| ArchiveError::damaged(cid))?;
        if self.runtime.block_on(self.files.size(&id))? == Some(size) {
            restored.there += 1;
            return Ok(());
        }
        let (pieces, received) = tokio::sync::mpsc::channel::<io::Result<Bytes>>(4);
        let received = stream::unfold(received, |mut received| async move {
            let piece = received.recv().await?;
            Some((piece, received))
        });
        let files = self.files.clone();
        let adding = self.runtime.spawn(async move { files.add(received.boxed(), u64::MAX).await });
        loop {
            let mut buffer = vec![0; 64 * 1024];
            let read = content.read(&mut buffer).map_err(ArchiveError::from)?;
            buffer.truncate(read);
            // If nobody takes it, adding has failed, and says below why.
            if read == 0 || pieces.blocking_send(Ok(buffer.into())).is_err() {
                break;
            }
        }
        drop(pieces);
        let added =
            self.runtime.block_on(adding).map_err(|panic| ArchiveError::from(io::Error::other(panic)))??;
        if added.cid != id {
            return Err(ArchiveError::damaged(cid).into());
        }
        restored.added += 1;
        Ok(())
    }

    fn keep_beside(
        &self,
        beside: Option<&EmbeddedStore>,
        content: &mut dyn Read,
        restored: &mut Restored,
    ) -> Result<(), RestoreError> {
        let mut list = String::new();
        content.read_to_string(&mut list).map_err(ArchiveError::from)?;
        for line in list.lines() {
            let (cid, size) = line.split_once(' ').ok_or_else(|| ArchiveError::damaged(line))?;
            let id = ContentId::parse(cid).map_err(|_| ArchiveError::damaged(cid))?;
            let size: u64 = size.parse().map_err(|_| ArchiveError::damaged(line))?;
            if self.runtime.block_on(self.files.size(&id))? == Some(size) {
                restored.there += 1;
                continue;
            }
            // One that is lost is no reason to lose all others.
            let stream = match beside {
                Some(beside) => self.runtime.block_on(beside.read(&id, 0..size))?,
                None => None,
            };
            let added = match stream.map(|stream| self.runtime.block_on(self.files.add(stream, u64::MAX))) {
                None | Some(Err(AddFileError::Interrupted(_))) => None,
                Some(added) => Some(added?.cid),
            };
            if added == Some(id) {
                restored.added += 1;
            } else {
                restored.lost.push(cid.to_owned());
            }
        }
        Ok(())
    }

    /// Puts the secret where this installation looks for it. With the wrong one everybody would have to log in again.
    fn keep_secret(
        &self,
        loader: &mut Loader,
        tables: &[Table],
        content: &mut dyn Read,
    ) -> Result<(), RestoreError> {
        let mut signing_secret = Vec::new();
        content.read_to_end(&mut signing_secret).map_err(ArchiveError::from)?;
        if let Some(path) = &self.secret_file {
            return secret::write(path, &signing_secret)
                .map_err(|source| RestoreError::Secret { path: path.clone(), source });
        }
        let Some(table) = tables.iter().find(|table| table.name == "secret") else { return Ok(()) };
        let has_secret = self.verified.manifest.rows.iter().any(|(name, rows)| name == "secret" && *rows > 0);
        if !has_secret {
            let cell = |kind| {
                if kind == Kind::Bytes {
                    Cell::Bytes(signing_secret.clone())
                } else {
                    Cell::Text("jwt".into())
                }
            };
            loader.add(table, table.columns.iter().map(|column| cell(column.kind)).collect())?;
            loader.flush(table)?;
        }
        Ok(())
    }
}

/// Adds a chunk of rows; gives how many there were.
fn load(
    loader: &mut Loader,
    theirs: &Table,
    ours: &Table,
    content: &mut dyn Read,
) -> Result<u64, RestoreError> {
    let mut chunk = Vec::new();
    content.read_to_end(&mut chunk).map_err(ArchiveError::from)?;
    let mut rows = 0;
    for line in chunk.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let row = parse_row(theirs, line)?;
        loader.add(ours, ours.adopt(theirs, row)?)?;
        rows += 1;
    }
    loader.flush(ours)?;
    Ok(rows)
}
