//! Every spelling of every route, directly and through the shipped nginx configuration: a request either is not found,
//! or has its audit entry and the headers of the route.

use std::collections::{HashMap, HashSet};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use yilin_testkit::eventually;

use crate::instance::Instance;

/// The shipped configuration.
const SHIPPED: &str = include_str!("../../../../deploy/nginx.conf");

/// The timeout after which a response counts as hanging.
const PATIENCE: Duration = Duration::from_secs(180);

/// The headers for browsers and caches.
const HEADERS: [&str; 5] =
    ["cache-control", "vary", "x-content-type-options", "x-frame-options", "referrer-policy"];

/// A private nginx, stopped with the test.
struct Nginx {
    child: Child,
    address: String,
    _folder: tempfile::TempDir,
}

impl Nginx {
    /// Starts nginx in front of a service, with the shipped file except for names, ports and certificates.
    fn start(service: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().to_string()
        };
        let is_kept = |line: &&str| {
            let setting = line.trim();
            !["ssl_", "listen [::]", "server_name "].iter().any(|start| setting.starts_with(start))
        };
        let lines: Vec<&str> = SHIPPED.lines().filter(is_kept).collect();
        let redirecting = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let site = lines
            .join("\n")
            .replace("127.0.0.1:8088", service)
            .replace("listen 80;", &format!("listen {redirecting};"))
            .replace("listen 443 ssl http2;", &format!("listen {address};"));
        assert!(site.contains(&address) && site.contains(service), "{site}");
        let place = folder.path().display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {place}/{kind};"))
            .concat();
        let config = format!(
            "user root;\nworker_processes 1;\ndaemon off;\npid {place}/pid;\nerror_log {place}/error.log;\n\
             events {{}}\nhttp {{ access_log off; {temporary}\n{site}\n}}\n"
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(program());
        command
            .arg("-p")
            .arg(folder.path())
            .arg("-e")
            .arg(folder.path().join("error.log"))
            .arg("-c")
            .arg(&file);
        let child = command.stderr(Stdio::null()).spawn().unwrap();
        Self { child, address, _folder: folder }
    }

    async fn is_ready(&self) {
        eventually("nginx listens", async || TcpStream::connect(&self.address).is_ok()).await;
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let pid = self.child.id().to_string();
        // Its workers stop with it only on a signal, not when it is killed.
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        drop(asked.and_then(|_| self.child.wait()));
    }
}

/// Servers are often outside the search path of ordinary users.
fn program() -> &'static str {
    let places = ["/usr/sbin/nginx", "/usr/local/sbin/nginx", "/opt/homebrew/bin/nginx"];
    places.into_iter().find(|place| Path::new(place).exists()).unwrap_or("nginx")
}

/// The relevant parts of a response.
struct Answer {
    status: u16,
    headers: HashMap<String, String>,
}

impl Answer {
    fn policy(&self) -> Vec<Option<&String>> {
        HEADERS.iter().map(|name| self.headers.get(*name)).collect()
    }
}

/// Sends a request without normalising its target.
fn send(address: &str, method: &str, target: &str, token: &str) -> Answer {
    let mut connection = TcpStream::connect(address).unwrap();
    connection.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {address}\r\nAuthorization: {token}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // An event stream does not end by itself; only its head is needed.
    let mut piece = [0; 4096];
    while !answer.windows(4).any(|end| end == b"\r\n\r\n") {
        match connection.read(&mut piece).unwrap() {
            0 => break,
            read => answer.extend_from_slice(&piece[..read]),
        }
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let status = status.unwrap_or_else(|| panic!("{method} {target}: {text:?}"));
    let headers = lines.map_while(|line| line.split_once(": "));
    Answer { status, headers: headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect() }
}

/// A described route.
struct Route {
    method: String,
    path: String,
    operation: String,
    is_audited: bool,
}

fn routes() -> Vec<Route> {
    let description: Value = serde_json::from_str(&yilin_http::openapi_json().unwrap()).unwrap();
    let paths = description["paths"].as_object().unwrap();
    let mut routes: Vec<Route> = paths
        .iter()
        .flat_map(|(path, item)| {
            item.as_object().unwrap().iter().map(|(method, operation)| Route {
                method: method.to_uppercase(),
                path: path
                    .replace("{cid}", "QmUSaebDyekM1GFk7FExm2NqMBFyTUC5crTuBTTSwiPAzG")
                    .replace("{token}", "0.AAAA"),
                operation: operation["operationId"].as_str().unwrap().to_owned(),
                is_audited: operation["x-access"]["audited"].as_bool().unwrap(),
            })
        })
        .collect();
    // The session ends with the first of these.
    routes.sort_by_key(|route| route.operation.eq_ignore_ascii_case("logout"));
    routes
}

/// The path in every other spelling, and the method.
fn spellings(route: &Route) -> Vec<(String, String)> {
    let path = &route.path;
    let encoded = |wanted: &dyn Fn(usize) -> bool| -> String {
        let char = |(place, char): (usize, char)| match char {
            '/' => "/".to_owned(),
            char if wanted(place) => format!("%{:02x}", u32::from(char)),
            char => char.to_string(),
        };
        path.char_indices().map(char).collect()
    };
    // Of a file's path, only the part that names the route: the rest is data.
    let named = path.find("/Qm").unwrap_or(path.len());
    let mut targets: Vec<String> = (0..named)
        .filter(|place| !path[*place..].starts_with('/'))
        .map(|place| encoded(&|at| at == place))
        .collect();
    targets.push(encoded(&|_| true));
    let slashes = path.match_indices('/').map(|(place, _)| format!("{}/{}", &path[..place], &path[place..]));
    targets.extend(slashes);
    targets.extend(["/", ".", "..", "/.", "/..", "%2e", "%00", ";x"].map(|end| format!("{path}{end}")));
    targets.extend([
        path.to_uppercase(),
        format!("/.{path}"),
        format!("/x/..{path}"),
        format!("http://localhost{path}"),
    ]);
    let mut spellings: Vec<_> = targets.into_iter().map(|target| (route.method.clone(), target)).collect();
    spellings
        .extend(["HEAD", "GET", "POST", "PUT", "OPTIONS"].map(|method| (method.to_owned(), path.clone())));
    spellings
}

/// Sends every spelling of every route to this address; returns the ids of requests that must have an entry.
fn try_all(address: &str, token: &str) -> HashMap<String, String> {
    let mut due = HashMap::new();
    for route in routes() {
        let plain = send(address, &route.method, &route.path, token);
        for (method, target) in spellings(&route) {
            let about = format!("{address}: {method} {target}");
            let answer = send(address, &method, &target, token);
            let Some(id) = answer.headers.get("x-request-id") else {
                // The proxy's own response.
                assert!(matches!(answer.status, 400 | 403), "{about}: {}", answer.status);
                continue;
            };
            // If the route is not found, nothing was done; 405 is a response of the path, not of a route.
            if !matches!(answer.status, 404 | 405) {
                assert_eq!(answer.policy(), plain.policy(), "{about}: {}", answer.status);
                if route.is_audited {
                    due.insert(id.clone(), about);
                }
            }
        }
    }
    due
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_route_bypasses_the_audit_log_directly_or_through_nginx() {
    let folder = tempfile::tempdir().unwrap();
    let instance = Instance::start(folder.path(), &[("YILIN_TRUSTED_PROXIES", "127.0.0.1")]);
    let nginx = Nginx::start(instance.address());
    nginx.is_ready().await;
    let direct = try_all(instance.address(), &instance.log_in("admin").await);
    let proxied = try_all(&nginx.address, &instance.log_in("admin").await);
    assert!(direct.len() > 1000 && proxied.len() > 1000, "{} and {}", direct.len(), proxied.len());
    let token = instance.log_in("admin").await;
    let mut missing = Vec::new();
    eventually("all are written", async || {
        let log = instance.payload("/api/audit", &token).await;
        let entries = log["list"].as_array().unwrap();
        let known: HashSet<&str> =
            entries.iter().map(|entry| entry["request_id"].as_str().unwrap()).collect();
        missing = direct
            .iter()
            .chain(&proxied)
            .filter(|(id, _)| !known.contains(id.as_str()))
            .map(|(_, about)| about.clone())
            .collect();
        // Printed on timeout.
        if !missing.is_empty() {
            println!("{} without an entry, {:?} among them", missing.len(), missing.first());
        }
        missing.is_empty()
    })
    .await;
}
