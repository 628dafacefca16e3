//! The origin of a request.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header;
use url::{Host, Url};

use crate::service::Service;

/// Headers that show that a proxy forwarded a request.
const FORWARDING_HEADERS: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

/// Whether a proxy forwarded the request: then it may come from another machine, whatever the peer's address
/// is.
pub fn is_forwarded(request: &HttpRequest) -> bool {
    FORWARDING_HEADERS.iter().any(|name| request.headers().contains_key(*name))
}

/// Whether the request comes from outside a private installation.
pub fn is_from_outside(request: &HttpRequest, service: &Service) -> bool {
    !service.options.private || is_forwarded(request)
}

/// Whether a request to a private installation names a foreign host. The page of a foreign site can have its name
/// resolve to 127.0.0.1 (DNS rebinding); for the browser, its requests would then be same-origin.
pub(crate) fn has_foreign_host(request: &HttpRequest, service: &Service) -> bool {
    /// They return no data, and probes call them by any name.
    const PROBED: [&str; 2] = ["/healthz", "/readyz"];
    if !service.options.private || PROBED.contains(&request.path()) {
        return false;
    }
    let named = request.headers().get_all(header::HOST).map(|host| host.to_str().ok());
    let mut hosts = named.chain(request.uri().authority().map(|authority| Some(authority.as_str())));
    hosts.any(|host| !host.and_then(host_of).is_some_and(|host| is_own_host(&host, service)))
}

/// The name or address in a `Host` header, without the port.
fn host_of(authority: &str) -> Option<Host<String>> {
    let url = Url::parse(&format!("http://{authority}")).ok()?;
    let is_host_alone = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let is_plain = is_host_alone && url.username().is_empty() && url.password().is_none();
    url.host().map(|host| host.to_owned()).filter(|_| is_plain)
}

fn is_own_host(host: &Host<String>, service: &Service) -> bool {
    let is_loopback = match host {
        Host::Domain(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            name == "localhost" || name.ends_with(".localhost")
        }
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.to_canonical().is_loopback(),
    };
    let origins = service.options.web_origins.iter().filter_map(|origin| Url::parse(origin).ok());
    let mut known = origins.chain([service.options.public_url.clone()]);
    is_loopback || known.any(|url| url.host().is_some_and(|known| known == *host))
}

/// Whether the request comes from this machine, directly.
pub fn is_local(request: &HttpRequest) -> bool {
    peer(request).is_some_and(|peer| peer.is_loopback()) && !is_forwarded(request)
}

/// The client's address: the peer's or, if the peer is a trusted proxy, the last `X-Forwarded-For` entry that
/// is not a trusted proxy itself.
pub fn address(request: &HttpRequest, service: &Service) -> String {
    let Some(peer) = peer(request) else { return String::new() };
    let trusted = |address: &IpAddr| service.options.trusted_proxies.iter().any(|net| net.contains(address));
    if !trusted(&peer) {
        return peer.to_string();
    }
    let forwarded: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut client = peer;
    for entry in forwarded.into_iter().rev() {
        // An invalid entry ends the chain: nothing to its left is trustworthy.
        let Some(address) = parse_entry(entry.trim()) else { break };
        client = address;
        if !trusted(&client) {
            break;
        }
    }
    client.to_string()
}

fn peer(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip().to_canonical())
}

/// An address, which some proxies write with a port or in brackets.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let address = entry.parse().or_else(|_| entry.parse::<std::net::SocketAddr>().map(|socket| socket.ip()));
    address
        .or_else(|_| entry.trim_matches(['[', ']']).parse())
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}
