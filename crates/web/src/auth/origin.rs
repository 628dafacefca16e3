//! Cross-origin checks against CSRF.

use actix_web::http::header;
use actix_web::{HttpRequest, web};
use url::Url;

use crate::context::RequestContext;
use crate::route::Adapters;
use crate::service::Service;

/// Whether a state-changing request that relies on the cookie must be rejected: it comes from a page of
/// another origin, or does not reveal its origin. `Sec-Fetch-Site` decides if present, because a page cannot
/// forge it; otherwise `Origin`.
pub fn is_foreign(request: &HttpRequest, service: &Service) -> bool {
    !own_site(request).or_else(|| own_origin(request, service)).unwrap_or(false)
}

/// Whether either `Sec-Fetch-Site` or `Origin` names a page of another origin.
pub fn names_foreign_page(request: &HttpRequest, service: &Service) -> bool {
    [own_site(request), own_origin(request, service)].contains(&Some(false))
}

/// Whether `Sec-Fetch-Site`, if present, says that the page is ours.
fn own_site(request: &HttpRequest) -> Option<bool> {
    request.headers().get("sec-fetch-site").map(|site| site.as_bytes() == b"same-origin")
}

/// Whether `Origin`, if present, says that the page is ours.
fn own_origin(request: &HttpRequest, service: &Service) -> Option<bool> {
    let headers = request.headers();
    let origin = headers.get(header::ORIGIN)?;
    let Some(origin) = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok()) else {
        return Some(false);
    };
    let origin = origin.origin();
    let own_host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| {
        ["http", "https"].iter().any(|scheme| same_origin(&format!("{scheme}://{host}"), &origin))
    });
    let ours = own_host
        || service.options.public_url.origin() == origin
        || is_shared(request)
            && service.options.web_origins.iter().any(|allowed| same_origin(allowed, &origin));
    Some(ours)
}

/// Whether the pages of the configured origins may call this route: not the console's.
fn is_shared(request: &HttpRequest) -> bool {
    let route = RequestContext::of(request).and_then(|context| context.route());
    let adapters = request.app_data::<web::Data<Adapters>>();
    matches!((adapters, route), (Some(adapters), Some(route)) if adapters.are_shared_at(route.path))
}

fn same_origin(url: &str, origin: &url::Origin) -> bool {
    origin.is_tuple() && Url::parse(url).is_ok_and(|url| url.origin() == *origin)
}
