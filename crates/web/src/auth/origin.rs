//! Cross-origin checks against CSRF.

use actix_web::HttpRequest;
use actix_web::http::header;
use url::Url;

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
        || service.options.web_origins.iter().any(|allowed| same_origin(allowed, &origin));
    Some(ours)
}

fn same_origin(url: &str, origin: &url::Origin) -> bool {
    origin.is_tuple() && Url::parse(url).is_ok_and(|url| url.origin() == *origin)
}
