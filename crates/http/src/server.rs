//! The HTTP server.

use std::net::TcpListener;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::http::header;
use actix_web::middleware::{Condition, from_fn};
use actix_web::{App, HttpServer, dev, web};

use crate::middleware::finish;
use crate::route;
use crate::service::Service;

/// Timeout for a client's headers.
const CLIENT_REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long requests in progress may take when the service stops.
const SHUTDOWN_TIMEOUT_SECONDS: u64 = 10;

/// Serves on a listener until stopped by its handle. Installs no signal handlers.
pub fn server(listener: TcpListener, service: Service) -> std::io::Result<dev::Server> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let connections_per_worker = (service.options.max_connections / workers).max(1);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::new(service.clone()))
            .configure(route::configure)
            .wrap(from_fn(finish))
            .wrap(Condition::new(!service.options.web_origins.is_empty(), cors(&service)))
    })
    .workers(workers)
    .max_connections(connections_per_worker)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(CLIENT_REQUEST_TIMEOUT)
    .shutdown_timeout(SHUTDOWN_TIMEOUT_SECONDS)
    .disable_signals()
    .listen(listener)?;
    Ok(server.run())
}

/// Allows the pages of the configured origins to call the API, and no others.
fn cors(service: &Service) -> Cors {
    let allowed =
        service.options.web_origins.iter().fold(Cors::default(), |cors, origin| cors.allowed_origin(origin));
    allowed
        .allowed_methods(["GET", "POST", "PUT", "DELETE", "HEAD"])
        .allowed_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::RANGE,
            header::HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([
            "x-request-id",
            "retry-after",
            "x-yilin-summary",
            "x-yilin-generated",
            "x-yilin-notice",
        ])
        .supports_credentials()
        .max_age(3600)
}
