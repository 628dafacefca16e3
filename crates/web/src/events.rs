//! Events as a stream of server-sent events, for whichever adapter.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, rt};
use futures_util::stream;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use yilin_domain::event::{Event, EventId};
use yilin_domain::usecase::{FeedItem, LAST_EVENT_ID, Subscription};
use yilin_domain::validation::{FieldProblem, Invalid};

use crate::error::ApiError;
use crate::route::{Describe, Input};

/// Interval of comments on an idle stream: proxies close idle connections after a minute, and a vanished client is
/// only detected by sending.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The header `Last-Event-ID`, which browsers send when they reconnect.
pub struct LastEventIdHeader(pub Option<EventId>);

impl FromRequest for LastEventIdHeader {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let mut values = request.headers().get_all(LAST_EVENT_ID);
        let (value, more) = (values.next(), values.next());
        let value = value.filter(|value| !value.is_empty());
        let parse = |value: &header::HeaderValue| {
            let text = value.to_str().map_err(|_| FieldProblem::NotAnEventId)?;
            EventId::parse(text.trim())
        };
        let parsed = match (value, more) {
            (_, Some(_)) => Err(FieldProblem::TooMany),
            (value, None) => value.map(parse).transpose(),
        };
        ready(parsed.map(Self).map_err(|problem| Invalid::one(LAST_EVENT_ID, problem).into()))
    }
}

impl Describe for LastEventIdHeader {
    fn describe(input: &mut Input) {
        let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[0-9]*$"));
        let parameter = ParameterBuilder::new()
            .name(LAST_EVENT_ID)
            .parameter_in(ParameterIn::Header)
            .description(Some("The id of the last event seen."))
            .schema(Some(id));
        input.parameters.push(parameter.build());
    }
}

/// The stream of these events; `render` writes the data of each.
pub fn stream(
    request: &HttpRequest,
    subscription: Subscription,
    render: impl Fn(&Event) -> Result<String, serde_json::Error> + 'static,
) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        // Disables buffering in proxies.
        .insert_header(("x-accel-buffering", "no"));
    if request.method() == Method::HEAD {
        return response.finish();
    }
    let line = Line { subscription, render: Box::new(render), begun: false };
    response.streaming(stream::unfold(line, |mut line| async move {
        let bytes = line.next().await?;
        Some((Ok::<_, ApiError>(bytes), line))
    }))
}

/// Writes the data of an event.
type Render = dyn Fn(&Event) -> Result<String, serde_json::Error>;

/// The stream to a client.
struct Line {
    subscription: Subscription,
    render: Box<Render>,
    begun: bool,
}

impl Line {
    /// The next bytes to send; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if !std::mem::replace(&mut self.begun, true) {
            // Sent immediately, so that the client knows it is connected.
            return Some(Bytes::from_static(b": listening\n\n"));
        }
        match rt::time::timeout(KEEP_ALIVE, self.subscription.next()).await {
            Err(_) => Some(Bytes::from_static(b": still here\n\n")),
            Ok(Ok(items)) => match written(&items?, &self.render) {
                Ok(bytes) => Some(bytes),
                Err(error) => {
                    tracing::error!(%error, "an event cannot be written; its stream was cut off");
                    None
                }
            },
            Ok(Err(error)) => {
                tracing::warn!(%error, "an event stream was cut off");
                None
            }
        }
    }
}

/// The items as server-sent events.
fn written(items: &[FeedItem], render: &Render) -> Result<Bytes, serde_json::Error> {
    let mut text = String::new();
    for item in items {
        let (id, name, data) = match item {
            FeedItem::Reset(after) => {
                (*after, "reset", serde_json::json!({"id": after.to_string(), "type": "reset"}).to_string())
            }
            FeedItem::Event(event) => (event.id, event.content.event_type.as_str(), render(event)?),
        };
        text.extend(["id: ", &id.to_string(), "\nevent: ", name, "\ndata: ", &data, "\n\n"]);
    }
    Ok(text.into())
}
