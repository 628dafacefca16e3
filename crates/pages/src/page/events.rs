//! Events, for pages that are open.

use yilin_domain::audit::AuditAction::Read;
use yilin_domain::error::Error;
use yilin_domain::event::{Event, EventId};
use yilin_web::events::{LastEventIdHeader, stream};
use yilin_web::input::Query;
use yilin_web::request;
use yilin_web::route::{Record, Route, get};

use crate::answer::{Answer, PageResult};
use crate::console::Console;

pub(crate) fn routes() -> Vec<Route> {
    vec![get("/console/events", "consoleEvents", listen).errors([Error::TooManyListeners]).audited(
        Read,
        "event",
        Record::Caller,
    )]
}

request! {
    /// Where to begin.
    pub(crate) struct Begin {
        /// The newest event that the page shows; the header, which browsers send when they connect again, takes
        /// precedence.
        after: Option<EventId>,
    }
}

async fn listen(
    console: Console,
    LastEventIdHeader(last): LastEventIdHeader,
    Query(Begin { after }): Query<Begin>,
) -> PageResult {
    let events = &console.use_cases().events;
    let subscription = events.subscribe(&console.actor, &console.session, last.or(after)).await?;
    // Events contain no personal data; what a page then shows is recorded.
    Ok(Answer::of(stream(&console.request, subscription, render)))
}

/// Which record has changed.
fn render(event: &Event) -> Result<String, serde_json::Error> {
    let subject = event.content.subject;
    serde_json::to_string(&serde_json::json!({
        "subject": {"kind": subject.kind().as_str(), "id": subject.id()},
    }))
}
