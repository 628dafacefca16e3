//! Writes the entries of an archive.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};
use yilin_storage::{Row, Table};

use super::cells::line;
use super::{Header, Manifest};
use crate::text::hexadecimal;

/// How large a chunk of rows may get before it is written.
const CHUNK: usize = 1 << 20;

/// zstd's own default: about 300 MB/s here, and pictures do not get smaller anyway.
const LEVEL: i32 = 3;

/// Writes an archive, entry by entry.
pub(crate) struct ArchiveWriter<W: Write> {
    tar: tar::Builder<zstd::Encoder<'static, W>>,
    digest: EntriesDigest,
    made_at: u64,
}

impl<W: Write> ArchiveWriter<W> {
    /// Begins an archive, made at this time (seconds since 1970).
    pub(crate) fn new(sink: W, header: &Header, made_at: u64) -> io::Result<Self> {
        let mut encoder = zstd::Encoder::new(sink, LEVEL)?;
        encoder.include_checksum(true)?;
        let (tar, digest) = (tar::Builder::new(encoder), EntriesDigest::default());
        let mut archive = Self { tar, digest, made_at };
        archive.entry(super::read::HEADER, &serde_json::to_vec_pretty(header)?)?;
        Ok(archive)
    }

    /// Writes something small.
    pub(crate) fn entry(&mut self, path: &str, content: &[u8]) -> io::Result<()> {
        self.digest.add(path, content);
        self.append(path, u64::try_from(content.len()).unwrap_or(u64::MAX), content)
    }

    /// Writes a file, whose name says what is in it. The content must have exactly so many bytes.
    pub(crate) fn file(&mut self, cid: &str, size: u64, content: impl Read) -> io::Result<()> {
        let path = format!("{}{cid}", super::read::FILES);
        self.digest.add_file(&path, size);
        self.append(&path, size, content)
    }

    fn append(&mut self, path: &str, size: u64, content: impl Read) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_size(size);
        header.set_mode(0o600);
        header.set_mtime(self.made_at);
        self.tar.append_data(&mut header, path, content)
    }

    /// Ends the archive; gives back what it was written to.
    pub(crate) fn finish(mut self, mut manifest: Manifest) -> io::Result<W> {
        manifest.digest = self.digest.clone().finish();
        self.entry(super::read::MANIFEST, &serde_json::to_vec_pretty(&manifest)?)?;
        self.tar.into_inner()?.finish()
    }
}

/// Writes a table's rows in chunks.
pub(crate) struct TableWriter<'a> {
    table: &'a Table,
    chunk: Vec<u8>,
    chunks: u32,
    /// How many rows there are.
    pub(crate) rows: u64,
}

impl<'a> TableWriter<'a> {
    /// Begins a table.
    pub(crate) fn new(table: &'a Table) -> Self {
        Self { table, chunk: Vec::new(), chunks: 0, rows: 0 }
    }

    /// Writes a row.
    pub(crate) fn add<W: Write>(&mut self, archive: &mut ArchiveWriter<W>, row: Row) -> io::Result<()> {
        self.chunk.extend(line(row));
        self.rows += 1;
        if self.chunk.len() < CHUNK { Ok(()) } else { self.flush(archive) }
    }

    /// Writes what is left.
    pub(crate) fn flush<W: Write>(&mut self, archive: &mut ArchiveWriter<W>) -> io::Result<()> {
        if !self.chunk.is_empty() {
            archive.entry(&format!("tables/{}/{:06}.jsonl", self.table.name, self.chunks), &self.chunk)?;
            self.chunk.clear();
            self.chunks += 1;
        }
        Ok(())
    }
}

/// A digest over all entries: paths, sizes, and contents but for files, whose names say what is in them.
#[derive(Clone, Default)]
pub(super) struct EntriesDigest(Sha256);

impl EntriesDigest {
    pub(super) fn add(&mut self, path: &str, content: &[u8]) {
        self.add_hashed(path, content.len(), &Sha256::digest(content));
    }

    /// The same of a content that was hashed by the caller.
    pub(super) fn add_hashed(&mut self, path: &str, size: usize, hash: &[u8]) {
        self.0.update(format!("{path}\0{size}\0{}\n", hexadecimal(hash)));
    }

    pub(super) fn add_file(&mut self, path: &str, size: u64) {
        self.0.update(format!("{path}\0{size}\0\n"));
    }

    pub(super) fn finish(self) -> String {
        hexadecimal(&self.0.finalize())
    }
}
