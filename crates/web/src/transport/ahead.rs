//! What a client sends before anything takes it: heads of requests, and requests behind the one that is being answered.
//!
//! The server keeps these in memory: up to 128 KiB of a head, and as many requests as one read holds. It limits the time of a
//! connection's first head only; the second one could stay incomplete for as long as the client likes.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Number of bytes that any connection may hold before they are taken, as many as nginx accepts of a head. The server reads in
/// steps of 8 KiB, so there may be a step more.
const USUAL: usize = 32 * 1024;
/// Maximum number of bytes that a connection holds while not many hold more than usual: what the server accepts of a head.
const MOST: usize = 128 * 1024;
/// Maximum number of bytes beyond the usual ones that all connections of a server hold together.
const BEYOND_USUAL: usize = 16 * 1024 * 1024;

/// The bytes beyond the usual ones that the connections of a server hold. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Beyond(Arc<AtomicUsize>);

/// Counts the bytes of a connection that nothing has taken yet.
pub(super) struct Ahead {
    beyond: Beyond,
    bytes: Cell<usize>,
    /// How often they were taken.
    taken: Cell<u64>,
    /// Whether reading waits until something is taken. What is full may stop being so when other connections end, and nobody
    /// would tell the one that waits.
    is_waiting: Cell<bool>,
    turn: Cell<Turn>,
}

/// What happens on a connection.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The client may send a request.
    #[default]
    Asking,
    /// A request is being answered.
    Answering,
    /// It was answered, and the server discards the rest of its body before it closes the connection.
    Discarding,
}

impl Ahead {
    pub(super) fn new(beyond: Beyond) -> Self {
        Self {
            beyond,
            bytes: Cell::default(),
            taken: Cell::default(),
            is_waiting: Cell::default(),
            turn: Cell::default(),
        }
    }

    pub(super) fn is_at(&self, turn: Turn) -> bool {
        self.turn.get() == turn
    }

    pub(super) fn go_to(&self, turn: Turn) {
        self.turn.set(turn);
    }

    /// Bytes have arrived. Those that are discarded are not held.
    pub(super) fn add(&self, bytes: usize) {
        if !self.is_at(Turn::Discarding) {
            self.hold(self.bytes.get().saturating_add(bytes));
        }
    }

    /// Number of bytes held.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.get()
    }

    fn hold(&self, bytes: usize) {
        let before = self.bytes.replace(bytes).saturating_sub(USUAL);
        let after = bytes.saturating_sub(USUAL);
        if before != after {
            self.beyond.0.fetch_add(after, Ordering::Relaxed);
            self.beyond.0.fetch_sub(before, Ordering::Relaxed);
        }
    }

    /// A request, or a part of its body, was taken; returns whether reading had to wait for it.
    pub(super) fn take(&self) -> bool {
        self.hold(0);
        self.taken.set(self.taken.get().wrapping_add(1));
        self.is_waiting.replace(false)
    }

    /// Reading waits until something is taken.
    pub(super) fn wait(&self) {
        self.is_waiting.set(true);
    }

    /// Whether reading waits.
    pub(super) fn is_waiting(&self) -> bool {
        self.is_waiting.get()
    }

    /// Whether no more is read for now.
    pub(super) fn is_full(&self) -> bool {
        let bytes = self.bytes.get();
        let most = if self.beyond.0.load(Ordering::Relaxed) >= BEYOND_USUAL { USUAL } else { MOST };
        bytes >= most && !self.is_at(Turn::Discarding)
    }

    /// The number of the head that has begun to arrive and is not complete, if there is one.
    pub(super) fn head(&self) -> Option<u64> {
        (self.bytes.get() > 0 && self.is_at(Turn::Asking)).then(|| self.taken.get())
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.hold(0);
    }
}
