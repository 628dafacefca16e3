//! The files for nginx and Caddy as they are shipped, but for names, ports and the certificate: log-in, uploads, streams and
//! events go through, and the proxy's own errors read like the service's.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::StreamBody;
use hyper::body::Frame;
use reqwest::{Body, Client, StatusCode, redirect};
use serde_json::{Value, json};
use yilin_testkit::openai::{STREAM_HEAD, StandIn, Step, piece};
use yilin_testkit::{eventually, form};

use crate::instance::Instance;

const NGINX: &str = include_str!("../../../../deploy/nginx.conf");
const CADDY: &str = include_str!("../../../../deploy/Caddyfile");

/// How large the uploaded file is, in MiB.
const UPLOAD_MIB: usize = 50;

/// A private proxy in front of a service, which ends with the test.
struct Proxy {
    child: Child,
    http: String,
    https: String,
    _folder: tempfile::TempDir,
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A program that is often outside the search path of ordinary users.
fn program(name: &str) -> String {
    let places = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/bin"];
    let found = places.iter().map(|place| format!("{place}/{name}")).find(|path| Path::new(path).exists());
    found.unwrap_or_else(|| name.to_owned())
}

/// A certificate of its own for `localhost`.
fn certify(folder: &Path) {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]);
    openssl.args([
        "-addext",
        "subjectAltName=DNS:localhost",
        "-keyout",
        "privkey.pem",
        "-out",
        "fullchain.pem",
    ]);
    let made = openssl.current_dir(folder).stderr(Stdio::null()).status().unwrap();
    assert!(made.success(), "openssl makes a certificate");
}

/// The shipped text with each of these replaced, all of which it must have.
fn adapted(shipped: &str, replaced: &[(&str, String)]) -> String {
    replaced.iter().fold(shipped.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in what is shipped");
        text.replace(from, to)
    })
}

impl Proxy {
    fn nginx(service: &str, ports: [u16; 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path());
        let place = folder.path().display();
        let [http, https] = ports;
        let site = adapted(
            NGINX,
            &[
                ("127.0.0.1:8088", service.to_owned()),
                ("listen 80;", format!("listen 127.0.0.1:{http};")),
                ("listen [::]:80;", String::new()),
                ("listen 443 ssl http2;", format!("listen 127.0.0.1:{https} ssl http2;")),
                ("listen [::]:443 ssl http2;", String::new()),
                ("yilin.example.cn", "localhost".to_owned()),
                ("/etc/ssl/yilin", place.to_string()),
                ("client_max_body_size 2100m", "client_max_body_size 60m".to_owned()),
            ],
        );
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|kind| format!("{kind}_temp_path {place}/{kind};"))
            .concat();
        let config = format!(
            "worker_processes 1;\ndaemon off;\npid {place}/pid;\nevents {{}}\n\
             http {{ access_log off; {temporary}\n{site}\n}}\n"
        );
        let file = folder.path().join("nginx.conf");
        std::fs::write(&file, config).unwrap();
        let mut nginx = Command::new(program("nginx"));
        nginx.arg("-p").arg(folder.path()).arg("-e").arg("stderr").arg("-c").arg(file);
        Self::of(nginx, folder, ports)
    }

    fn caddy(service: &str, ports: [u16; 2]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        certify(folder.path());
        let [http, https] = ports;
        let site = adapted(
            CADDY,
            &[
                ("reverse_proxy 127.0.0.1:8088\n", format!("reverse_proxy {service}\n")),
                ("yilin.example.cn", "localhost".to_owned()),
                ("/etc/ssl/yilin", folder.path().display().to_string()),
                ("^(2[2-9][0-9]{8}|[3-9][0-9]{9}|[0-9]{11,})$", "^[0-9]{9,}$".to_owned()),
            ],
        );
        let config = format!("{{\n\tadmin off\n\thttp_port {http}\n\thttps_port {https}\n}}\n{site}");
        let file = folder.path().join("Caddyfile");
        std::fs::write(&file, config).unwrap();
        let mut caddy = Command::new(program("caddy"));
        caddy.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
        caddy
            .env("HOME", folder.path())
            .env("XDG_DATA_HOME", folder.path())
            .env("XDG_CONFIG_HOME", folder.path());
        Self::of(caddy, folder, ports)
    }

    fn of(mut command: Command, folder: tempfile::TempDir, [http, https]: [u16; 2]) -> Self {
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        Self {
            child,
            http: format!("http://localhost:{http}"),
            https: format!("https://localhost:{https}"),
            _folder: folder,
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // Its workers end with it only if it is asked.
        let pid = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &pid]).status();
        drop(asked.and_then(|_| self.child.wait()));
    }
}

/// What the proxy itself answers reads like the service's own.
async fn is_enveloped(answer: reqwest::Response, code: u16, slug: &str) {
    assert_eq!(answer.status(), code);
    assert!(answer.headers().contains_key("strict-transport-security"));
    let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(
        (body["code"].as_u64(), body["error"].as_str()),
        (Some(u64::from(code)), Some(slug)),
        "{body}"
    );
    assert_eq!((body["data"].clone(), body["request_id"].as_str()), (json!([]), Some(id.as_str())), "{body}");
    assert!(body["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{body}");
}

/// Reads a stream until this has come, which the end of the stream does not follow.
async fn hears(stream: &mut reqwest::Response, words: &str) {
    let mut heard = Vec::new();
    while !String::from_utf8_lossy(&heard).contains(words) {
        heard.extend_from_slice(&stream.chunk().await.unwrap().unwrap());
    }
}

async fn carries_everything(start: fn(&str, [u16; 2]) -> Proxy) {
    let (folder, model) = (tempfile::tempdir().unwrap(), StandIn::start().await);
    let ports = [free_port(), free_port()];
    let (public_url, base_url) = (format!("https://localhost:{}", ports[1]), model.base_url());
    let settings = [
        ("YILIN_PUBLIC_URL", public_url.as_str()),
        ("YILIN_TRUSTED_PROXIES", "127.0.0.1"),
        ("YILIN_ADMIN_PASSWORD", "nurse-42"),
        ("YILIN_INITIAL_PASSWORD", "welcome-42"),
        ("YILIN_LLM_BASE_URL", &base_url),
    ];
    let instance = Instance::start(folder.path(), &settings);
    let proxy = start(instance.address(), ports);
    eventually("the proxy listens", async || {
        ports.iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
    })
    .await;
    let client = Client::builder()
        .tls_danger_accept_invalid_certs(true)
        .redirect(redirect::Policy::none())
        .build()
        .unwrap();
    let url = |path: &str| format!("{}{path}", proxy.https);

    let redirected = client.post(format!("{}/api/logout", proxy.http)).send().await.unwrap();
    assert_eq!(redirected.status(), StatusCode::PERMANENT_REDIRECT);
    let to = redirected.headers()["location"].to_str().unwrap();
    assert!(to.starts_with("https://localhost") && to.ends_with("/api/logout"), "{to}");

    let credentials = json!({"username": "admin", "password": "nurse-42"});
    let answer = client.post(url("/api/user/adminLogin")).json(&credentials).send().await.unwrap();
    assert!(answer.headers().contains_key("strict-transport-security"));
    assert!(answer.headers()["set-cookie"].to_str().unwrap().contains("Secure"));
    let answer: Value = answer.json().await.unwrap();
    let token = answer["data"][0]["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    assert_eq!(client.get(url("/metrics")).send().await.unwrap().status(), 403);

    let content: Vec<u8> = (0..UPLOAD_MIB << 17).flat_map(usize::to_le_bytes).collect();
    let upload = |content: &[u8]| {
        let request = client.post(url("/api/upload")).header("authorization", &token);
        request.header("content-type", form::CONTENT_TYPE).body(form::with_file(content)).send()
    };
    let uploaded: Value = upload(&content).await.unwrap().json().await.unwrap();
    let file = uploaded["data"][0].as_str().unwrap_or_else(|| panic!("{uploaded}")).to_owned();
    assert!(file.starts_with(&public_url), "{file}");
    assert!(client.get(&file).send().await.unwrap().bytes().await.unwrap() == content, "it comes back");

    // A piece arrives while the model has not said the next one.
    model.script([vec![Step::Send([STREAM_HEAD, &piece("多喝水")].concat().into_bytes()), Step::Hang]]);
    let question = json!({"model": "x", "stream": true, "messages": [{"role": "user", "content": "头痛"}]});
    let request = client.post(url("/api/v1/chat/completions")).bearer_auth(&token).json(&question);
    let mut streamed = request.send().await.unwrap();
    hears(&mut streamed, "多喝水").await;
    drop(streamed);
    model.left().await;

    // Events of an import that is over: the stream begins at once.
    let import = client.post(url("/api/user/uploadUserMessage")).header("authorization", &token);
    let import = import.header("content-type", form::CONTENT_TYPE);
    let csv = form::with_file("姓名,电话,角色\n张伟,13800000001,患者\n".as_bytes());
    let report: Value = import.body(csv).send().await.unwrap().json().await.unwrap();
    let job = report["data"][0]["job"].as_str().unwrap_or_else(|| panic!("{report}"));
    let events =
        client.get(url(&format!("/api/user/importJob/events?id={job}"))).header("authorization", &token);
    let mut events = events.send().await.unwrap();
    let first = events.chunk().await.unwrap().unwrap();
    assert!(String::from_utf8_lossy(&first).contains("data:"), "{first:?}");

    // Events as they happen, each while the next one has not.
    let mut events = client.get(url("/api/events")).header("authorization", &token).send().await.unwrap();
    let credentials = json!({"phone": "13800000001", "password": "welcome-42"});
    let request = client.post(url("/api/user/login")).json(&credentials);
    let answer: Value = request.send().await.unwrap().json().await.unwrap();
    let patient = answer["data"][0]["token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    let visit = json!({"type": "在家就医", "appointment_time": "2027-01-15 09:30", "inquiry_detail": "头痛"});
    let request = client.post(url("/api/inquiry/createInquiryRecord")).header("authorization", &patient);
    let answer: Value = request.json(&visit).send().await.unwrap().json().await.unwrap();
    hears(&mut events, "inquiry.submitted").await;
    let cancel = url(&format!("/api/inquiry/cancelInquiryRecord?id={}", answer["data"][0]["id"]));
    let request = client.put(cancel).header("authorization", &patient).json(&json!({"reason": "好了"}));
    assert_eq!(request.send().await.unwrap().status(), 200);
    hears(&mut events, "inquiry.cancelled").await;
    drop(events);

    // Refused by its length, of which nothing need be sent.
    let nothing = stream::pending::<std::io::Result<Frame<Bytes>>>();
    let announced =
        client.post(url("/api/upload")).header("authorization", &token).header("content-length", "100000000");
    let refused = announced.body(Body::wrap(StreamBody::new(nothing))).send().await.unwrap();
    is_enveloped(refused, 413, "request.too_large").await;
    instance.kill();
    is_enveloped(client.get(url("/api/user/verifyToken")).send().await.unwrap(), 502, "service.unreachable")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nginx_carries_everything() {
    carries_everything(Proxy::nginx).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn caddy_carries_everything() {
    carries_everything(Proxy::caddy).await;
}
