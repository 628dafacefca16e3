//! Pages of lists, and complete lists in batches.

use futures_util::stream::{BoxStream, StreamExt as _};

use crate::error::Error;

/// Maximum page size.
pub const MAX_PAGE_SIZE: u16 = 1000;

/// Number of records per batch of a complete list.
pub const BATCH_SIZE: u16 = 500;

/// One page of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageRequest {
    /// Page number, from 1.
    pub number: u64,
    /// Records per page: 1 to [`MAX_PAGE_SIZE`].
    pub size: u16,
}

impl PageRequest {
    /// Number of records before this page.
    pub fn offset(self) -> u64 {
        self.number.saturating_sub(1).saturating_mul(u64::from(self.size))
    }
}

/// The records of one page, newest first, and the total over all pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Number of matching records on all pages.
    pub total: u64,
    /// The records of this page.
    pub items: Vec<T>,
}

/// A complete list, streamed newest first in batches. No database connection is held between batches, so a
/// slow reader does not block others.
pub type Batches<T> = BoxStream<'static, Result<Vec<T>, Error>>;

/// Reads a complete list in batches: `read(last)` returns at most [`BATCH_SIZE`] records that follow `last`
/// (or the first ones).
pub(crate) fn batches<T, C, F, R>(cursor_of: fn(&T) -> C, read: F) -> Batches<T>
where
    T: Send + 'static,
    C: Copy + Send + 'static,
    F: Fn(Option<C>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    enum Position<C> {
        At(Option<C>),
        End,
    }
    futures_util::stream::try_unfold((Position::At(None), read), move |(position, read)| async move {
        let Position::At(cursor) = position else { return Ok(None) };
        let batch = read(cursor).await?;
        let Some(last) = batch.last().map(cursor_of) else { return Ok(None) };
        let next =
            if batch.len() < usize::from(BATCH_SIZE) { Position::End } else { Position::At(Some(last)) };
        Ok(Some((batch, (next, read))))
    })
    .boxed()
}
