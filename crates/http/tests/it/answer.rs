//! A client of the service, and responses that are checked for common requirements.

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::world::World;

/// A client with its own headers.
#[derive(Clone)]
pub(crate) struct Client<'w> {
    world: &'w World,
    headers: Vec<(&'static str, String)>,
}

impl<'w> Client<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self { world, headers: Vec::new() }
    }

    /// The same with an additional header.
    pub(crate) fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value.into()));
        client
    }

    /// The same with this token in `Authorization`, unmodified.
    pub(crate) fn token(&self, token: &str) -> Self {
        self.with("authorization", token)
    }

    /// A client of the same service without any headers.
    pub(crate) fn nobody(&self) -> Self {
        Self::new(self.world)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Option<Value>>) -> Answer {
        self.send(Method::POST, path, body.into().map(|body| body.to_string())).await
    }

    pub(crate) async fn put(&self, path: &str, body: impl Into<Option<Value>>) -> Answer {
        self.send(Method::PUT, path, body.into().map(|body| body.to_string())).await
    }

    /// Sends a request; paths are relative to the server's root.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Option<String>) -> Answer {
        let response =
            self.request(method.clone(), path).body(body.unwrap_or_default()).send().await.unwrap();
        Answer::read(response, &format!("{method} {path}")).await
    }

    /// A request with this client's headers.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.world.http.request(method, format!("{}{path}", self.world.base));
        self.headers.iter().fold(request, |request, (name, value)| request.header(*name, value))
    }
}

/// Text that no error may contain: SQL, paths, and library messages.
const LEAKS: [&str; 16] = [
    "select ",
    "insert ",
    "update ",
    "diesel",
    "mysql",
    "mariadb",
    "sqlite",
    "database is",
    "panicked",
    "/src/",
    ".rs:",
    "/tmp",
    "serde",
    "at line",
    "eof",
    "actix",
];

/// A response in the envelope.
#[derive(Debug)]
pub(crate) struct Answer {
    request: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) async fn read(response: reqwest::Response, request: &str) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let json = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{request}: {error}: {text}"));
        let answer = Self { request: request.to_owned(), status, headers, json };
        // The chat route uses OpenAI's format instead; it has its own tests.
        if !request.contains(crate::chat::PATH) {
            answer.check_envelope();
        }
        answer
    }

    /// Checks the requirements of every response in the envelope.
    fn check_envelope(&self) {
        assert_eq!(self.json["code"], self.status.as_u16(), "{self:?}");
        assert!(self.json["msg"].as_str().is_some_and(|msg| !msg.is_empty()), "{self:?}");
        let data = self.json["data"].as_array().unwrap_or_else(|| panic!("data is not an array: {self:?}"));
        if self.status.is_success() {
            assert_eq!(self.json["msg"], "success");
            assert!(data.len() <= 1 && !data.iter().any(Value::is_null), "{self:?}");
            return;
        }
        assert!(data.is_empty(), "{self:?}");
        let request_id = self.headers.get("x-request-id").unwrap().to_str().unwrap();
        assert_eq!(self.json["request_id"], request_id);
        let slug = self.json["error"].as_str().unwrap();
        assert!(slug.contains('.'), "{slug}");
        crate::declared::check_error(&self.request, self.status.as_u16(), slug);
        let tells_fields = slug == "request.invalid" || slug.starts_with("roster.");
        assert_eq!(self.status == 422 && tells_fields, self.json["fields"].is_array(), "{self:?}");
        for field in self.json["fields"].as_array().into_iter().flatten() {
            let (name, msg) = (field["field"].as_str().unwrap(), field["msg"].as_str().unwrap());
            assert!(
                self.msg().contains(msg) && (msg.contains(name) || slug.starts_with("roster.")),
                "the message omits {name}: {self:?}"
            );
        }
        let text = self.json.to_string().to_lowercase();
        for leak in LEAKS {
            assert!(!text.contains(leak), "the error leaks {leak:?}: {text}");
        }
    }

    /// Expects this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }

    /// Expects an error with this status and slug.
    #[track_caller]
    pub(crate) fn expect_error(self, status: u16, slug: &str) -> Self {
        assert_eq!((self.status.as_u16(), self.error()), (status, slug), "{self:?}");
        self
    }

    /// Expects a 422 that names exactly these fields.
    #[track_caller]
    pub(crate) fn expect_fields(self, expected: &[&str]) -> Self {
        assert_eq!((self.status.as_u16(), self.error()), (422, "request.invalid"), "{self:?}");
        let mut fields: Vec<&str> = self.json["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["field"].as_str().unwrap())
            .collect();
        let mut expected = expected.to_vec();
        fields.sort_unstable();
        expected.sort_unstable();
        assert_eq!(fields, expected, "{self:?}");
        self
    }

    /// Expects a success with a payload, and returns it.
    #[track_caller]
    pub(crate) fn payload(self) -> Value {
        let answer = self.expect(200);
        assert_eq!(answer.json["data"].as_array().unwrap().len(), 1, "no payload: {answer:?}");
        answer.json["data"][0].clone()
    }

    pub(crate) fn error(&self) -> &str {
        self.json["error"].as_str().unwrap_or_default()
    }

    pub(crate) fn msg(&self) -> &str {
        self.json["msg"].as_str().unwrap()
    }

    /// The session cookie set by the response, as `name=value`.
    pub(crate) fn session_cookie(&self) -> Option<String> {
        self.set_cookie().and_then(|cookie| cookie.split(';').next().map(str::to_owned))
    }

    /// The complete `Set-Cookie` header of the session cookie.
    pub(crate) fn set_cookie(&self) -> Option<String> {
        let mut cookies = self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        cookies.find(|cookie| cookie.starts_with("yilin_session=")).map(str::to_owned)
    }
}
