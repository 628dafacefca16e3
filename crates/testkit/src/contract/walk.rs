//! Complete lists, read in batches.

use std::fmt::Debug;

use yilin_domain::list::{Slice, Window};

/// Reads a complete list batch by batch, like the use cases. Every batch must continue below the previous
/// one, which also bounds the loop.
pub(super) async fn walk<T, C>(
    limit: u16,
    cursor_of: fn(&T) -> C,
    read: impl AsyncFn(Option<C>) -> Vec<T>,
) -> Vec<T>
where
    C: Ord + Copy + Debug,
{
    let (mut seen, mut before) = (Vec::new(), None);
    loop {
        let batch = read(before).await;
        assert!(batch.len() <= limit.into(), "{} records in a batch of {limit}", batch.len());
        for cursor in batch.iter().map(cursor_of) {
            assert!(before.is_none_or(|before| cursor < before), "{cursor:?} comes after {before:?}");
            before = Some(cursor);
        }
        let is_last = batch.len() < limit.into();
        seen.extend(batch);
        if is_last {
            return seen;
        }
    }
}

/// Reads a complete list slice by slice, from the newest record to the oldest and back, which must give the same. Every
/// slice must continue beyond the previous one.
pub(super) async fn walk_slices<T, C>(
    limit: u16,
    id: fn(&T) -> C,
    read: impl AsyncFn(Window<C>) -> Slice<T, C>,
) -> Vec<T>
where
    T: Debug + PartialEq,
    C: Ord + Copy + Debug,
{
    let (mut older, mut window) = (Vec::new(), Window::Newest);
    loop {
        let slice = read(window).await;
        assert!(slice.items.len() <= limit.into(), "{} records in a slice of {limit}", slice.items.len());
        older.extend(slice.items);
        let Some(next) = slice.older else { break };
        if let Window::OlderThan(before) = window {
            assert!(next < before, "{next:?} does not follow {before:?}");
        }
        window = Window::OlderThan(next);
    }
    let (mut newer, mut window) = (Vec::new(), Window::Oldest);
    loop {
        let slice = read(window).await;
        newer.extend(slice.items.into_iter().rev());
        let Some(next) = slice.newer else { break };
        if let Window::NewerThan(before) = window {
            assert!(next > before, "{next:?} does not follow {before:?}");
        }
        window = Window::NewerThan(next);
    }
    newer.reverse();
    assert_eq!(newer, older, "the same in both directions");
    assert!(older.is_sorted_by(|one, other| id(one) > id(other)), "newest first");
    older
}
