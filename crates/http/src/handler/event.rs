//! Events as a stream.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, HttpResponse, rt, web};
use futures_util::stream;
use utoipa::openapi::path::{ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::error::Error;
use yilin_domain::event::EventId;
use yilin_domain::time::HospitalZone;
use yilin_domain::usecase::{FeedItem, LAST_EVENT_ID, Subscription};
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_web::Service;
use yilin_web::audit::Disclosure;
use yilin_web::auth::{AnyRole, Caller};
use yilin_web::error::ApiError;
use yilin_web::input::{Query, request};
use yilin_web::route::{Describe, Input, Record, Route, get, tagged};

use crate::reply::{Answer, Events, Reply};
use crate::view::{EventView, event_json};

/// Interval of comments on an idle stream: proxies close idle connections after a minute, and a vanished client is
/// only detected by sending.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

pub(crate) fn routes() -> Vec<Route> {
    tagged(
        "events",
        [get("/api/events", "listen", listen)
            .summary("Events of one's own records, as server-sent events")
            .details(
                "The admin gets the events of all records. With the `id` of an event as `Last-Event-ID`, the stream \
                continues after it without a gap for 7 days; after that, it begins with an event `reset` and continues \
                with new events. A comment is sent every 15 seconds. The stream ends when its session ends, and when \
                the client reads too slowly.",
            )
            .errors([Error::TooManyListeners])
            .errors([Invalid::one(LAST_EVENT_ID, FieldProblem::UnknownEvent)])
            .audited(Read, "event", Record::Caller)],
    )
}

request! {
    /// Where to continue.
    pub(crate) struct EventsQuery {
        /// The id of the last event seen; the header of this name takes precedence.
        last_event_id: Option<EventId> = "Last-Event-ID",
    }
}

/// The header `Last-Event-ID`, which browsers send when they reconnect.
pub(crate) struct LastEventIdHeader(Option<EventId>);

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

async fn listen(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AnyRole>,
    header: LastEventIdHeader,
    Query(query): Query<EventsQuery>,
) -> Answer<Events<EventView>> {
    let last = header.0.or(query.last_event_id);
    let subscription = service.use_cases.events.subscribe(&caller.actor, &caller.session, last).await?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "text/event-stream; charset=utf-8"))
        // Disables buffering in proxies.
        .insert_header(("x-accel-buffering", "no"));
    let response = if request.method() == Method::HEAD {
        response.finish()
    } else {
        let line = Line { subscription, zone: service.options.zone, begun: false };
        response.streaming(stream::unfold(line, |mut line| async move {
            let bytes = line.next().await?;
            Some((Ok::<_, ApiError>(bytes), line))
        }))
    };
    // Events contain no personal data; reading the record itself is recorded.
    Ok(Reply::of(response).disclosing(Disclosure::nothing()))
}

/// The stream to a client.
struct Line {
    subscription: Subscription,
    zone: HospitalZone,
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
            Ok(Ok(items)) => match written(&items?, self.zone) {
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
fn written(items: &[FeedItem], zone: HospitalZone) -> Result<Bytes, serde_json::Error> {
    let mut text = String::new();
    for item in items {
        let (id, name, data) = match item {
            FeedItem::Reset(after) => {
                (*after, "reset", serde_json::json!({"id": after.to_string(), "type": "reset"}).to_string())
            }
            FeedItem::Event(event) => (event.id, event.content.event_type.as_str(), event_json(event, zone)?),
        };
        text.extend(["id: ", &id.to_string(), "\nevent: ", name, "\ndata: ", &data, "\n\n"]);
    }
    Ok(text.into())
}
