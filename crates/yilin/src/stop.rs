//! Graceful shutdown.

use std::time::Duration;

use actix_web::dev::ServerHandle;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::supervisor;

/// How long requests in progress may take to finish. Supervisors kill after some 30 to 90 seconds; clients
/// give up after 10.
const PATIENCE: Duration = Duration::from_secs(10);

/// The signals that ask the service to stop.
pub(crate) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Installs the signal handlers.
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

    /// Waits for a signal, then ends long-lived streams by `end` and lets the server finish requests in progress,
    /// until the timeout or a second signal.
    pub(crate) async fn stop(mut self, server: ServerHandle, end: impl FnOnce()) {
        self.asked().await;
        tracing::info!("stopping");
        end();
        supervisor::stopping();
        tokio::select! {
            () = server.stop(true) => {}
            () = tokio::time::sleep(PATIENCE) => tracing::warn!("some requests did not finish in time"),
            () = self.asked() => tracing::warn!("second stop signal: stopping immediately"),
        }
        // Not awaited: a stuck server may take arbitrarily long.
        drop(server.stop(false));
    }
}
