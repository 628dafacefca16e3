//! The minimum rate of request bodies.

use std::cell::RefCell;
use std::io::ErrorKind;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_web::HttpMessage as _;
use actix_web::body::BodySize;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::rt::time::sleep;
use actix_web::web::Bytes;
use futures_util::Stream;
use futures_util::future::LocalBoxFuture;

use super::Link;

/// The minimum rate of request bodies. It bounds the total time spent waiting for a body by its size: `patience`
/// plus the time for its bytes at this rate.
#[derive(Debug, Clone, Copy)]
pub struct BodyPace {
    /// How far a client may fall behind the rate, at any time.
    pub patience: Duration,
    /// Bytes per second; not zero.
    pub bytes_per_second: u32,
}

impl BodyPace {
    /// Slower than any usable mobile connection, with longer pauses than a live client makes.
    pub const USUAL: Self = Self { patience: Duration::from_secs(30), bytes_per_second: 2048 };

    /// The time that this number of bytes takes at the rate.
    fn time_for(self, bytes: usize) -> Duration {
        let nanoseconds = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(1_000_000_000);
        Duration::from_nanos(nanoseconds / u64::from(self.bytes_per_second.max(1)))
    }
}

/// A request's body; `None` once it has been read to its end.
type Rest = Rc<RefCell<Option<Payload>>>;

/// The part of a request's body that its handler has not read.
pub(crate) struct Unread(Rest);

impl Unread {
    /// The rest of the body, if any. While it is held, the server knows that the body was not read to its end, and
    /// closes the connection after the response. Otherwise it would drain a chunked body without a time limit.
    pub(crate) fn rest(self) -> Option<Self> {
        let is_left = self.0.borrow().is_some();
        is_left.then_some(self)
    }
}

/// Makes a request's body fail with [`ErrorKind::TimedOut`] if it arrives more slowly than this, and sends the
/// `100 Continue` that the client may be waiting for once the body is read.
pub(crate) fn paced(request: &mut ServiceRequest, pace: BodyPace) -> Unread {
    let (link, is_asked_for) = (Link::of(request.request()), !request.head().expect());
    if let Some(link) = &link {
        link.expects_body(size(request));
    }
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return Unread(Rest::default());
    }
    let rest: Rest = Rc::new(RefCell::new(Some(payload)));
    let body =
        PacedBody { rest: rest.clone(), pace, credit: pace.patience, waiting: None, link, is_asked_for };
    request.set_payload(Payload::Stream { payload: Box::pin(body) });
    Unread(rest)
}

/// The announced size of a request's body.
fn size(request: &ServiceRequest) -> BodySize {
    if request.chunked().unwrap_or(false) {
        return BodySize::Stream;
    }
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    length.and_then(|length| length.trim().parse().ok()).map_or(BodySize::None, BodySize::Sized)
}

/// A body with a time credit: each chunk adds to it, up to the patience, and waiting for the next chunk uses it up. Only
/// time spent waiting counts, not time that the service takes to process a chunk.
struct PacedBody {
    rest: Rest,
    pace: BodyPace,
    credit: Duration,
    waiting: Option<Waiting>,
    /// The connection; `None` if another server accepted it.
    link: Option<Rc<Link>>,
    /// Whether the client sends it without a `100 Continue`, or that was sent.
    is_asked_for: bool,
}

struct Waiting {
    since: Instant,
    ends: LocalBoxFuture<'static, ()>,
}

impl PacedBody {
    fn has_arrived(&mut self, bytes: usize) {
        if let Some(waiting) = self.waiting.take() {
            self.credit = self.credit.saturating_sub(waiting.since.elapsed());
        }
        let usual = self.pace.patience;
        let patience = self.link.as_ref().map_or(usual, |link| link.stopping().limited(usual));
        self.credit = (self.credit + self.pace.time_for(bytes)).min(patience);
    }

    /// Waits until the client has been silent for too long.
    fn silence(&self) -> LocalBoxFuture<'static, ()> {
        match &self.link {
            Some(link) => Box::pin(link.stopping().clone().wait(self.credit)),
            None => Box::pin(sleep(self.credit)),
        }
    }
}

impl Stream for PacedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let polled = match this.rest.borrow_mut().as_mut() {
            Some(payload) => Pin::new(payload).poll_next(context),
            // The multipart parser polls again after the end.
            None => return Poll::Ready(None),
        };
        match polled {
            Poll::Ready(Some(Ok(bytes))) => {
                this.has_arrived(bytes.len());
                if let Some(link) = &this.link {
                    link.has_taken_of_body(bytes.len());
                }
                Poll::Ready(Some(Ok(bytes)))
            }
            Poll::Ready(end) => {
                this.rest.take();
                if let Some(link) = &this.link {
                    link.expects_body(BodySize::None);
                }
                Poll::Ready(end)
            }
            Poll::Pending => {
                if let Some(link) = this.link.as_ref().filter(|_| !this.is_asked_for) {
                    link.ask_for_body();
                    this.is_asked_for = true;
                }
                if this.waiting.is_none() {
                    this.waiting = Some(Waiting { since: Instant::now(), ends: this.silence() });
                }
                if let Some(waiting) = &mut this.waiting {
                    ready!(waiting.ends.as_mut().poll(context));
                }
                if let Some(link) = &this.link {
                    link.stopping().part_from(Rc::downgrade(link));
                }
                Poll::Ready(Some(Err(PayloadError::Io(ErrorKind::TimedOut.into()))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(pace: BodyPace) -> PacedBody {
        PacedBody {
            rest: Rest::default(),
            pace,
            credit: pace.patience,
            waiting: None,
            link: None,
            is_asked_for: true,
        }
    }

    #[test]
    fn chunks_add_credit_up_to_the_patience() {
        let pace = BodyPace { patience: Duration::from_secs(30), bytes_per_second: 1000 };
        let mut body = body(pace);
        body.has_arrived(1 << 20);
        assert_eq!(body.credit, pace.patience, "a large chunk does not allow a longer pause");
        body.credit = Duration::from_secs(5);
        body.has_arrived(2000);
        assert_eq!(body.credit, Duration::from_secs(7));
        body.has_arrived(usize::MAX);
        assert_eq!(body.credit, pace.patience);
    }
}
