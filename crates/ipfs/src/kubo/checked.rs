use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::timeout;
use yilin_domain::file::ContentId;
use yilin_domain::port::ByteStream;

use crate::CidHasher;

/// What a node is to send.
pub(super) struct Expected {
    /// How many bytes.
    pub(super) length: u64,
    /// The CID of these bytes, if they are a whole file.
    pub(super) cid: Option<ContentId>,
}

/// The bytes that a node sends, until they are not what was asked for: too few, too many, too slow,
/// or, of a whole file, others. Then the stream ends in an error. The last piece of a whole file
/// comes only after all of it has been found to be right, so nobody gets a wrong file that looks
/// complete.
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
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "more bytes than were asked for"))?;
        if let Some((_, hasher)) = &mut self.hasher {
            hasher.update(&piece);
        }
        if self.missing == 0
            && let Some((cid, hasher)) = self.hasher.take()
            && hasher.finish().ok().as_ref() != Some(&cid)
        {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the bytes are not those of the CID"));
        }
        Ok(Some(piece))
    }
}
