//! What clients are granted once the service is stopping.

use std::rc::{Rc, Weak};
use std::time::Duration;

use actix_web::rt;
use actix_web::rt::time::sleep;
use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::Link;

/// How long the connection of a client that was given up stays open, so that it can read why.
const FAREWELL: Duration = Duration::from_millis(500);

/// The signal that the server is stopping, and how long it waits for a silent client from then on. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Stopping {
    begun: Rc<dyn Fn() -> LocalBoxFuture<'static, ()>>,
    patience: Duration,
}

impl Stopping {
    /// `begun` returns a future that completes when the server begins to stop, at once if it has.
    pub(super) fn new<F>(begun: impl Fn() -> F + 'static, patience: Duration) -> Self
    where
        F: Future<Output = ()> + 'static,
    {
        Self { begun: Rc::new(move || begun().boxed_local()), patience }
    }

    pub(super) fn has_begun(&self) -> bool {
        (self.begun)().now_or_never().is_some()
    }

    /// A client's patience at present: its usual one, or the one of a server that is stopping if that is shorter.
    pub(super) fn limited(&self, usual: Duration) -> Duration {
        if self.has_begun() { usual.min(self.patience) } else { usual }
    }

    /// Waits this long, but after the server began to stop no longer than its patience.
    pub(super) async fn wait(self, usual: Duration) {
        let stopped = async {
            (self.begun)().await;
            sleep(self.patience).await;
        };
        tokio::select! {
            () = sleep(usual) => {}
            () = stopped => {}
        }
    }

    /// Closes the connection of a client that was given up because the server is stopping: otherwise the server would
    /// wait longer for the client to close it.
    pub(super) fn part_from(&self, link: Weak<Link>) {
        if self.has_begun() {
            rt::spawn(async move {
                sleep(FAREWELL).await;
                if let Some(link) = link.upgrade() {
                    link.close();
                }
            });
        }
    }
}
