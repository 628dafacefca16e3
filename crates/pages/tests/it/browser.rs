//! A browser without JavaScript: it keeps cookies, follows links, and sends the forms of pages.

use std::collections::BTreeMap;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use scraper::{Html, Selector};
use yilin_testkit::form;

use crate::world::World;

/// A browser.
#[derive(Clone)]
pub(crate) struct Browser<'w> {
    world: &'w World,
    cookies: BTreeMap<String, String>,
    headers: Vec<(&'static str, String)>,
}

impl<'w> Browser<'w> {
    pub(crate) fn new(world: &'w World) -> Self {
        Self { world, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// The same with an additional header.
    pub(crate) fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut browser = self.clone();
        browser.headers.push((name, value.into()));
        browser
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Sets a cookie.
    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, None).await
    }

    /// Sends fields to an address, as a page of the console would.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let pairs = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.send(Method::POST, path, Some(pairs)).await
    }

    /// Sends the page's form to this address, with these values filled in.
    pub(crate) async fn submit(&mut self, page: &Page, action: &str, values: &[(&str, &str)]) -> Page {
        let fields = page.filled(action, values);
        self.send(Method::POST, action, Some(fields)).await
    }

    /// Logs in on the log-in page.
    pub(crate) async fn log_in(&mut self, name: &str, password: &str) -> Page {
        let page = self.get("/console/log-in").await;
        self.submit(&page, "/console/log-in", &[("username", name), ("password", password)]).await
    }

    /// Sends a file in a form's field `file`, as the page with that form would.
    pub(crate) async fn upload(&mut self, path: &str, content: &[u8]) -> Page {
        let body = form::with_file(content);
        self.deliver(Method::POST, path, Some((form::CONTENT_TYPE, body))).await
    }

    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        fields: Option<Vec<(String, String)>>,
    ) -> Page {
        let form = fields.map(|fields| {
            let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
            ("application/x-www-form-urlencoded", body.into_bytes())
        });
        self.deliver(method, path, form).await
    }

    async fn deliver(&mut self, method: Method, path: &str, body: Option<(&'static str, Vec<u8>)>) -> Page {
        let world = self.world;
        let mut request = world.http.request(method.clone(), format!("{}{path}", world.base));
        let names_site = self.headers.iter().any(|(name, _)| ["sec-fetch-site", "origin"].contains(name));
        if !names_site {
            request = request.header("sec-fetch-site", "same-origin");
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<_> =
                self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some((media_type, body)) = body {
            request = request.header("content-type", media_type).body(body);
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        let html = String::from_utf8_lossy(&bytes).into_owned();
        Page { about: format!("{method} {path}"), status, headers, html, bytes }
    }
}

/// What a browser got.
#[derive(Debug)]
pub(crate) struct Page {
    about: String,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
    /// The bytes of a file.
    pub(crate) bytes: Vec<u8>,
}

impl Page {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}: {}", self.about, self.text());
        self
    }

    #[track_caller]
    pub(crate) fn expect_redirect(self, to: &str) -> Self {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}: {}", self.about, self.text());
        assert_eq!(self.header("location"), to, "{}", self.about);
        self
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The visible text.
    pub(crate) fn text(&self) -> String {
        let html = Html::parse_document(&self.html);
        let body = html.select(&selector("body")).next();
        let text: Vec<_> =
            body.into_iter().flat_map(|body| body.text()).flat_map(str::split_whitespace).collect();
        text.join(" ")
    }

    #[track_caller]
    pub(crate) fn shows(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "{}: no “{text}” in: {}", self.about, self.text());
        self
    }

    #[track_caller]
    pub(crate) fn lacks(&self, text: &str) -> &Self {
        assert!(!self.text().contains(text), "{}: “{text}” in: {}", self.about, self.text());
        self
    }

    /// The values of an attribute of all elements that match.
    pub(crate) fn all(&self, css: &str, attribute: &str) -> Vec<String> {
        let html = Html::parse_document(&self.html);
        let selector = selector(css);
        let found = html.select(&selector).filter_map(|element| element.value().attr(attribute));
        found.map(str::to_owned).collect()
    }

    /// The value of a field.
    pub(crate) fn value(&self, name: &str) -> String {
        let html = Html::parse_document(&self.html);
        let area = html.select(&selector(&format!("textarea[name={name}]"))).next();
        if let Some(area) = area {
            return area.text().collect::<String>().trim_start_matches('\n').to_owned();
        }
        self.all(&format!("input[name={name}]"), "value").pop().unwrap_or_default()
    }

    /// The fields of the form that is sent to this address, with these values.
    pub(crate) fn filled(&self, action: &str, values: &[(&str, &str)]) -> Vec<(String, String)> {
        let html = Html::parse_document(&self.html);
        let form = html.select(&selector(&format!("form[method=post][action='{action}']"))).next();
        let form = form.unwrap_or_else(|| panic!("{}: no form to {action}: {}", self.about, self.html));
        let mut fields = Vec::new();
        for field in form.select(&selector("input, textarea, select")) {
            let attribute = |name| field.value().attr(name);
            // One without a name is not sent.
            let Some(name) = attribute("name") else { continue };
            let is_chosen = attribute("type") != Some("radio") || attribute("checked").is_some();
            if is_chosen && !values.iter().any(|(given, _)| *given == name) {
                let text = field.text().collect::<String>();
                let value = attribute("value").map_or(text, str::to_owned);
                fields.push((name.to_owned(), value));
            }
        }
        fields.extend(values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        fields
    }
}

fn selector(css: &str) -> Selector {
    Selector::parse(css).unwrap()
}
