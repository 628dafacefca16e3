//! Slices of lists, put together from ranges of indexes that are each in id order.

use yilin_domain::list::{Slice, Window};

/// Number of rows that a slice may examine, apart from those that it returns.
pub(crate) const EXAMINED: i64 = 8_000;

/// Up to this many records, a range that is not in id order is preferred, read as a whole and sorted.
pub(crate) const SORTED: u16 = 2_000;

/// The direction in which a list is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// From newer to older records: by falling ids.
    Older,
    /// From older to newer records: by rising ids.
    Newer,
}

/// Where a list is read, and how much of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Walk {
    /// In which direction.
    pub(crate) way: Way,
    /// The id beyond which the first record follows; `None` for the beginning.
    pub(crate) from: Option<i64>,
    /// Maximum number of records.
    pub(crate) limit: i64,
}

impl Walk {
    /// The newest records.
    pub(crate) fn newest(limit: i64) -> Self {
        Self { way: Way::Older, from: None, limit }
    }

    /// What is to be read for this window: one record more than the slice has, which tells whether the list goes on.
    pub(crate) fn through(window: Window<i64>, size: u16) -> Self {
        let (way, from) = match window {
            Window::Newest => (Way::Older, None),
            Window::OlderThan(position) => (Way::Older, Some(position)),
            Window::NewerThan(position) => (Way::Newer, Some(position)),
            Window::Oldest => (Way::Newer, None),
        };
        Self { way, from, limit: i64::from(size) + 1 }
    }

    /// Whether the first id comes before the other in this direction.
    fn is_before(self, first: i64, other: i64) -> bool {
        match self.way {
            Way::Older => first > other,
            Way::Newer => first < other,
        }
    }

    /// The position from which what begins with this id follows.
    fn just_before(self, id: i64) -> i64 {
        match self.way {
            Way::Older => id.saturating_add(1),
            Way::Newer => id.saturating_sub(1),
        }
    }
}

/// What was found in one range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reach {
    /// The ids, in the direction of the walk.
    pub(crate) ids: Vec<i64>,
    /// The first id of the range that was not examined; `None` if its end was reached or enough was found.
    pub(crate) end: Option<i64>,
}

/// What was found in all ranges together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// The ids, in the direction of the walk.
    pub(crate) ids: Vec<i64>,
    /// The position from which the walk goes on, if not enough was found and it has not reached the end.
    pub(crate) stopped_at: Option<i64>,
}

impl Found {
    /// Merges what was found in ranges that share no record. What lies beyond the nearest place where examining
    /// stopped does not count: other records may be missing there.
    pub(crate) fn merge(walk: Walk, reaches: Vec<Reach>) -> Self {
        let ends = reaches.iter().filter_map(|reach| reach.end);
        let end = match walk.way {
            Way::Older => ends.max(),
            Way::Newer => ends.min(),
        };
        let mut ids: Vec<i64> = reaches.into_iter().flat_map(|reach| reach.ids).collect();
        ids.retain(|id| end.is_none_or(|end| walk.is_before(*id, end)));
        ids.sort_unstable();
        if walk.way == Way::Older {
            ids.reverse();
        }
        let limit = usize::try_from(walk.limit).unwrap_or(usize::MAX);
        let stopped_at = end.filter(|_| ids.len() < limit).map(|end| walk.just_before(end));
        ids.truncate(limit);
        Self { ids, stopped_at }
    }

    /// The slice of these records, without the records themselves: the ids, newest first.
    pub(crate) fn slice(mut self, walk: Walk) -> Slice<i64, i64> {
        let size = usize::try_from(walk.limit.saturating_sub(1)).unwrap_or(usize::MAX);
        let goes_on = self.ids.len() > size;
        self.ids.truncate(size);
        let beyond = if goes_on { self.ids.last().copied() } else { self.stopped_at };
        // What was left behind follows in the other direction.
        let behind = walk.from.map(|from| match self.ids.first() {
            Some(first) => *first,
            None => match walk.way {
                Way::Older => from.saturating_sub(1),
                Way::Newer => from.saturating_add(1),
            },
        });
        match walk.way {
            Way::Older => Slice { items: self.ids, newer: behind, older: beyond },
            Way::Newer => {
                self.ids.reverse();
                Slice { items: self.ids, newer: beyond, older: behind }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(ids: &[i64], end: Option<i64>) -> Reach {
        Reach { ids: ids.to_vec(), end }
    }

    #[test]
    fn ranges_are_merged_in_the_order_of_the_walk() {
        let older = Walk::newest(4);
        let found = Found::merge(older, vec![reach(&[9, 5, 1], None), reach(&[8, 7], None)]);
        assert_eq!(found, Found { ids: vec![9, 8, 7, 5], stopped_at: None });
        let newer = Walk { way: Way::Newer, ..older };
        let found = Found::merge(newer, vec![reach(&[1, 5, 9], None), reach(&[7, 8], None)]);
        assert_eq!(found, Found { ids: vec![1, 5, 7, 8], stopped_at: None });
        assert_eq!(Found::merge(older, vec![]), Found { ids: vec![], stopped_at: None });
    }

    #[test]
    fn nothing_beyond_the_nearest_unexamined_record_counts() {
        let older = Walk::newest(4);
        let found = Found::merge(older, vec![reach(&[9, 5, 1], None), reach(&[8], Some(6))]);
        assert_eq!(found, Found { ids: vec![9, 8], stopped_at: Some(7) });
        let found = Found::merge(older, vec![reach(&[], Some(3)), reach(&[8], Some(6))]);
        assert_eq!(found, Found { ids: vec![8], stopped_at: Some(7) });
        let newer = Walk { way: Way::Newer, ..older };
        let found = Found::merge(newer, vec![reach(&[1, 5, 9], None), reach(&[], Some(6))]);
        assert_eq!(found, Found { ids: vec![1, 5], stopped_at: Some(5) });
        // Enough was found before the unexamined part.
        let found = Found::merge(older, vec![reach(&[9, 8, 7, 6], None), reach(&[], Some(3))]);
        assert_eq!(found, Found { ids: vec![9, 8, 7, 6], stopped_at: None });
    }

    #[test]
    fn a_slice_knows_what_follows_on_both_sides() {
        let slice = |walk: Walk, ids: &[i64], stopped_at| Found { ids: ids.to_vec(), stopped_at }.slice(walk);
        let size = 2;
        let newest = Walk::through(Window::Newest, size);
        assert_eq!(slice(newest, &[9, 8, 7], None), Slice { items: vec![9, 8], newer: None, older: Some(8) });
        assert_eq!(slice(newest, &[9, 8], None), Slice { items: vec![9, 8], newer: None, older: None });
        assert_eq!(slice(newest, &[9], Some(5)), Slice { items: vec![9], newer: None, older: Some(5) });
        let older = Walk::through(Window::OlderThan(8), size);
        assert_eq!(slice(older, &[7, 6], None), Slice { items: vec![7, 6], newer: Some(7), older: None });
        assert_eq!(slice(older, &[], None), Slice { items: vec![], newer: Some(7), older: None });
        let newer = Walk::through(Window::NewerThan(3), size);
        assert_eq!(
            slice(newer, &[4, 5, 6], None),
            Slice { items: vec![5, 4], newer: Some(5), older: Some(4) }
        );
        assert_eq!(slice(newer, &[4], None), Slice { items: vec![4], newer: None, older: Some(4) });
        assert_eq!(slice(newer, &[], Some(9)), Slice { items: vec![], newer: Some(9), older: Some(4) });
        let oldest = Walk::through(Window::Oldest, size);
        assert_eq!(slice(oldest, &[1, 2, 3], None), Slice { items: vec![2, 1], newer: Some(2), older: None });
    }
}
