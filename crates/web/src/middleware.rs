//! Common parts of every response: a request id, errors in the caller's language, security headers, the
//! session cookie if due, and metrics.

use std::time::Instant;

use actix_web::body::{self, BodySize, BoxBody, MessageBody};
use actix_web::dev::{ResponseHead, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode, Version};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use tokio::sync::OwnedSemaphorePermit;
use yilin_domain::error::Error as DomainError;
use yilin_domain::port::{Part, PortError};

use crate::audit::Pending;
use crate::auth::{RefreshCookie, SessionEnd};
use crate::client;
use crate::context::RequestContext;
use crate::error::{ApiError, Failure, Language};
use crate::rate_limiter::RateLimiter;
use crate::route::{Adapters, Route};
use crate::service::Service;
use crate::transport::{AnswerMemory, CutOff, Departing, Held, Link, paced};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

pub(crate) async fn finish<B: MessageBody + 'static>(
    service: web::Data<Service>,
    adapters: web::Data<Adapters>,
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
    let answering = Link::of(request.request()).map(Link::answering);
    let unread = paced(&mut request, service.options.connections.pace);
    let pending = Pending::begin(&service, &context);
    let mut answered = if client::has_foreign_host(request.request(), &service) {
        request.error_response(ApiError::ForeignHost)
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let mut whole = (answered.response().body().size() == BodySize::None).then_some(0);
    if whole.is_none() {
        answered = answered.map_body(|_, body| match body.try_into_bytes() {
            Ok(bytes) => {
                whole = Some(bytes.len());
                BoxBody::new(bytes)
            }
            Err(body) => body,
        });
    }
    let place = match place_of(&answered, whole.unwrap_or(0), &service, &context) {
        Ok(place) => place,
        Err(error) => {
            let (request, _) = answered.into_parts();
            answered = ServiceResponse::from_err(error, request);
            None
        }
    };
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
            let form = adapters.error_form(context.route(), answered.request().path());
            let body = (form.respond)(&Failure {
                error: told.error(),
                request: answered.request(),
                language,
                request_id: &request_id,
            });
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
    let unread = unread.rest();
    // An error's body replaces what the handler made.
    let is_whole =
        whole.is_some() || response.status().is_client_error() || response.status().is_server_error();
    Ok(departing(response, &service, &context, is_whole, |body| {
        Departing::new(body, unread, answering, place)
    }))
}

/// A long response's share of what unread responses may hold.
pub(crate) struct Place {
    _permit: OwnedSemaphorePermit,
    _memory: Held,
}

/// Takes a place for a long response, which may hold memory, a file or another connection as long as its client does not read
/// it: its body, if that is there as a `whole` of so many bytes, or else what its [`AnswerMemory`] says. A short one fits into the
/// kernel's send buffer, whether the client reads it or not.
fn place_of(
    answered: &ServiceResponse<BoxBody>,
    whole: usize,
    service: &Service,
    context: &RequestContext,
) -> Result<Option<Place>, ApiError> {
    /// Maximum size of a short response in bytes.
    const SHORT: u64 = 64 * 1024;
    let is_long = match answered.response().body().size() {
        BodySize::None => false,
        BodySize::Sized(bytes) => bytes > SHORT,
        BodySize::Stream => true,
    };
    if !is_long || answered.request().method() == Method::HEAD {
        return Ok(None);
    }
    let permit = service.long_answers.clone().try_acquire_owned().map_err(|_| ApiError::Busy)?;
    let mut memory = service.answers.begin(context.actor().map(|actor| actor.uuid));
    let held =
        answered.response().extensions().get::<AnswerMemory>().map_or(whole, |AnswerMemory(bytes)| *bytes);
    if !memory.grows_by(held) {
        return Err(ApiError::Busy);
    }
    Ok(Some(Place { _permit: permit, _memory: memory }))
}

/// Wraps the body for sending, and adapts it to HTTP/1.0, `HEAD` and the end of the session.
fn departing(
    mut response: ServiceResponse<BoxBody>,
    service: &web::Data<Service>,
    context: &RequestContext,
    is_whole: bool,
    wrap: impl FnOnce(BoxBody) -> Departing,
) -> ServiceResponse<BoxBody> {
    let link = Link::of(response.request());
    if let Some(link) = &link {
        link.answer_follows();
    }
    let is_stream = response.response().body().size() == BodySize::Stream;
    let is_old = response.request().version() < Version::HTTP_11;
    if is_stream && is_old {
        // HTTP/1.0 has no chunked encoding: the end of the connection is the end of the body.
        response.response_mut().head_mut().no_chunking(true);
    }
    if (is_stream && is_old) || service.open_connections.are_many() {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    let is_asked_for = response.request().method() != Method::HEAD;
    // What is there as a whole has left the handler; what is still read ends with the session.
    let end = SessionEnd::of(context, service).filter(|_| !is_whole && is_asked_for);
    response.map_body(|head, body| {
        // The server would produce the whole stream and discard it.
        let body = if is_stream && !is_asked_for { BoxBody::new(body::None::new()) } else { body };
        let departing = wrap(body);
        BoxBody::new(match end {
            Some(end) => departing.until(end, cut_off(head), link),
            None => departing,
        })
    })
}

/// How to end a stream whose session has ended.
fn cut_off(head: &ResponseHead) -> CutOff {
    let media_type = head.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if media_type.is_some_and(|media_type| media_type.starts_with("text/event-stream")) {
        CutOff::Ended
    } else {
        CutOff::Broken
    }
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
        ApiError::Domain(DomainError::Port(PortError::Overloaded { .. })) | ApiError::Busy => {
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
    if let Some(refresh) = refresh {
        // The handler may itself have ended the session.
        if !service.use_cases.sessions.is_ended(refresh.session.id) {
            let cookie = refresh.cookie(service)?;
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
    if !headers.contains_key(header::REFERRER_POLICY) {
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    }
    if is_api {
        // Personal data must not be stored in any cache, shared or private.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Language"));
    }
}

fn is_known(method: &Method) -> bool {
    [Method::GET, Method::POST, Method::PUT, Method::HEAD, Method::OPTIONS, Method::DELETE].contains(method)
}
