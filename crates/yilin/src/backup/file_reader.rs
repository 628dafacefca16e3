//! Reads a stored file as a blocking reader, for the archive.

use std::io::{self, Read};

use bytes::{Buf as _, Bytes};
use futures_util::StreamExt as _;
use tokio::runtime::Handle;
use yilin_domain::port::ByteStream;
use yilin_ipfs::CidHasher;

/// Reads a file of the store, from a thread that may wait. It always gives as many bytes as were announced: what is in
/// an archive already cannot be taken back. Whether they are the file's is told at the end.
pub(crate) struct FileReader {
    runtime: Handle,
    stream: ByteStream,
    piece: Bytes,
    left: u64,
    hasher: CidHasher,
    failed: bool,
}

impl FileReader {
    /// Reads this stream, of which so many bytes are wanted.
    pub(crate) fn new(runtime: Handle, stream: ByteStream, size: u64) -> Self {
        let hasher = CidHasher::new();
        Self { runtime, stream, piece: Bytes::new(), left: size, hasher, failed: false }
    }

    /// Whether what was read is what this CID names.
    pub(crate) fn was(self, cid: &str) -> bool {
        !self.failed && self.left == 0 && self.hasher.finish().is_ok_and(|found| found.as_str() == cid)
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(buffer) = buffer.get_mut(..wanted).filter(|buffer| !buffer.is_empty()) else { return Ok(0) };
        while self.piece.is_empty() && !self.failed {
            match self.runtime.block_on(self.stream.next()) {
                Some(Ok(piece)) => {
                    self.hasher.update(&piece);
                    self.piece = piece;
                }
                Some(Err(_)) | None => self.failed = true,
            }
        }
        let read = if self.failed {
            buffer.fill(0);
            buffer.len()
        } else {
            let read = self.piece.len().min(buffer.len());
            self.piece.copy_to_slice(buffer.get_mut(..read).unwrap_or_default());
            read
        };
        self.left -= u64::try_from(read).unwrap_or_default();
        Ok(read)
    }
}
