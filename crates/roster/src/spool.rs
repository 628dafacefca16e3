//! Temporary copies of uploaded files.

use std::fs::File;
use std::io::Write as _;

use futures_util::TryStreamExt as _;
use tokio::task::spawn_blocking;
use yilin_domain::port::{ByteStream, ReadRosterError};

use crate::fault::failed;

/// Write size in bytes.
const WRITE: usize = 1 << 20;

/// Copies at most `limit` bytes into a temporary file, which is deleted when it is closed.
pub(crate) async fn spool(mut content: ByteStream, limit: u64) -> Result<File, ReadRosterError> {
    let mut file = spawn_blocking(tempfile::tempfile).await.map_err(failed)?.map_err(failed)?;
    let (mut waiting, mut size) = (Vec::new(), 0_u64);
    while let Some(piece) = content.try_next().await.map_err(ReadRosterError::Interrupted)? {
        size = size.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if size > limit {
            return Err(ReadRosterError::TooLarge { limit });
        }
        waiting.extend_from_slice(&piece);
        if waiting.len() >= WRITE {
            (file, waiting) = write(file, waiting).await?;
        }
    }
    Ok(write(file, waiting).await?.0)
}

async fn write(mut file: File, mut waiting: Vec<u8>) -> Result<(File, Vec<u8>), ReadRosterError> {
    let written = spawn_blocking(move || {
        file.write_all(&waiting)?;
        waiting.clear();
        std::io::Result::Ok((file, waiting))
    });
    written.await.map_err(failed)?.map_err(failed)
}
