//! The memory of bodies: of requests that are read as a whole, and of responses until they are sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use yilin_domain::account::AccountUuid;

/// The exempt first bytes of each body: as many as a log-in has, so that log-ins always fit. The number of
/// connections bounds their total.
const UNCOUNTED: usize = 8 * 1024;

/// One account may use the total divided by this, and so may all together who are not logged in.
const SHARES: usize = 4;

/// Limits the memory of bodies, in total and per account. Cheap to clone.
#[derive(Clone)]
pub(crate) struct BodyMemory {
    total: usize,
    used: Arc<Mutex<Used>>,
}

/// The number of bytes that a long response holds until it is sent; an extension of the response. Without one it holds none
/// that matter: a file is read piece by piece.
pub struct AnswerMemory(pub usize);

#[derive(Default)]
struct Used {
    by_all: usize,
    by_account: HashMap<Option<AccountUuid>, usize>,
}

impl BodyMemory {
    /// A limit of `total` bytes.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, used: Arc::default() }
    }

    /// Accounts for one body of this account, or of somebody who is not logged in.
    pub(crate) fn begin(&self, account: Option<AccountUuid>) -> Held {
        Held { memory: self.clone(), account, bytes: 0, counted: 0 }
    }

    fn lock(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The memory held by one body; released on drop.
pub(crate) struct Held {
    memory: BodyMemory,
    account: Option<AccountUuid>,
    bytes: usize,
    counted: usize,
}

impl Held {
    /// Adds to it; `false` if a limit is exceeded.
    #[must_use]
    pub(crate) fn grows_by(&mut self, bytes: usize) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        let more = self.bytes.saturating_sub(self.counted.saturating_add(UNCOUNTED));
        if more == 0 {
            return true;
        }
        let mut used = self.memory.lock();
        let by_all = used.by_all.saturating_add(more);
        if by_all > self.memory.total {
            return false;
        }
        let by_account = used.by_account.get(&self.account).map_or(more, |used| used.saturating_add(more));
        if by_account > self.memory.total / SHARES {
            return false;
        }
        used.by_account.insert(self.account, by_account);
        used.by_all = by_all;
        self.counted += more;
        true
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.counted == 0 {
            return;
        }
        let mut used = self.memory.lock();
        used.by_all = used.by_all.saturating_sub(self.counted);
        if let Some(of_account) = used.by_account.get_mut(&self.account) {
            *of_account = of_account.saturating_sub(self.counted);
            if *of_account == 0 {
                used.by_account.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    fn account(number: u32) -> AccountUuid {
        AccountUuid::parse(&format!("{number:08x}")).unwrap()
    }

    #[test]
    fn all_bodies_together_are_bounded_and_small_ones_always_fit() {
        let memory = BodyMemory::new(400 * KIB);
        let mut held: Vec<Held> = (0..4).map(|number| memory.begin(Some(account(number)))).collect();
        for body in &mut held {
            assert!(body.grows_by(108 * KIB));
        }
        let mut other = memory.begin(Some(account(9)));
        assert!(other.grows_by(8 * KIB) && !other.grows_by(1));
        assert!(memory.begin(None).grows_by(8 * KIB));
        held.pop();
        let mut other = memory.begin(Some(account(9)));
        assert!(other.grows_by(8 * KIB) && other.grows_by(KIB));
        drop((held, other));
        let used = memory.lock();
        assert!(used.by_all == 0 && used.by_account.is_empty());
    }

    #[test]
    fn one_account_leaves_room_for_others() {
        let memory = BodyMemory::new(400 * KIB);
        let (mut first, mut second) = (memory.begin(Some(account(1))), memory.begin(Some(account(1))));
        assert!(first.grows_by(68 * KIB) && second.grows_by(48 * KIB));
        assert!(!first.grows_by(KIB) && !second.grows_by(KIB));
        assert!(memory.begin(Some(account(2))).grows_by(108 * KIB));
        drop(first);
        assert!(memory.begin(Some(account(1))).grows_by(60 * KIB));
    }

    #[test]
    fn strangers_together_leave_room_for_accounts() {
        let memory = BodyMemory::new(400 * KIB);
        let (mut first, mut second) = (memory.begin(None), memory.begin(None));
        assert!(first.grows_by(58 * KIB) && second.grows_by(58 * KIB));
        assert!(!first.grows_by(KIB) && !memory.begin(None).grows_by(9 * KIB));
        assert!(memory.begin(None).grows_by(8 * KIB), "a log-in fits");
        assert!(memory.begin(Some(account(2))).grows_by(108 * KIB));
    }
}
