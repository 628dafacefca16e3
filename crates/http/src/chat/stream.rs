use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::rt;
use actix_web::web::Bytes;
use futures_channel::{mpsc, oneshot};
use futures_util::future::{Either, select};
use futures_util::{SinkExt as _, StreamExt as _};
use yilin_domain::port::CompletionPart;
use yilin_domain::usecase::Exchange;

use super::{GENERATED_HEADER, first_part_with_notice};
use crate::error::{ApiError, Language};

/// How long a connection may be silent while the model thinks: proxies cut it off after a minute, and
/// a client that has gone is found out only by sending it something.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Passes the model's answer on as it comes, each part when the client has taken the one before. The
/// call to the model ends when the client goes away; what has come of the answer is kept all the
/// same.
pub(crate) fn events(
    exchange: Exchange,
    notice: Option<String>,
    language: Language,
    request_id: String,
) -> HttpResponse {
    let (sender, events) = mpsc::channel(0);
    // Dropped together with the answer's body.
    let (alive, gone) = oneshot::channel::<()>();
    let driver = Driver { exchange, sender, language, request_id };
    rt::spawn(driver.run(notice, gone));
    let body = events.map(move |event| {
        let _alive = &alive;
        Ok::<Bytes, ApiError>(event)
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        .insert_header(GENERATED_HEADER)
        // For proxies that would collect it.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(body)
}

struct Driver {
    exchange: Exchange,
    sender: mpsc::Sender<Bytes>,
    language: Language,
    request_id: String,
}

impl Driver {
    async fn run(mut self, notice: Option<String>, gone: oneshot::Receiver<()>) {
        let passing_on = Box::pin(self.pass_on(notice));
        let outcome = match select(passing_on, gone).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right(_) => Ok(()),
        };
        let Self { exchange, mut sender, language, request_id } = self;
        // Kept before the client learns that the answer is whole.
        let kept = exchange.finish().await.map_err(ApiError::from);
        let last = match outcome.and(kept) {
            Ok(()) => Bytes::from_static(b"data: [DONE]\n\n"),
            Err(error) => {
                tracing::warn!(request_id, %error, "a streamed answer broke off");
                event(&error.chat_body(language))
            }
        };
        // Nobody reads it any more, if the client has gone.
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
                if self.sender.send(event).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

/// What came first.
enum Waited<T> {
    Part(T),
    TooLong,
}

/// A server-sent event with this JSON, which is on one line.
fn event(json: &[u8]) -> Bytes {
    [b"data: ", json, b"\n\n"].concat().into()
}
