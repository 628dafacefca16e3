//! Group commit of audit entries.

use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use tokio::sync::Notify;

/// Tracks the changes that wait for their entries, so that the entries of several changes are written
/// together (group commit).
///
/// A write costs nearly the same for one entry as for many, so it pays to wait for entries that are imminent,
/// but for no others.
#[derive(Default)]
pub(super) struct Group {
    under_way: AtomicIsize,
    /// Negative for a moment if an entry is taken before its request has counted itself.
    waiting: AtomicIsize,
    changed: Notify,
}

/// A request in progress that may change something.
pub(crate) struct UnderWay(Arc<Group>);

impl Group {
    /// Counts a request until the returned guard is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.clone())
    }

    /// Counts a queued message whose request waits for it.
    pub(super) fn join(&self) {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed) + 1;
        if waiting == 1 || self.is_complete() {
            self.changed.notify_one();
        }
    }

    /// `taken` waiters were dequeued and are being written.
    pub(super) fn leave(&self, taken: usize) {
        self.waiting.fetch_sub(taken.cast_signed(), Ordering::Relaxed);
    }

    /// Returns when there is a waiter.
    pub(super) async fn begun(&self) {
        while !self.has_begun() {
            self.changed.notified().await;
        }
    }

    /// Returns when half of all requests in progress are waiting: of many requests some are always at their
    /// beginning, and waiting for those would never end.
    pub(super) async fn complete(&self) {
        while !self.is_complete() {
            self.changed.notified().await;
        }
    }

    fn has_begun(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    fn is_complete(&self) -> bool {
        self.has_begun() && self.waiting.load(Ordering::Relaxed) * 2 >= self.under_way.load(Ordering::Relaxed)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    fn state(group: &Group) -> (bool, bool) {
        (group.begun().now_or_never().is_some(), group.complete().now_or_never().is_some())
    }

    #[test]
    fn it_is_complete_when_half_of_the_requests_wait() {
        let group = Arc::new(Group::default());
        let mut under_way: Vec<_> = (0..5).map(|_| group.enter()).collect();
        assert_eq!(state(&group), (false, false), "no request waits");
        group.join();
        group.join();
        assert_eq!(state(&group), (true, false));
        group.join();
        assert_eq!(state(&group), (true, true));
        group.leave(3);
        assert_eq!(state(&group), (false, false));
        under_way.truncate(1);
        group.join();
        assert_eq!(state(&group), (true, true), "a single request does not wait");
    }

    #[test]
    fn a_message_may_be_taken_before_it_is_counted() {
        let group = Group::default();
        group.leave(1);
        group.join();
        assert_eq!(state(&group), (false, false));
        group.join();
        assert_eq!(state(&group), (true, true));
    }

    #[tokio::test]
    async fn the_completing_request_is_noticed() {
        let group = Arc::new(Group::default());
        let _under_way: Vec<_> = (0..4).map(|_| group.enter()).collect();
        let joining = async {
            for _ in 0..2 {
                tokio::task::yield_now().await;
                group.join();
            }
        };
        let waiting = async {
            group.begun().await;
            group.complete().await;
        };
        let both = futures_util::future::join(waiting, joining);
        tokio::time::timeout(std::time::Duration::from_secs(180), both).await.unwrap();
    }
}
