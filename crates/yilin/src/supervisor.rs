//! What systemd is told about the service, where it started it with `Type=notify`.

use std::convert::Infallible;

use sd_notify::NotifyState;

use crate::background::repeat;

/// Requests are answered from now on. Also begins to say that the service is alive, as often as systemd wants to hear it.
pub(crate) fn ready() {
    tell(&[NotifyState::Ready]);
    if let Some(patience) = sd_notify::watchdog_enabled() {
        // From the thread that serves: if that one is stuck, nobody says it.
        repeat("tell the supervisor that it is alive", patience / 3, || async {
            tell(&[NotifyState::Watchdog]);
            Ok::<_, Infallible>(())
        });
    }
}

/// The service is about to end.
pub(crate) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the supervisor cannot be told how the service is");
    }
}
