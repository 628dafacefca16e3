//! A request's access to its connection.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::{Context, Waker};

use actix_web::HttpRequest;
use actix_web::body::BodySize;

use super::Stopping;
use super::ahead::{Ahead, Beyond, Turn};

/// What a client is expected to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaited {
    /// A request's head, or the next request.
    Head,
    /// So much of a body.
    Body(usize),
    /// A body of unknown length.
    Chunks,
    /// Nothing until its request is answered.
    Nothing,
    /// The rest of a body that nobody reads.
    Rest,
}

/// Access to a connection from the requests on it. A connection and its requests stay on one thread.
pub(crate) struct Link {
    stopping: Stopping,
    body_is_awaited: Cell<bool>,
    is_closed: Cell<bool>,
    ahead: Ahead,
    /// What its handler has not taken of the present request's body.
    body: Cell<BodySize>,
    task: RefCell<Option<Waker>>,
}

impl Link {
    /// Access to a connection of a server with this stop signal.
    pub(super) fn new(stopping: Stopping, beyond: Beyond) -> Self {
        Self {
            stopping,
            body_is_awaited: Cell::default(),
            is_closed: Cell::default(),
            ahead: Ahead::new(beyond),
            body: Cell::new(BodySize::None),
            task: RefCell::default(),
        }
    }

    /// The stop signal of the connection's server.
    pub(super) fn stopping(&self) -> &Stopping {
        &self.stopping
    }

    /// The link of the request's connection; `None` if another server accepted it.
    pub(crate) fn of(request: &HttpRequest) -> Option<Rc<Self>> {
        request.conn_data::<Rc<Self>>().cloned()
    }

    /// What the client sent ahead.
    pub(super) fn ahead(&self) -> &Ahead {
        &self.ahead
    }

    /// A request was taken, and nothing of its body.
    pub(super) fn has_taken_request(&self) {
        self.ahead.go_to(Turn::Answering);
        self.body.set(BodySize::None);
        self.has_taken();
    }

    /// A request, or a part of its body, was taken: the client may send as much again.
    pub(super) fn has_taken(&self) {
        if self.ahead.take() {
            self.wake();
        }
    }

    /// A request has begun that has a body of this size.
    pub(super) fn expects_body(&self, size: BodySize) {
        self.body.set(size);
    }

    /// A part of the body was taken.
    pub(super) fn has_taken_of_body(&self, bytes: usize) {
        if let BodySize::Sized(left) = self.body.get() {
            self.body.set(BodySize::Sized(left.saturating_sub(u64::try_from(bytes).unwrap_or(u64::MAX))));
        }
        self.has_taken();
    }

    /// What the client is expected to send now. What came of a body together with the head counts once more.
    pub(super) fn awaited(&self) -> Awaited {
        if self.ahead.is_at(Turn::Asking) {
            return Awaited::Head;
        }
        if self.ahead.is_at(Turn::Discarding) {
            return Awaited::Rest;
        }
        match self.body.get() {
            BodySize::None => Awaited::Nothing,
            BodySize::Stream => Awaited::Chunks,
            BodySize::Sized(left) => {
                let left = usize::try_from(left).unwrap_or(usize::MAX).saturating_sub(self.ahead.bytes());
                if left == 0 { Awaited::Nothing } else { Awaited::Body(left) }
            }
        }
    }

    /// A request is being answered until the guard is dropped.
    pub(crate) fn answering(self: Rc<Self>) -> Answering {
        self.ahead.go_to(Turn::Answering);
        Answering { link: self, discards: false }
    }

    /// Requests that a `100 Continue` is sent.
    pub(super) fn ask_for_body(&self) {
        self.body_is_awaited.set(true);
        self.wake();
    }

    /// Cancels a `100 Continue` that has not been sent: the final response follows.
    pub(crate) fn answer_follows(&self) {
        self.body_is_awaited.set(false);
    }

    /// Closes the connection, discarding unsent data.
    pub(crate) fn close(&self) {
        self.is_closed.set(true);
        self.wake();
    }

    /// Whether a `100 Continue` was requested; resets the request.
    pub(super) fn takes_body_request(&self) -> bool {
        self.body_is_awaited.take()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Registers the task that serves the connection.
    pub(super) fn is_served_by(&self, context: &Context<'_>) {
        let mut task = self.task.borrow_mut();
        if !task.as_ref().is_some_and(|waker| waker.will_wake(context.waker())) {
            *task = Some(context.waker().clone());
        }
    }

    fn wake(&self) {
        if let Some(task) = self.task.borrow().as_ref() {
            task.wake_by_ref();
        }
    }
}

/// Guard of a request that is being answered.
pub(crate) struct Answering {
    link: Rc<Link>,
    discards: bool,
}

impl Answering {
    /// The connection is closed after the response, because the request's body was not read.
    pub(crate) fn discards_the_rest(&mut self) {
        self.discards = true;
    }
}

impl Drop for Answering {
    fn drop(&mut self) {
        self.link.ahead.go_to(if self.discards { Turn::Discarding } else { Turn::Asking });
        if self.link.ahead.is_waiting() || self.discards {
            self.link.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;
    use std::time::Duration;

    use super::*;

    /// Counts how often a connection's task is woken.
    #[derive(Default)]
    struct Wakes(AtomicUsize);

    impl Wake for Wakes {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    impl Wakes {
        fn count(&self) -> usize {
            self.0.load(Ordering::Relaxed)
        }
    }

    fn connection(beyond: &Beyond) -> (Rc<Link>, Arc<Wakes>) {
        let link = Rc::new(Link::new(Stopping::new(pending::<()>, Duration::ZERO), beyond.clone()));
        let wakes = Arc::<Wakes>::default();
        link.is_served_by(&Context::from_waker(&Waker::from(wakes.clone())));
        (link, wakes)
    }

    /// A connection that holds what there is for all of them beyond the usual.
    fn greedy(beyond: &Beyond) -> Rc<Link> {
        let (link, _) = connection(beyond);
        link.ahead.add(17 << 20);
        link
    }

    /// Reads until the memory of others leaves no room.
    fn reads_until_it_has_to_wait(link: &Link) {
        link.ahead.add(40 << 10);
        assert!(link.ahead.is_full());
        link.ahead.wait();
    }

    #[test]
    fn what_is_awaited_follows_the_request() {
        let (link, _) = connection(&Beyond::default());
        assert_eq!(link.awaited(), Awaited::Head);
        link.has_taken_request();
        assert_eq!(link.awaited(), Awaited::Nothing, "its size is not known yet");
        link.expects_body(BodySize::Sized(5000));
        assert_eq!(link.awaited(), Awaited::Body(5000));
        link.ahead.add(1000);
        assert_eq!(link.awaited(), Awaited::Body(4000));
        link.has_taken_of_body(1000);
        assert_eq!(link.awaited(), Awaited::Body(4000));
        link.has_taken_of_body(4000);
        assert_eq!(link.awaited(), Awaited::Nothing);
        link.expects_body(BodySize::Stream);
        assert_eq!(link.awaited(), Awaited::Chunks);
        let mut answering = link.clone().answering();
        answering.discards_the_rest();
        drop(answering);
        assert_eq!(link.awaited(), Awaited::Rest);
        link.has_taken_request();
        assert_eq!(link.awaited(), Awaited::Nothing, "nothing is left of the request before");
        drop(link.clone().answering());
        assert_eq!(link.awaited(), Awaited::Head);
    }

    /// It is served again only if it is woken: that others have ended in the meantime, and it could read on by now, tells it
    /// nothing.
    #[test]
    fn a_connection_that_waited_for_memory_is_woken_although_others_have_given_theirs_back() {
        let beyond = Beyond::default();
        let (link, wakes) = connection(&beyond);
        let answering = link.clone().answering();

        let other = greedy(&beyond);
        reads_until_it_has_to_wait(&link);
        drop(other);
        assert!(!link.ahead.is_full());
        link.has_taken();
        assert_eq!(wakes.count(), 1, "a part of a body was taken");
        link.has_taken();
        assert_eq!(wakes.count(), 1, "it did not wait");

        let other = greedy(&beyond);
        reads_until_it_has_to_wait(&link);
        drop((other, answering));
        assert_eq!(wakes.count(), 2, "the answer was sent");
    }
}
