//! Pages of lists, and complete lists in batches.

use std::pin::Pin;
use std::task::{Poll, ready};

use futures_util::stream::{BoxStream, StreamExt as _};

use crate::error::Error;
use crate::port::PortError;

/// Maximum page size.
pub const MAX_PAGE_SIZE: u16 = 1000;

/// Maximum number of records per batch of a complete list.
pub const BATCH_SIZE: u16 = 500;

/// Number of records of the first batch. The next ones are larger: a client that does not read holds no more than its first
/// ones in memory, however large the records are.
const FIRST_BATCH: u16 = 8;

/// The size of the batch after one of this size.
fn next_size(size: u16) -> u16 {
    size.saturating_mul(4).min(BATCH_SIZE)
}

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

/// Which part of a list, newest first, is wanted. Unlike a page number, the position stays valid while records are
/// added, and costs the same everywhere in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window<C> {
    /// The newest records.
    Newest,
    /// The records just older than this position.
    OlderThan(C),
    /// The records just newer than this position.
    NewerThan(C),
    /// The oldest records.
    Oldest,
}

impl<C> Window<C> {
    /// The same window, with its position in another form.
    pub fn map<D>(self, position: impl FnOnce(C) -> D) -> Window<D> {
        match self {
            Self::Newest => Window::Newest,
            Self::OlderThan(at) => Window::OlderThan(position(at)),
            Self::NewerThan(at) => Window::NewerThan(position(at)),
            Self::Oldest => Window::Oldest,
        }
    }
}

/// A part of a list, newest first.
///
/// A list that combines criteria reads a bounded number of records for each part. A part may therefore be short, or
/// even empty, although there are more records: the list has ended only where there is no position to continue from. (In
/// the direction from which the part was reached, there is always a position.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T, C> {
    /// The records.
    pub items: Vec<T>,
    /// Where newer records follow, as [`Window::NewerThan`]; `None` if these are the newest.
    pub newer: Option<C>,
    /// Where older records follow, as [`Window::OlderThan`]; `None` if these are the oldest.
    pub older: Option<C>,
}

impl<T, C> Slice<T, C> {
    /// The same slice, with its positions in another form.
    pub fn map_positions<D>(self, position: impl Fn(C) -> D) -> Slice<T, D> {
        Slice { items: self.items, newer: self.newer.map(&position), older: self.older.map(&position) }
    }
}

/// The number of records in a list, as far as it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// Exactly so many.
    Exactly(u64),
    /// More than so many: counting stopped there.
    MoreThan(u64),
}

impl Total {
    /// Where counting stops, if the number is not stored.
    pub const COUNTED: u16 = 1000;

    /// The number of records counted so far, of a list that may go on.
    pub const fn counted(number: u64, goes_on: bool) -> Self {
        if goes_on { Self::MoreThan(number) } else { Self::Exactly(number) }
    }
}

/// A complete list, streamed newest first in batches. No database connection is held between batches, so a
/// slow reader does not block others.
pub type Batches<T> = BoxStream<'static, Result<Vec<T>, Error>>;

/// Reads a complete list in batches: `read(last, limit)` returns at most so many records that follow `last`
/// (or the first ones).
pub(crate) fn batches<T, C, F, R>(cursor_of: fn(&T) -> C, read: F) -> Batches<T>
where
    T: Send + 'static,
    C: Copy + Send + 'static,
    F: Fn(Option<C>, u16) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Vec<T>, Error>> + Send + 'static,
{
    enum Position<C> {
        At(Option<C>, u16),
        End,
    }
    let first = Position::At(None, FIRST_BATCH);
    let list = futures_util::stream::try_unfold((first, read), move |(position, read)| async move {
        let Position::At(cursor, size) = position else { return Ok(None) };
        let batch = read(cursor, size).await?;
        let Some(last) = batch.last().map(cursor_of) else { return Ok(None) };
        let is_full = batch.len() >= usize::from(size);
        let next = if is_full { Position::At(Some(last), next_size(size)) } else { Position::End };
        Ok(Some((batch, (next, read))))
    });
    read_ahead(list.boxed())
}

/// The same list, which begins to read the next batch when it returns one: a unit of work runs on by itself, so that the
/// database works while the caller writes.
fn read_ahead<T: Send + 'static>(list: Batches<T>) -> Batches<T> {
    let mut list = list.peekable();
    futures_util::stream::poll_fn(move |context| {
        let batch = ready!(list.poll_next_unpin(context));
        if batch.is_some() {
            // Whether it is there already makes no difference: the list keeps it until it is asked for.
            let (Poll::Ready(_) | Poll::Pending) = Pin::new(&mut list).poll_peek(context);
        }
        Poll::Ready(batch)
    })
    .boxed()
}

/// Reads a slice. Where too few newer records are left to fill it, the newest ones are read instead.
pub(crate) async fn filled<T, C, F, R>(window: Window<C>, size: u16, read: F) -> Result<Slice<T, C>, Error>
where
    F: Fn(Window<C>) -> R,
    R: Future<Output = Result<Slice<T, C>, PortError>>,
{
    let goes_newer = matches!(window, Window::NewerThan(_));
    let slice = read(window).await?;
    if goes_newer && slice.newer.is_none() && slice.items.len() < usize::from(size) {
        return Ok(read(Window::Newest).await?);
    }
    Ok(slice)
}

/// Reads a complete list in slices, as [`batches`] does: `read(window, limit)`. Empty slices, after which the list goes on,
/// are passed over.
pub(crate) fn all_slices<T, C, F, R>(read: F) -> Batches<T>
where
    T: Send + 'static,
    C: Copy + Send + 'static,
    F: Fn(Window<C>, u16) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Slice<T, C>, Error>> + Send + 'static,
{
    let first = (Some(Window::Newest), FIRST_BATCH);
    let list = futures_util::stream::try_unfold((first, read), move |((window, size), read)| async move {
        let Some(mut window) = window else { return Ok(None) };
        loop {
            let slice = read(window, size).await?;
            match slice.older {
                Some(older) if slice.items.is_empty() => window = Window::OlderThan(older),
                None if slice.items.is_empty() => return Ok(None),
                older => {
                    let next = (older.map(Window::OlderThan), next_size(size));
                    return Ok(Some((slice.items, (next, read))));
                }
            }
        }
    });
    read_ahead(list.boxed())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::TryStreamExt as _;
    use futures_util::future::FutureExt as _;

    use super::*;

    /// A list of this many numbers, and how many times it was read.
    fn numbers(count: usize) -> (Batches<usize>, Arc<AtomicUsize>) {
        let reads = Arc::<AtomicUsize>::default();
        let counted = reads.clone();
        let list = batches(
            |number: &usize| *number,
            move |last, limit| {
                counted.fetch_add(1, Ordering::Relaxed);
                let first = last.map_or(0, |last| last + 1);
                std::future::ready(Ok((first..count).take(limit.into()).collect()))
            },
        );
        (list, reads)
    }

    #[test]
    fn the_next_batch_is_read_while_one_is_used() {
        let (mut list, reads) = numbers(8 + 32 + 128 + 2 * usize::from(BATCH_SIZE) + 1);
        let mut sizes = Vec::new();
        let mut read = Vec::new();
        while let Some(batch) = list.try_next().now_or_never().unwrap().unwrap() {
            sizes.push(batch.len());
            read.push(reads.load(Ordering::Relaxed));
        }
        assert_eq!(sizes, [8, 32, 128, 500, 500, 1], "the first ones are small");
        assert_eq!(read, [2, 3, 4, 5, 6, 6], "there is nothing after a batch that is not full");
    }
}
