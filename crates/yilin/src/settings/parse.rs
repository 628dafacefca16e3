//! Parses the text of settings. The allowed values are described in the catalogue, so these functions only
//! report that a text is invalid.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use chrono::{Months, TimeDelta};
use ipnet::IpNet;
use tracing_subscriber::EnvFilter;
use url::Url;
use yilin_domain::account::PersonName;
use yilin_domain::time::HospitalZone;
use yilin_webhook::SigningKey;

use super::secret::Secret;

/// The text is not an allowed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotAllowed;

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

type Parsed<T> = Result<T, NotAllowed>;

pub(super) fn socket_address(text: &str) -> Parsed<SocketAddr> {
    if let Some(port) = text.strip_prefix("localhost:") {
        return port.parse().map(|port| (Ipv4Addr::LOCALHOST, port).into()).map_err(|_| NotAllowed);
    }
    text.parse().map_err(|_| NotAllowed)
}

pub(super) fn http_url(text: &str) -> Parsed<Url> {
    let url = Url::parse(text).map_err(|_| NotAllowed)?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none();
    usable.then_some(url).ok_or(NotAllowed)
}

/// The RPC URL of a Kubo node: plain http without a path, optionally with a user and password.
pub(super) fn kubo_url(text: &str) -> Parsed<Url> {
    let url = Url::parse(text).map_err(|_| NotAllowed)?;
    let usable = url.scheme() == "http"
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    usable.then_some(url).ok_or(NotAllowed)
}

/// The URL of the webhook receiver.
pub(super) fn webhook_url(text: &str) -> Parsed<Url> {
    let url = Url::parse(text).map_err(|_| NotAllowed)?;
    if yilin_webhook::is_allowed_url(&url) { Ok(url) } else { Err(NotAllowed) }
}

/// The signing key of webhooks.
pub(super) fn signing_key(text: &str) -> Parsed<SigningKey> {
    SigningKey::parse(text).map_err(|_| NotAllowed)
}

/// The prefix of file URLs: clients pass those in their own URLs, unescaped.
pub(super) fn public_url(text: &str) -> Parsed<Url> {
    let url = http_url(text)?;
    if url.as_str().contains(|c| "?&=%+#".contains(c)) { Err(NotAllowed) } else { Ok(url) }
}

/// An origin in the format of the `Origin` header.
fn origin(text: &str) -> Parsed<String> {
    let url = http_url(text)?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    bare.then(|| url.origin().ascii_serialization()).ok_or(NotAllowed)
}

pub(super) fn origins(text: &str) -> Parsed<Vec<String>> {
    list(text, origin)
}

fn network(text: &str) -> Parsed<IpNet> {
    let address = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| address()).map_err(|_| NotAllowed)
}

pub(super) fn networks(text: &str) -> Parsed<Vec<IpNet>> {
    list(text, network)
}

fn list<T>(text: &str, item: fn(&str) -> Parsed<T>) -> Parsed<Vec<T>> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(item).collect()
}

pub(super) fn path(text: &str) -> Parsed<PathBuf> {
    if text.contains('\0') { Err(NotAllowed) } else { Ok(PathBuf::from(text)) }
}

pub(super) fn yes_or_no(text: &str) -> Parsed<bool> {
    match text.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" => Ok(true),
        "no" | "false" | "off" | "0" => Ok(false),
        _ => Err(NotAllowed),
    }
}

/// `2 GiB`, `500 MB`, `1048576`.
pub(super) fn size(text: &str) -> Parsed<u64> {
    const LARGEST: u64 = 1 << 40;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let unit: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1000,
        "k" | "kib" => 1 << 10,
        "mb" => 1_000_000,
        "m" | "mib" => 1 << 20,
        "gb" => 1_000_000_000,
        "g" | "gib" => 1 << 30,
        "tb" => 1_000_000_000_000,
        "t" | "tib" => 1 << 40,
        _ => return Err(NotAllowed),
    };
    let number: u64 = number.parse().map_err(|_| NotAllowed)?;
    let bytes = number.checked_mul(unit).filter(|bytes| (1..=LARGEST).contains(bytes));
    bytes.ok_or(NotAllowed)
}

/// Like [`size`], or 0.
pub(super) fn size_or_none(text: &str) -> Parsed<u64> {
    if text.trim() == "0" { Ok(0) } else { size(text) }
}

/// A size that easily fits into memory.
pub(super) fn request_size(text: &str) -> Parsed<usize> {
    const LARGEST: u64 = 16 << 20;
    let bytes = Some(size(text)?).filter(|bytes| *bytes <= LARGEST);
    bytes.and_then(|bytes| usize::try_from(bytes).ok()).ok_or(NotAllowed)
}

pub(super) fn whole_number<const MIN: u32, const MAX: u32>(text: &str) -> Parsed<u32> {
    text.parse().ok().filter(|number| (MIN..=MAX).contains(number)).ok_or(NotAllowed)
}

/// A number of minutes, up to a day.
pub(super) fn minutes(text: &str) -> Parsed<TimeDelta> {
    whole_number::<0, 1440>(text).map(|minutes| TimeDelta::minutes(minutes.into()))
}

/// A number of hours, up to a year; 0 is none.
pub(super) fn hours_or_none(text: &str) -> Parsed<Option<TimeDelta>> {
    let hours = whole_number::<0, 8760>(text)?;
    Ok((hours > 0).then(|| TimeDelta::hours(hours.into())))
}

/// A number of years in steps of a half: `0.5`, `3`.
pub(super) fn half_years(text: &str) -> Parsed<Months> {
    let (years, rest) = text.split_once('.').unwrap_or((text, "0"));
    let years: u32 = years.parse().map_err(|_| NotAllowed)?;
    let months = match rest.trim_end_matches('0') {
        "" => years.checked_mul(12),
        "5" => years.checked_mul(12).and_then(|months| months.checked_add(6)),
        _ => None,
    };
    months.filter(|months| (6..=1200).contains(months)).map(Months::new).ok_or(NotAllowed)
}

pub(super) fn secret_of<const MIN: usize, const MAX: usize>(text: &str) -> Parsed<Secret> {
    let length = (MIN..=MAX).contains(&text.len());
    length.then(|| Secret::new(text)).ok_or(NotAllowed)
}

/// A header value: visible ASCII.
pub(super) fn token<const MIN: usize>(text: &str) -> Parsed<Secret> {
    let usable = text.len() >= MIN && text.bytes().all(|byte| byte.is_ascii_graphic());
    usable.then(|| Secret::new(text)).ok_or(NotAllowed)
}

pub(super) fn name(text: &str) -> Parsed<PersonName> {
    PersonName::parse(text.trim()).ok().filter(|name| !name.as_str().is_empty()).ok_or(NotAllowed)
}

pub(super) fn line(text: &str) -> Parsed<String> {
    if text.contains(char::is_control) { Err(NotAllowed) } else { Ok(text.to_owned()) }
}

pub(super) fn zone(text: &str) -> Parsed<HospitalZone> {
    text.parse().map(HospitalZone).map_err(|_| NotAllowed)
}

pub(super) fn log_filter(text: &str) -> Parsed<String> {
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|_| NotAllowed)
}

pub(super) fn log_format(text: &str) -> Parsed<LogFormat> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err(NotAllowed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("2 GiB", 2 << 30),
            ("2GiB", 2 << 30),
            ("500 MB", 500_000_000),
            ("1048576", 1 << 20),
            ("3k", 3072),
        ] {
            assert_eq!(size(text), Ok(bytes), "{text}");
        }
        for text in ["", "GiB", "-1", "0", "1.5 GiB", "2 GiBs", "2 TiB", "99999999999999999999"] {
            assert_eq!(size(text), Err(NotAllowed), "{text}");
        }
    }

    #[test]
    fn years_are_whole_or_halves() {
        for (text, months) in [("0.5", 6), ("1", 12), ("2.50", 30), ("3.0", 36), ("100", 1200)] {
            assert_eq!(half_years(text), Ok(Months::new(months)), "{text}");
        }
        for text in ["", "0", "0.4", "0.25", "-1", "1,5", ".5", "100.5", "99999999999", "1 year"] {
            assert_eq!(half_years(text), Err(NotAllowed), "{text}");
        }
    }

    #[test]
    fn a_public_url_can_start_file_urls() {
        for text in ["http://127.0.0.1:8088", "https://yilin.example.cn/", "https://example.cn/yilin"] {
            assert!(public_url(text).is_ok(), "{text}");
        }
        for text in
            ["yilin.example.cn", "ftp://h", "http://", "http://h/?a", "http://h/a%20b", "http://u:p@h"]
        {
            assert_eq!(public_url(text), Err(NotAllowed), "{text}");
        }
    }

    #[test]
    fn a_kubo_url_is_http_and_has_no_path() {
        for text in ["http://127.0.0.1:5001", "http://kubo:5001/", "http://user:pass@kubo:5001"] {
            assert!(kubo_url(text).is_ok(), "{text}");
        }
        for text in ["https://kubo:5001", "kubo:5001", "/ip4/127.0.0.1/tcp/5001", "http://kubo/api/v0"] {
            assert_eq!(kubo_url(text), Err(NotAllowed), "{text}");
        }
    }

    #[test]
    fn a_webhook_url_is_https_or_this_machines() {
        for text in
            ["https://hook.example.cn/yilin?key=x", "http://127.0.0.1:9000/hook", "http://localhost:9000"]
        {
            assert!(webhook_url(text).is_ok(), "{text}");
        }
        for text in ["http://hook.example.cn/", "hook.example.cn", "ftp://127.0.0.1/", "https://"] {
            assert_eq!(webhook_url(text), Err(NotAllowed), "{text}");
        }
        assert!(signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_ok());
        assert!(signing_key("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_err());
    }

    #[test]
    fn lists_take_commas_and_blanks() {
        let networks = networks("10.0.0.0/8, 127.0.0.1 ,::1").unwrap();
        assert_eq!(networks.len(), 3);
        assert_eq!(networks[1].to_string(), "127.0.0.1/32");
        assert_eq!(super::networks(""), Ok(vec![]));
        assert_eq!(super::networks("10.0.0.0/33"), Err(NotAllowed));
        assert_eq!(origins("https://A.cn:443,http://b.cn:81/").unwrap(), ["https://a.cn", "http://b.cn:81"]);
        assert_eq!(origins("https://a.cn/app"), Err(NotAllowed));
    }

    #[test]
    fn addresses() {
        assert_eq!(socket_address("localhost:80").unwrap().to_string(), "127.0.0.1:80");
        assert_eq!(socket_address("[::1]:0").unwrap().to_string(), "[::1]:0");
        for text in ["8088", ":8088", "127.0.0.1", "example.org:80", "127.0.0.1:65536"] {
            assert_eq!(socket_address(text), Err(NotAllowed), "{text}");
        }
    }
}
