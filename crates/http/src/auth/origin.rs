use actix_web::HttpRequest;
use actix_web::http::header;
use url::Url;

use crate::service::Service;

/// What a request says about the page that it comes from.
enum Provenance {
    SameOrigin,
    Foreign,
    /// It says nothing: no browser, or one from before `Sec-Fetch-Site` on a same-origin GET.
    Unknown,
}

/// Whether a request says that it comes from a page of another origin; with `unless_said`, also
/// whether it does not say where it comes from.
pub(crate) fn is_foreign(request: &HttpRequest, service: &Service, unless_said: bool) -> bool {
    match provenance(request, service) {
        Provenance::SameOrigin => false,
        Provenance::Foreign => true,
        Provenance::Unknown => unless_said,
    }
}

/// `Sec-Fetch-Site` decides where present, because a page cannot forge it; else `Origin`.
fn provenance(request: &HttpRequest, service: &Service) -> Provenance {
    let headers = request.headers();
    if let Some(site) = headers.get("sec-fetch-site") {
        return if site.as_bytes() == b"same-origin" { Provenance::SameOrigin } else { Provenance::Foreign };
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return Provenance::Unknown };
    let Some(origin) = origin.to_str().ok().and_then(|origin| Url::parse(origin).ok()) else {
        return Provenance::Foreign;
    };
    let origin = origin.origin();
    let own_host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).is_some_and(|host| {
        ["http", "https"].iter().any(|scheme| same_origin(&format!("{scheme}://{host}"), &origin))
    });
    let ours = own_host
        || service.options.public_url.origin() == origin
        || service.options.web_origins.iter().any(|allowed| same_origin(allowed, &origin));
    if ours { Provenance::SameOrigin } else { Provenance::Foreign }
}

fn same_origin(url: &str, origin: &url::Origin) -> bool {
    origin.is_tuple() && Url::parse(url).is_ok_and(|url| url.origin() == *origin)
}
