//! Pages and batches, in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use yilin_domain::list::{Page, PageRequest};

/// One page of a list in newest-first order.
pub(super) fn page<T>(newest_first: impl Iterator<Item = T>, request: PageRequest) -> Page<T> {
    let all: Vec<T> = newest_first.collect();
    let total = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let offset = usize::try_from(request.offset()).unwrap_or(usize::MAX);
    Page { total, items: all.into_iter().skip(offset).take(request.size.into()).collect() }
}

/// The entries with a key below `before` (or all), newest first.
pub(super) fn newest_first<K: Ord + Copy, V>(
    map: &BTreeMap<K, V>,
    before: Option<K>,
) -> impl Iterator<Item = &V> {
    let end = before.map_or(Bound::Unbounded, Bound::Excluded);
    map.range((Bound::Unbounded, end)).rev().map(|(_, value)| value)
}
