//! Complete lists, read in batches.

use std::fmt::Debug;

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
