//! Verifies file content that a node streams.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::timeout;
use yilin_domain::file::ContentId;
use yilin_domain::port::ByteStream;

use crate::CidHasher;

/// The content that a node must send.
pub(super) struct Expected {
    /// Number of bytes.
    pub(super) length: u64,
    /// The CID to verify, if the bytes are a whole file.
    pub(super) cid: Option<ContentId>,
}

/// Passes on the bytes that a node sends and ends in an error as soon as they are too few, too many, too slow
/// or, for a whole file, do not match the CID. The last chunk of a whole file is held back until the CID has
/// been verified, so a reader never gets a wrong file that looks complete.
pub(super) fn checked<S, E>(bytes: S, expected: Expected, idle: Duration) -> ByteStream
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: std::error::Error + Send + Sync + 'static,
{
    let hasher = expected.cid.map(|cid| (cid, CidHasher::new()));
    let checking = Checking { bytes, missing: expected.length, hasher, idle };
    stream::try_unfold(checking, |mut checking| async move {
        Ok(checking.next().await?.map(|piece| (piece, checking)))
    })
    .boxed()
}

struct Checking<S> {
    bytes: S,
    missing: u64,
    hasher: Option<(ContentId, CidHasher)>,
    idle: Duration,
}

impl<S, E> Checking<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::error::Error + Send + Sync + 'static,
{
    async fn next(&mut self) -> io::Result<Option<Bytes>> {
        if self.missing == 0 {
            return Ok(None);
        }
        let piece = timeout(self.idle, self.bytes.next()).await?;
        let piece = match piece {
            Some(piece) => piece.map_err(io::Error::other)?,
            None => return Err(io::ErrorKind::UnexpectedEof.into()),
        };
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.missing = self
            .missing
            .checked_sub(length)
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "more bytes than requested"))?;
        if let Some((_, hasher)) = &mut self.hasher {
            hasher.update(&piece);
        }
        if self.missing == 0
            && let Some((cid, hasher)) = self.hasher.take()
            && hasher.finish().ok().as_ref() != Some(&cid)
        {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the content does not match the CID"));
        }
        Ok(Some(piece))
    }
}
