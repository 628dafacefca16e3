//! What a client sends before anything takes it: heads of requests, and requests behind the one that is being answered.
//!
//! The server keeps these in memory: up to 128 KiB of a head, and sixteen requests. It limits the time of a connection's first
//! head only; the second one could stay incomplete for as long as the client likes.

use std::cell::Cell;

/// Maximum number of bytes that a connection holds before they are taken, as many as nginx accepts of a head. The server reads
/// in steps of 8 KiB, so there may be a step more.
const MOST: usize = 32 * 1024;

/// Counts the bytes of a connection that nothing has taken yet.
#[derive(Default)]
pub(super) struct Ahead {
    bytes: Cell<usize>,
    /// How often they were taken.
    taken: Cell<u64>,
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
    pub(super) fn is_at(&self, turn: Turn) -> bool {
        self.turn.get() == turn
    }

    pub(super) fn go_to(&self, turn: Turn) {
        self.turn.set(turn);
    }

    /// Bytes have arrived.
    pub(super) fn add(&self, bytes: usize) {
        self.bytes.set(self.bytes.get().saturating_add(bytes));
    }

    /// A request, or a part of its body, was taken; returns whether reading had to wait for it.
    pub(super) fn take(&self) -> bool {
        let was_full = self.is_full();
        self.bytes.set(0);
        self.taken.set(self.taken.get().wrapping_add(1));
        was_full
    }

    /// Whether no more is read for now.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.get() >= MOST && !self.is_at(Turn::Discarding)
    }

    /// The number of the head that has begun to arrive and is not complete, if there is one.
    pub(super) fn head(&self) -> Option<u64> {
        (self.bytes.get() > 0 && self.is_at(Turn::Asking)).then(|| self.taken.get())
    }
}
