use std::sync::Arc;
use std::sync::atomic::{AtomicIsize, Ordering};

use tokio::sync::Notify;

/// Which changes wait for their entries, so that those of several are written together (group commit).
///
/// A write costs nearly the same for one entry as for many, so it is worth waiting for others that are
/// about to come, and for nobody else.
#[derive(Default)]
pub(super) struct Group {
    under_way: AtomicIsize,
    /// Less than none for a moment where an entry is taken before its request has counted itself.
    waiting: AtomicIsize,
    changed: Notify,
}

/// A request that is to change something, while it is under way.
pub(crate) struct UnderWay(Arc<Group>);

impl Group {
    /// Counts a request until what this gives is dropped.
    pub(super) fn enter(self: &Arc<Self>) -> UnderWay {
        self.under_way.fetch_add(1, Ordering::Relaxed);
        UnderWay(self.clone())
    }

    /// Counts a message that is in the queue now, and whose request waits for it.
    pub(super) fn join(&self) {
        let waiting = self.waiting.fetch_add(1, Ordering::Relaxed) + 1;
        if waiting == 1 || self.is_complete() {
            self.changed.notify_one();
        }
    }

    /// So many messages that were waited for have been taken out of the queue and are being written.
    pub(super) fn leave(&self, taken: usize) {
        self.waiting.fetch_sub(taken.cast_signed(), Ordering::Relaxed);
    }

    /// Returns when somebody waits.
    pub(super) async fn begun(&self) {
        while !self.has_begun() {
            self.changed.notified().await;
        }
    }

    /// Returns when half of all that are under way wait: of many requests some are always at their
    /// beginning, and whoever waited for those would wait for the next ones too.
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
    fn it_is_complete_when_half_of_those_under_way_wait() {
        let group = Arc::new(Group::default());
        let mut under_way: Vec<_> = (0..5).map(|_| group.enter()).collect();
        assert_eq!(state(&group), (false, false), "nobody waits");
        group.join();
        group.join();
        assert_eq!(state(&group), (true, false));
        group.join();
        assert_eq!(state(&group), (true, true));
        group.leave(3);
        assert_eq!(state(&group), (false, false));
        under_way.truncate(1);
        group.join();
        assert_eq!(state(&group), (true, true), "who is alone waits for nobody");
    }

    #[test]
    fn it_does_not_matter_whether_a_message_is_taken_before_it_is_counted() {
        let group = Group::default();
        group.leave(1);
        group.join();
        assert_eq!(state(&group), (false, false));
        group.join();
        assert_eq!(state(&group), (true, true));
    }

    #[tokio::test]
    async fn whoever_completes_it_is_noticed() {
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
