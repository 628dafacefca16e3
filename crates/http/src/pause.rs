//! Timeouts between the chunks of a request body.

use std::io::ErrorKind;
use std::time::Duration;

use actix_web::HttpMessage as _;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::rt::time::timeout;
use futures_util::{StreamExt as _, stream};

/// Ends a request's body with [`ErrorKind::TimedOut`] when the client pauses for too long: otherwise it could
/// hold a connection indefinitely.
pub(crate) fn bound_pauses(request: &mut ServiceRequest, longest: Duration) {
    let payload = request.take_payload();
    if matches!(payload, Payload::None) {
        return;
    }
    let pieces = stream::unfold(Some(payload), move |payload| async move {
        let mut payload = payload?;
        match timeout(longest, payload.next()).await {
            Ok(piece) => piece.map(|piece| (piece, Some(payload))),
            Err(_) => Some((Err(PayloadError::Io(ErrorKind::TimedOut.into())), None)),
        }
    });
    // Form readers poll once more after the end.
    request.set_payload(Payload::Stream { payload: Box::pin(pieces.fuse()) });
}
