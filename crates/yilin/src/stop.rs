//! When to stop, and how long that may take.

use std::time::Duration;

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long requests that are being answered may take to end. Supervisors kill after some 30 to
/// 90 seconds; clients give up after 10.
const PATIENCE: Duration = Duration::from_secs(10);

/// The signals that ask the service to stop.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// From now on the signals are ours to handle.
    pub(crate) fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for a signal.
    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for a signal, then lets the server finish what it has begun, but not for ever, and
    /// not if it is asked again.
    pub(crate) async fn stop(mut self, server: ServerHandle) {
        self.asked().await;
        tracing::info!("stopping");
        tokio::select! {
            () = server.stop(true) => {}
            () = tokio::time::sleep(PATIENCE) => tracing::warn!("some requests did not end in time"),
            () = self.asked() => tracing::warn!("asked to stop again: stopping at once"),
        }
        // Not awaited: it cannot be said how long a server that is stuck takes.
        drop(server.stop(false));
    }
}
