//! Events as a stream.

use actix_web::{HttpRequest, web};
use yilin_domain::audit::AuditAction::Read;
use yilin_domain::error::Error;
use yilin_domain::event::EventId;
use yilin_domain::usecase::LAST_EVENT_ID;
use yilin_domain::validation::{FieldProblem, Invalid};
use yilin_web::Service;
use yilin_web::audit::Disclosure;
use yilin_web::auth::{AnyRole, Caller};
use yilin_web::events::{self, LastEventIdHeader};
use yilin_web::input::{Query, request};
use yilin_web::route::{Record, Route, get, tagged};

use crate::reply::{Answer, Events, Reply};
use crate::view::{EventView, event_json};

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

async fn listen(
    service: web::Data<Service>,
    request: HttpRequest,
    caller: Caller<AnyRole>,
    header: LastEventIdHeader,
    Query(query): Query<EventsQuery>,
) -> Answer<Events<EventView>> {
    let last = header.0.or(query.last_event_id);
    let subscription = service.use_cases.events.subscribe(&caller.actor, &caller.session, last).await?;
    let zone = service.options.zone;
    let response = events::stream(&request, subscription, move |event| event_json(event, zone));
    // Events contain no personal data; reading the record itself is recorded.
    Ok(Reply::of(response).disclosing(Disclosure::nothing()))
}
