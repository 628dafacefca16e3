//! Pages and batches, in memory.

use std::collections::BTreeMap;
use std::ops::Bound;

use yilin_domain::list::{Page, PageRequest, Slice, Total, Window};

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

/// A slice of a list in newest-first order; `id` is a record's id.
pub(super) fn slice<T>(
    newest_first: impl Iterator<Item = T>,
    id: impl Fn(&T) -> i64,
    window: Window<i64>,
    limit: u16,
) -> Slice<T, i64> {
    let all: Vec<T> = newest_first.collect();
    let limit = usize::from(limit);
    // In the direction of reading, from where it begins.
    let mut items: Vec<T> = match window {
        Window::Newest => all,
        Window::OlderThan(position) => all.into_iter().filter(|item| id(item) < position).collect(),
        Window::NewerThan(position) => all.into_iter().rev().filter(|item| id(item) > position).collect(),
        Window::Oldest => all.into_iter().rev().collect(),
    };
    let goes_on = items.len() > limit;
    items.truncate(limit);
    let beyond = items.last().map(&id).filter(|_| goes_on);
    let first = items.first().map(&id);
    match window {
        Window::Newest => Slice { items, newer: None, older: beyond },
        Window::OlderThan(position) => {
            Slice { items, newer: Some(first.unwrap_or(position.saturating_sub(1))), older: beyond }
        }
        Window::NewerThan(_) | Window::Oldest => {
            items.reverse();
            let older = match window {
                Window::NewerThan(position) => Some(first.unwrap_or(position.saturating_add(1))),
                _ => None,
            };
            Slice { items, newer: beyond, older }
        }
    }
}

/// The length of a list, as counted by a database.
pub(super) fn total(number: usize) -> Total {
    let most = usize::from(Total::COUNTED);
    Total::counted(u64::try_from(number.min(most)).unwrap_or(u64::MAX), number > most)
}
