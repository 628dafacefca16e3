//! A client's connection, which is closed if the client stops reading, or does not complete a request's head.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::rt::net::TcpStream;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::ahead::{Beyond, Turn};
use super::link::Awaited;
use super::open::Entered;
use super::{ConnectionLimits, Link, Stopping};

/// The interim response after which a client sends its body (RFC 9110 §15.2.1).
const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// Minimum number of bytes that a slow client must read within the write timeout. The kernel's send buffer
/// becomes writable in larger steps than this.
const LEAST_READ: usize = 32 * 1024;

/// Number of bytes of heads that are read before the server looks at them, and answers what it finds. It decodes every request
/// of what it has read, and sets aside 7 KiB for each, before it answers the first one. Most heads fit.
const PIECE: usize = 1024;

/// Number of bytes that are read besides while a request is being answered, to learn that its client has gone.
const SPARE: usize = 64;

/// A client's connection with a write timeout: an unread download would otherwise hold its connection and its file
/// indefinitely. Heads of requests are limited in time and size, as what they hold cannot be seen elsewhere.
pub(super) struct ClientStream {
    tcp: TcpStream,
    link: Rc<Link>,
    /// The write timeout.
    patience: Duration,
    stall: Option<Stall>,
    head_patience: Duration,
    /// The number of a head that has begun, and when the client has taken too long for it.
    head_ends: Option<(u64, LocalBoxFuture<'static, ()>)>,
    /// Number of bytes read, other than of bodies, since the server last had nothing to answer.
    piece: usize,
    /// Whether the server was given as much as it may get, to look for a complete head in it.
    is_looked_at: bool,
    /// Number of bytes sent of a `100 Continue` in progress.
    interim: Option<usize>,
    _entered: Entered,
}

/// A write that waits for the client.
struct Stall {
    ends: LocalBoxFuture<'static, ()>,
    /// Bytes written since it began.
    taken: usize,
}

impl ClientStream {
    /// Wraps a connection.
    pub(super) fn new(
        tcp: TcpStream,
        stopping: Stopping,
        limits: ConnectionLimits,
        beyond: Beyond,
        entered: Entered,
    ) -> Self {
        Self {
            tcp,
            link: Rc::new(Link::new(stopping, beyond)),
            patience: limits.write_patience,
            stall: None,
            head_patience: limits.head_patience,
            head_ends: None,
            piece: 0,
            is_looked_at: false,
            interim: None,
            _entered: entered,
        }
    }

    pub(super) fn link(&self) -> Rc<Link> {
        self.link.clone()
    }

    /// Fails if a request has closed the connection.
    fn checked(&self, context: &Context<'_>) -> io::Result<()> {
        self.link.is_served_by(context);
        if self.link.is_closed() { Err(self.given_up(io::ErrorKind::ConnectionAborted)) } else { Ok(()) }
    }

    /// The error that ends the connection. Data in the kernel's send buffer are discarded.
    fn given_up(&self, kind: io::ErrorKind) -> io::Error {
        if let Err(error) = SockRef::from(&self.tcp).set_linger(Some(Duration::ZERO)) {
            tracing::debug!(%error, "unsent data cannot be discarded");
        }
        kind.into()
    }

    /// Number of bytes that may be read before the server looks at them.
    fn room(&self, awaited: Awaited) -> usize {
        match awaited {
            Awaited::Head | Awaited::Chunks => PIECE.saturating_sub(self.piece),
            Awaited::Body(bytes) => bytes,
            Awaited::Nothing => (PIECE + SPARE).saturating_sub(self.piece),
            Awaited::Rest => usize::MAX,
        }
    }

    /// Reads no more until something is taken: a head in it, which ends the connection if there is none.
    fn poll_full(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.link.ahead().is_at(Turn::Asking) {
            if self.is_looked_at {
                return Poll::Ready(Err(self.given_up(io::ErrorKind::InvalidData)));
            }
            self.is_looked_at = true;
            context.waker().wake_by_ref();
        }
        self.link.ahead().wait();
        Poll::Pending
    }

    /// Waits for the rest of a head.
    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let head = self.link.ahead().head();
        self.head_ends = self.head_ends.take().filter(|(begun, _)| Some(*begun) == head);
        let Some(head) = head else { return Poll::Pending };
        let (link, patience) = (&self.link, self.head_patience);
        let begin = || (head, link.stopping().clone().wait(patience).boxed_local());
        let (_, ends) = self.head_ends.get_or_insert_with(begin);
        ready!(ends.as_mut().poll(context));
        Poll::Ready(Err(self.given_up(io::ErrorKind::TimedOut)))
    }

    /// Completes with an error when the write timeout expires.
    fn poll_stall(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let (link, patience) = (&self.link, self.patience);
        let begin = || Stall { ends: Box::pin(link.stopping().clone().wait(patience)), taken: 0 };
        let stall = self.stall.get_or_insert_with(begin);
        ready!(stall.ends.as_mut().poll(context));
        if stall.taken < LEAST_READ {
            return Poll::Ready(self.given_up(io::ErrorKind::TimedOut));
        }
        self.stall = None;
        self.poll_stall(context)
    }

    fn poll_interim(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while let Some(rest) =
            self.interim.and_then(|sent| CONTINUE.get(sent..)).filter(|rest| !rest.is_empty())
        {
            let Poll::Ready(written) = Pin::new(&mut self.tcp).poll_write(context, rest) else {
                return self.poll_stall(context).map(Err);
            };
            let sent = CONTINUE.len() - rest.len();
            match written? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                more => self.interim = Some(sent + more),
            }
        }
        self.interim = None;
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.checked(context)?;
        if this.link.ahead().is_full() {
            return this.poll_full(context);
        }
        this.is_looked_at = false;
        let awaited = this.link.awaited();
        let most = this.room(awaited);
        if most == 0 {
            if awaited == Awaited::Nothing {
                this.link.ahead().wait();
            } else {
                this.piece = 0;
                context.waker().wake_by_ref();
            }
            return Poll::Pending;
        }
        let mut part = ReadBuf::new(buffer.initialize_unfilled_to(most.min(buffer.remaining())));
        let read = Pin::new(&mut this.tcp).poll_read(context, &mut part);
        let bytes = part.filled().len();
        buffer.advance(bytes);
        this.link.ahead().add(bytes);
        match awaited {
            Awaited::Head | Awaited::Chunks if read.is_pending() => this.piece = 0,
            Awaited::Head | Awaited::Chunks | Awaited::Nothing => this.piece += bytes,
            Awaited::Body(_) | Awaited::Rest => {}
        }
        if read.is_pending() { this.poll_head(context) } else { read }
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.checked(context)?;
        if this.interim == Some(0) {
            // Not begun: the response that is written now supersedes it.
            this.interim = None;
        }
        ready!(this.poll_interim(context))?;
        match Pin::new(&mut this.tcp).poll_write(context, bytes) {
            Poll::Ready(written) => {
                if let (Some(stall), Ok(written)) = (&mut this.stall, &written) {
                    stall.taken += written;
                }
                Poll::Ready(written)
            }
            Poll::Pending => this.poll_stall(context).map(Err),
        }
    }

    /// Called once all data have been written.
    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.checked(context)?;
        if this.link.takes_body_request() {
            this.interim = Some(0);
        }
        ready!(this.poll_interim(context))?;
        this.stall = None;
        Pin::new(&mut this.tcp).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().tcp).poll_shutdown(context)
    }
}
