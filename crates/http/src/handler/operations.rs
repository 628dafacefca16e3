//! Routes for operators.

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use subtle::ConstantTimeEq as _;
use yilin_domain::error::Error;
use yilin_web::Service;
use yilin_web::client;
use yilin_web::error::ApiError;
use yilin_web::metrics::State;
use yilin_web::route::{Route, get, tagged};

use crate::reply::{Answer, Nothing, One, PlainText, Reply, done, success};
use crate::view::ReadinessView;

pub(crate) fn routes() -> Vec<Route> {
    tagged(
        "operations",
        [
            get("/healthz", "health", health)
                .summary("Whether the service is alive")
                .details("200 while the process runs, regardless of the database: for a supervisor.")
                .not_audited(),
            get("/readyz", "ready", ready)
                .summary("Whether the service can serve")
                .details("503 while the database does not answer or accepts no changes: for a load balancer.")
                .not_audited(),
            get("/metrics", "metrics", metrics)
                .summary("Metrics for Prometheus")
                .details("From loopback, or with the metrics token as bearer token.")
                .errors([Error::Forbidden])
                .not_audited(),
        ],
    )
}

async fn health() -> Answer<Nothing> {
    Ok(done())
}

/// 200 if the components that every request needs are available.
async fn ready(service: web::Data<Service>) -> Answer<One<ReadinessView>> {
    service.readiness.check().await.map_err(Error::Port)?;
    let pinning = service.use_cases.files.pinning().await?;
    Ok(success(ReadinessView::new(pinning.as_ref(), service.readiness.clock_offset(), service.options.zone)))
}

async fn metrics(service: web::Data<Service>, request: HttpRequest) -> Answer<PlainText> {
    if !client::is_local(&request) && !has_metrics_token(&request, &service) {
        return Err(Error::Forbidden.into());
    }
    // The other metrics are available even if the database is not.
    let pinning = service.use_cases.files.pinning().await.ok().flatten();
    let state = State {
        audit_waiting: service.audit.waiting(),
        clock_offset: service.readiness.clock_offset(),
        events: service.use_cases.events.state(),
        webhooks: service.use_cases.webhooks.backlog().await.ok().flatten(),
        pinning,
    };
    let text = service.metrics.render(&state, service.clock.now()).map_err(ApiError::internal)?;
    Ok(Reply::of(HttpResponse::Ok().content_type(ContentType::plaintext()).body(text)))
}

fn has_metrics_token(request: &HttpRequest, service: &Service) -> bool {
    let given = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match (given, &service.options.metrics_token) {
        (Some(given), Some(token)) => given.as_bytes().ct_eq(token.as_bytes()).into(),
        _ => false,
    }
}
