//! For whoever runs the service.

use actix_web::http::header::{self, ContentType};
use actix_web::{HttpRequest, HttpResponse, web};
use subtle::ConstantTimeEq as _;
use yilin_domain::error::Error;

use super::Answer;
use crate::client;
use crate::envelope::{Envelope, done, success};
use crate::error::ApiError;
use crate::metrics::State;
use crate::request_schema::Nothing;
use crate::service::Service;
use crate::view::ReadinessView;

/// Whether the service is alive
#[utoipa::path(get, path = "/healthz", tag = "operations", operation_id = "health",
    responses((status = 200, description = "It is", body = Envelope<Nothing>)))]
pub(crate) async fn health() -> HttpResponse {
    done()
}

/// Whether the service can serve
#[utoipa::path(get, path = "/readyz", tag = "operations", operation_id = "ready",
    responses((status = 200, description = "The parts that every request needs answer", body = Envelope<ReadinessView>)))]
pub(crate) async fn ready(service: web::Data<Service>) -> Answer {
    service.readiness.check().await.map_err(Error::Port)?;
    let pinning = service.use_cases.files.pinning().await?;
    Ok(success(ReadinessView::new(pinning.as_ref(), service.readiness.clock_offset(), service.options.zone)))
}

/// Metrics for Prometheus
///
/// For loopback, or with the metrics token as bearer token.
#[utoipa::path(get, path = "/metrics", tag = "operations", operation_id = "metrics",
    responses((status = 200, description = "Metrics", content_type = "text/plain", body = String)))]
pub(crate) async fn metrics(service: web::Data<Service>, request: HttpRequest) -> Answer {
    if !client::is_local(&request) && !has_metrics_token(&request, &service) {
        return Err(Error::Forbidden.into());
    }
    // The other metrics are there also while the database is not.
    let pinning = service.use_cases.files.pinning().await.ok().flatten();
    let state = State {
        audit_waiting: service.audit.waiting(),
        clock_offset: service.readiness.clock_offset(),
        pinning,
    };
    let text = service.metrics.render(&state, service.clock.now()).map_err(ApiError::internal)?;
    Ok(HttpResponse::Ok().content_type(ContentType::plaintext()).body(text))
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
