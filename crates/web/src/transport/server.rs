//! The application on a listener.

use std::net::TcpListener;
use std::rc::Rc;
use std::time::Duration;

use actix_cors::Cors;
use actix_http::error::DispatchError;
use actix_http::{HttpService, Response};
use actix_service::{Service as _, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{AppConfig, Server, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::{Condition, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App, Error, HttpResponse, web};
use futures_util::future::ready;
use socket2::SockRef;

use super::ahead::Beyond;
use super::expect::Application;
use super::limits::HEAD_PATIENCE;
use super::stream::ClientStream;
use super::{Link, Stopping};
use crate::middleware::finish;
use crate::route::{Adapter, Adapters};
use crate::service::Service;

/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long the rest of a body is drained after a response that did not read it: some clients only read the response
/// afterwards.
const LINGER: Duration = Duration::from_secs(3);
/// How long requests may take to end when the service stops.
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 10;
/// Size of the kernel's send buffer in bytes. By default it grows to megabytes per connection, and a slow client
/// would take longer than the write timeout to free the part that makes the connection writable again.
const SEND_BUFFER: usize = 256 * 1024;

/// Serves these adapters on a listener until stopped by its handle. Installs no signal handlers. `on_worker` is called on
/// each thread that will serve requests.
pub fn server(
    listener: TcpListener,
    service: Service,
    adapters: Vec<Adapter>,
    on_worker: fn(),
) -> std::io::Result<Server> {
    // Its connections inherit this.
    SockRef::from(&listener).set_send_buffer_size(SEND_BUFFER)?;
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let connections_per_worker = (service.options.connections.connections / workers).max(1);
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections_per_worker)
        .shutdown_timeout(SHUTDOWN_TIMEOUT_SECONDS)
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let adapters = web::Data::new(Adapters(adapters));
    let beyond = Beyond::default();
    let builder = builder.listen("yilin", listener, move || {
        on_worker();
        let (service, stopping, adapters) = (service.clone(), stopping.clone(), adapters.clone());
        let beyond = beyond.clone();
        let limits = service.options.connections;
        let open = service.open_connections.clone();
        let cors = Condition::new(!service.options.web_origins.is_empty(), cors(&service, adapters.clone()));
        let app = App::new()
            .app_data(web::Data::new(service))
            .app_data(adapters.clone())
            .configure(|config| adapters.configure(config))
            .wrap(from_fn(finish))
            .wrap(cors)
            .wrap_fn(|request, next| {
                if let Some(link) = Link::of(request.request()) {
                    link.has_taken_request();
                }
                next.call(request)
            });
        let application = map_config(app, |()| AppConfig::default())
            .map(|answer| boxed(ServiceResponse::into(answer)))
            .map_err(|error: Error| boxed(error.error_response()));
        let application = Application::new(application);
        let begun = move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        };
        let http = HttpService::build()
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_PATIENCE)
            .client_disconnect_timeout(LINGER)
            .graceful_shutdown_signal(begun.clone())
            .on_connect_ext(|client: &ClientStream, data| {
                data.insert::<Rc<Link>>(client.link());
            })
            .expect(application.for_waiting())
            .h1(application);
        let stopping = Stopping::new(begun, limits.stop_patience);
        fn_service(move |tcp: TcpStream| {
            let peer = tcp.peer_addr().ok();
            let client = ClientStream::new(tcp, stopping.clone(), limits, beyond.clone(), open.enter());
            ready(Ok::<_, DispatchError>((client, peer)))
        })
        .and_then(http)
    })?;
    Ok(builder.run())
}

fn boxed<B: MessageBody + 'static>(response: HttpResponse<B>) -> Response<BoxBody> {
    response.map_into_boxed_body().into()
}

/// Lets pages of the configured origins call the adapters that are meant for them; of no others.
fn cors(service: &Service, adapters: web::Data<Adapters>) -> Cors {
    let origins = service.options.web_origins.clone();
    let allowed = Cors::default().allowed_origin_fn(move |origin, request| {
        let is_known = origins.iter().any(|known| known.as_bytes() == origin.as_bytes());
        // Routes are matched by the decoded path; none that is shared needs encoded characters.
        let path = request.uri.path();
        is_known && !path.contains('%') && adapters.are_shared_at(path)
    });
    allowed
        .allowed_methods(["GET", "POST", "PUT", "DELETE", "HEAD"])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::RANGE,
            header::HeaderName::from_static("last-event-id"),
            header::HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers([
            "x-request-id",
            "retry-after",
            "idempotency-replayed",
            "x-yilin-summary",
            "x-yilin-generated",
            "x-yilin-notice",
        ])
        .supports_credentials()
        .max_age(3600)
}
