//! The origin of a request.

use std::net::IpAddr;

use actix_web::HttpRequest;

use crate::service::Service;

/// Headers that show that a proxy forwarded a request.
const FORWARDING_HEADERS: [&str; 6] =
    ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via"];

/// Whether a proxy forwarded the request: then it may come from another machine, whatever the peer's address
/// is.
pub(crate) fn is_forwarded(request: &HttpRequest) -> bool {
    FORWARDING_HEADERS.iter().any(|name| request.headers().contains_key(*name))
}

/// Whether the request comes from outside a private installation.
pub(crate) fn is_from_outside(request: &HttpRequest, service: &Service) -> bool {
    !service.options.private || is_forwarded(request)
}

/// Whether the request comes from this machine, directly.
pub(crate) fn is_local(request: &HttpRequest) -> bool {
    peer(request).is_some_and(|peer| peer.is_loopback()) && !is_forwarded(request)
}

/// The client's address: the peer's or, if the peer is a trusted proxy, the last `X-Forwarded-For` entry that
/// is not a trusted proxy itself.
pub(crate) fn address(request: &HttpRequest, service: &Service) -> String {
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
