//! Common parts of every response: a request id, errors in the caller's language, security headers, the
//! session cookie if due, and metrics.

use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use yilin_domain::error::Error as DomainError;
use yilin_domain::port::{Part, PortError};

use crate::audit::Pending;
use crate::auth::{RefreshCookie, session_cookie};
use crate::client;
use crate::context::RequestContext;
use crate::error::{ApiError, Language};
use crate::pause::bound_pauses;
use crate::rate_limiter::RateLimiter;
use crate::route::{self, ErrorForm, Route};
use crate::service::Service;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) async fn finish<B: MessageBody + 'static>(
    service: web::Data<Service>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let request_id = format!("{:016x}", u64::from_be_bytes(service.random.bytes()));
    let language = Language::of(request.headers());
    // The request itself must not be kept: routing requires sole ownership.
    let source = client::address(request.request(), &service);
    let context = RequestContext::new(request_id.clone(), source, service.audit.writer());
    request.extensions_mut().insert(context.clone());
    bound_pauses(&mut request, service.options.longest_pause);
    let pending = Pending::begin(&service, &context);
    let mut answered = next.call(request).await?.map_into_boxed_body();
    if let Err(error) = pending.finish(&mut answered).await {
        let (request, _) = answered.into_parts();
        answered = ServiceResponse::from_err(ApiError::from(DomainError::Port(error)), request);
    }
    let answered_at = Instant::now();
    for (part, lines) in service.outages.left_out(answered_at) {
        tracing::warn!(%part, lines, "more requests failed; their log lines were omitted");
    }
    let mut response = match told(&answered) {
        None => answered,
        Some(told) => {
            log(told.error(), &service.outages, answered_at, &request_id, answered.request().path());
            let body = match route::error_form(context.route(), answered.request().path()) {
                ErrorForm::OpenAi => told.error().respond_chat(language),
                ErrorForm::Envelope => told.error().respond(language, &request_id),
            };
            let (request, mut previous) = answered.into_parts();
            let mut response = ServiceResponse::new(request, body);
            if let Some(allow) = previous.headers_mut().remove(header::ALLOW).next() {
                response.headers_mut().insert(header::ALLOW, allow);
            }
            response
        }
    };
    refresh_cookie(&service, &mut response)?;
    add_headers(&mut response, context.route(), &request_id);
    let method = response.request().method();
    let label = if is_known(method) { method.as_str() } else { "other" };
    service.metrics.observe(
        label,
        context.route().map(|route| route.path),
        response.status().as_u16(),
        started.elapsed(),
    );
    Ok(response)
}

/// An error to report: a handler's own, or one of the framework's in our words.
enum Told<'a> {
    Ours(&'a ApiError),
    Framework(ApiError),
}

impl Told<'_> {
    fn error(&self) -> &ApiError {
        match self {
            Self::Ours(error) => error,
            Self::Framework(error) => error,
        }
    }
}

fn told(response: &ServiceResponse<BoxBody>) -> Option<Told<'_>> {
    if let Some(error) = response.response().error() {
        if let Some(error) = error.as_error::<ApiError>() {
            return Some(Told::Ours(error));
        }
        return Some(Told::Framework(match response.status() {
            StatusCode::PAYLOAD_TOO_LARGE => ApiError::BodyTooLarge,
            StatusCode::NOT_FOUND => ApiError::NoSuchRoute,
            StatusCode::METHOD_NOT_ALLOWED => ApiError::MethodNotAllowed,
            StatusCode::REQUEST_TIMEOUT => ApiError::RequestTimeout,
            status if status.is_client_error() => ApiError::UnparsableBody,
            _ => ApiError::internal(error.to_string()),
        }));
    }
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => Some(Told::Framework(ApiError::MethodNotAllowed)),
        _ => None,
    }
}

/// Logs errors that operators should look into: bugs, and unavailable components, but not for every request
/// that needs them. Overload is visible in the metrics; a line for each request would only make it worse.
fn log(error: &ApiError, outages: &RateLimiter<Part>, now: Instant, request_id: &str, path: &str) {
    use actix_web::ResponseError as _;
    let plain = error.plain();
    if let ApiError::Domain(DomainError::Port(PortError::Unavailable { part, .. })) = plain
        && !outages.admits(*part, now)
    {
        return;
    }
    match plain {
        ApiError::Domain(DomainError::Port(PortError::Overloaded { .. })) => {
            tracing::debug!(request_id, path, error = %chain(error), "request refused");
        }
        ApiError::Domain(DomainError::Port(PortError::Unavailable { .. })) => {
            tracing::warn!(request_id, path, error = %chain(error), "request failed");
        }
        error if error.status_code().is_server_error() => {
            tracing::error!(request_id, path, error = %chain(error), "request failed");
        }
        _ => {}
    }
}

/// An error with all its causes.
fn chain(error: &ApiError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn refresh_cookie(service: &Service, response: &mut ServiceResponse<BoxBody>) -> Result<(), Error> {
    let refresh = response.request().extensions_mut().remove::<RefreshCookie>();
    if let Some(RefreshCookie { session, role }) = refresh {
        // The handler may itself have ended the session.
        if !service.use_cases.sessions.is_ended(session.id) {
            let cookie = session_cookie(service, &session, role)?;
            response.response_mut().add_cookie(&cookie).map_err(ApiError::internal)?;
        }
    }
    Ok(())
}

fn add_headers(response: &mut ServiceResponse<BoxBody>, route: Option<&Route>, request_id: &str) {
    // That of the route: the request's may be spelled with escapes.
    let path = route.map_or(response.request().path(), |route| route.path);
    // Files may be embedded in other pages: their handler sets its own headers.
    let (is_api, is_file) = (path.starts_with("/api"), path.starts_with("/ipfs/"));
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !is_file {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if is_api {
        // Personal data must not be stored in any cache, shared or private.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    }
}

fn is_known(method: &Method) -> bool {
    [Method::GET, Method::POST, Method::PUT, Method::HEAD, Method::OPTIONS, Method::DELETE].contains(method)
}
