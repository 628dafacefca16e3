//! Streaming of answers.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::rt;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use futures_channel::{mpsc, oneshot};
use futures_util::future::{Either, select};
use futures_util::{SinkExt as _, StreamExt as _};
use yilin_domain::port::CompletionPart;
use yilin_domain::usecase::Exchange;
use yilin_web::auth::SessionEnd;
use yilin_web::error::{ApiError, Language};

use super::{ChatErrorBody, GENERATED_HEADER, first_part_with_notice};

/// Interval of keep-alive comments while the model is thinking: proxies close a silent connection after a
/// minute, and a disconnected client is only noticed when something is sent to it.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Interval of the checks whether the session has ended.
const LOOK: Duration = Duration::from_millis(200);

/// Forwards the model's answer as it arrives, each chunk once the client has taken the previous one. If the
/// client disconnects, the call to the model is cancelled, and the answer so far is still stored.
pub(crate) fn events(
    exchange: Exchange,
    notice: Option<String>,
    language: Language,
    request_id: String,
    session: SessionEnd,
    patience: Duration,
) -> HttpResponse {
    let (sender, events) = mpsc::channel(0);
    // Dropped together with the response body.
    let (alive, gone) = oneshot::channel::<()>();
    let driver = Driver { exchange, sender, language, request_id, session, patience };
    rt::spawn(driver.run(notice, gone));
    let body = events.map(move |event| {
        let _alive = &alive;
        Ok::<Bytes, ApiError>(event)
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        .insert_header(GENERATED_HEADER)
        // Disables buffering in proxies.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(body)
}

struct Driver {
    exchange: Exchange,
    sender: mpsc::Sender<Bytes>,
    language: Language,
    request_id: String,
    session: SessionEnd,
    /// How long the client may leave a part unread.
    patience: Duration,
}

impl Driver {
    async fn run(mut self, notice: Option<String>, gone: oneshot::Receiver<()>) {
        let session = self.session.clone();
        let passing_on = Box::pin(self.pass_on(notice));
        let cut_off = select(gone, Box::pin(ended(session)));
        let outcome = match select(passing_on, cut_off).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((Either::Left(_), _)) => Ok(()),
            Either::Right((Either::Right(_), _)) => Err(ApiError::Unauthenticated),
        };
        let Self { exchange, mut sender, language, request_id, .. } = self;
        // Stored before the client learns that the answer is complete.
        let kept = exchange.finish().await.map_err(ApiError::from);
        let last = match outcome.and(kept) {
            Ok(()) => Bytes::from_static(b"data: [DONE]\n\n"),
            Err(error) => {
                tracing::warn!(request_id, %error, "a streamed answer was interrupted");
                // Serializing a few strings cannot fail.
                let body = serde_json::to_vec(&ChatErrorBody::of(&error, language)).unwrap_or_default();
                event(&body)
            }
        };
        // Nothing reads it if the client has disconnected.
        let _read = sender.send(last).await.is_ok();
    }

    async fn pass_on(&mut self, mut notice: Option<String>) -> Result<(), ApiError> {
        loop {
            let next = Box::pin(self.exchange.next());
            let silence = Box::pin(rt::time::sleep(KEEP_ALIVE));
            let waited = match select(next, silence).await {
                Either::Left((part, _)) => Waited::Part(part),
                Either::Right(_) => Waited::TooLong,
            };
            let events = match waited {
                Waited::TooLong => vec![Bytes::from_static(b": the model is thinking\n\n")],
                Waited::Part(None) => return Ok(()),
                Waited::Part(Some(part)) => {
                    let CompletionPart { json, .. } = part?;
                    let notice = notice.take().map(|notice| event(&first_part_with_notice(&json, &notice)));
                    notice.into_iter().chain([event(&json)]).collect()
                }
            };
            for event in events {
                match timeout(self.patience, self.sender.send(event)).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) => return Ok(()),
                    Err(_) => return Err(ApiError::RequestTimeout),
                }
            }
        }
    }
}

/// Waits for the end of a session.
async fn ended(session: SessionEnd) {
    while !session.has_come() {
        rt::time::sleep(LOOK).await;
    }
}

/// What happened first.
enum Waited<T> {
    Part(T),
    TooLong,
}

/// A server-sent event with this single-line JSON.
fn event(json: &[u8]) -> Bytes {
    [b"data: ", json, b"\n\n"].concat().into()
}
