//! Response bodies while they are sent: what they hold, and when they are cut off.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::rt;
use actix_web::rt::time::sleep;
use actix_web::web::Bytes;

use super::{Answering, Link, Unread};
use crate::auth::SessionEnd;
use crate::middleware::Place;

/// A response body, with the resources that are released once it has been sent.
pub(crate) struct Departing {
    body: BoxBody,
    /// The unread part of the request's body; see [`Unread`].
    _unread: Option<Unread>,
    /// Its connection, as long as it is being sent; `None` if another server accepted it.
    _answering: Option<Answering>,
    /// Its place, if it is a long response.
    _place: Option<Place>,
    session: Option<Rc<Watched>>,
}

/// State shared between a stream and the task that watches its session.
struct Watched {
    cut_off: Cell<Option<CutOff>>,
    sender: RefCell<Option<Waker>>,
}

/// How a stream is ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CutOff {
    /// With a valid ending: event streams have no defined end.
    Ended,
    /// Without a valid ending, so that it cannot be taken for complete.
    Broken,
}

impl Departing {
    pub(crate) fn new(
        body: BoxBody,
        unread: Option<Unread>,
        mut answering: Option<Answering>,
        place: Option<Place>,
    ) -> Self {
        if let Some(answering) = answering.as_mut().filter(|_| unread.is_some()) {
            answering.discards_the_rest();
        }
        Self { body, _unread: unread, _answering: answering, _place: place, session: None }
    }

    /// Ends the body when the session ends, even if the client does not read it.
    pub(crate) fn until(mut self, end: SessionEnd, cut_off: CutOff, link: Option<Rc<Link>>) -> Self {
        let watched = Rc::new(Watched { cut_off: Cell::default(), sender: RefCell::default() });
        rt::spawn(watch(end, cut_off, Rc::downgrade(&watched), link));
        self.session = Some(watched);
        self
    }
}

/// Waits for the end of the session and then ends the stream: first its handler may end it, then it is cut off, and
/// finally, if the client does not read it, its connection is closed.
async fn watch(end: SessionEnd, cut_off: CutOff, stream: Weak<Watched>, link: Option<Rc<Link>>) {
    /// Duration of each step. Together with the delay until the instance learns of the end they take less than 2 s.
    const STEP: Duration = Duration::from_millis(250);
    while !end.has_come() {
        if stream.strong_count() == 0 {
            return;
        }
        sleep(STEP).await;
    }
    sleep(STEP).await;
    if let Some(stream) = stream.upgrade() {
        stream.cut_off.set(Some(cut_off));
        if let Some(sender) = stream.sender.take() {
            sender.wake();
        }
    }
    sleep(STEP).await;
    if let Some(link) = link.filter(|_| stream.strong_count() > 0) {
        link.close();
    }
}

/// The session ended while a response was being sent.
#[derive(Debug, thiserror::Error)]
#[error("the session has ended")]
struct SessionOver;

impl MessageBody for Departing {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        if let Some(watched) = &this.session {
            match watched.cut_off.get() {
                Some(CutOff::Ended) => return Poll::Ready(None),
                Some(CutOff::Broken) => return Poll::Ready(Some(Err(SessionOver.into()))),
                None => *watched.sender.borrow_mut() = Some(context.waker().clone()),
            }
        }
        Pin::new(&mut this.body).poll_next(context)
    }
}
