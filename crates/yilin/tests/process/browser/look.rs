//! What is wrong with a page, beyond what it says.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::session::Browser;
use super::setup::Scripts;

/// How much a first visit may transfer, pictures of records aside.
const MAX_BYTES: f64 = 60.0 * 1024.0;
/// How many requests it may take.
const MAX_REQUESTS: usize = 8;

/// What was found, by page.
#[derive(Debug, Default)]
pub(super) struct Problems(BTreeMap<String, Vec<String>>);

impl Problems {
    pub(super) fn add(&mut self, page: &str, problem: String) {
        self.0.entry(page.to_owned()).or_default().push(problem);
    }

    pub(super) fn assert_none(self) {
        let mut told = String::new();
        for (page, problems) in &self.0 {
            writeln!(told, "{page}").unwrap();
            for problem in problems {
                writeln!(told, "  - {problem}").unwrap();
            }
        }
        assert!(told.is_empty(), "\n{told}");
    }
}

/// A request of a page, as the browser saw it.
#[derive(Debug, Default)]
struct Sent {
    url: String,
    is_document: bool,
    status: Option<u64>,
    bytes: f64,
}

/// A visit of a page with an empty cache.
pub(super) struct Visit<'a> {
    pub(super) browser: &'a Browser,
    pub(super) page: String,
    sent: BTreeMap<String, Sent>,
}

impl<'a> Visit<'a> {
    /// The page that is open already, at this path.
    pub(super) fn here(browser: &'a Browser, path: &str) -> Self {
        let page = format!("{path} ({})", browser.setup.name());
        Self { browser, page, sent: BTreeMap::new() }
    }

    /// Opens a page.
    pub(super) async fn to(browser: &'a Browser, path: &str) -> Self {
        browser.devtools("Network.clearBrowserCache", json!({})).await;
        browser.logged("performance").await;
        browser.open(path).await;
        let mut visit = Self::here(browser, path);
        visit.settle().await;
        for entry in browser.logged("performance").await {
            visit.note(&entry);
        }
        visit
    }

    /// Waits until fonts are there and the page was drawn.
    pub(super) async fn settle(&self) {
        let script = "const done = arguments[0]; document.fonts.ready.then(() => \
            requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true)))))";
        if self.browser.setup.scripts == Scripts::On {
            self.browser.evaluate_later::<bool>(script, vec![]).await;
        }
    }

    fn note(&mut self, entry: &Value) {
        let message: Value = serde_json::from_str(entry["message"].as_str().unwrap()).unwrap();
        let message = &message["message"];
        let parameters = &message["params"];
        let Some(id) = parameters["requestId"].as_str() else { return };
        let sent = self.sent.entry(id.to_owned()).or_default();
        match message["method"].as_str().unwrap() {
            "Network.requestWillBeSent" => {
                parameters["request"]["url"].as_str().unwrap().clone_into(&mut sent.url);
                sent.is_document = parameters["type"] == "Document";
            }
            "Network.responseReceived" => sent.status = parameters["response"]["status"].as_u64(),
            "Network.loadingFinished" => sent.bytes = parameters["encodedDataLength"].as_f64().unwrap(),
            _ => {}
        }
    }

    /// The status of the page itself.
    pub(super) fn status(&self) -> Option<u64> {
        self.sent.values().find(|sent| sent.is_document).and_then(|sent| sent.status)
    }

    /// Requests and bytes, pictures of records aside.
    pub(super) fn weight(&self, problems: &mut Problems) {
        let is_counted = |sent: &&Sent| sent.url.starts_with("http") && !sent.url.contains("/ipfs/");
        let counted: Vec<_> = self.sent.values().filter(is_counted).collect();
        let bytes: f64 = counted.iter().map(|sent| sent.bytes).sum();
        let named = || counted.iter().map(|sent| format!("{} {}", sent.bytes, sent.url)).collect::<Vec<_>>();
        if bytes > MAX_BYTES {
            problems.add(&self.page, format!("{bytes} bytes: {}", named().join(", ")));
        }
        if counted.len() > MAX_REQUESTS {
            problems.add(&self.page, format!("{} requests: {}", counted.len(), named().join(", ")));
        }
    }

    /// Errors and warnings in the console, which include violations of the content policy.
    pub(super) async fn console(&self, problems: &mut Problems) {
        for entry in self.browser.logged("browser").await {
            // The status of an error page is no surprise.
            if entry["source"] == "network" && self.status() != Some(200) {
                continue;
            }
            if entry["level"] != "INFO" && entry["level"] != "DEBUG" {
                problems.add(&self.page, format!("console: {}", entry["message"].as_str().unwrap()));
            }
        }
    }

    /// What moved after it had been drawn.
    pub(super) async fn shifts(&self, problems: &mut Problems) {
        for shift in self.browser.evaluate_later::<Vec<String>>(include_str!("shifts.js"), vec![]).await {
            problems.add(&self.page, format!("layout shift: {shift}"));
        }
    }

    /// What does not fit into the window, and texts that are cut off or too small.
    pub(super) async fn overflow(&self, problems: &mut Problems) {
        for problem in self.browser.evaluate::<Vec<String>>(include_str!("overflow.js"), vec![]).await {
            problems.add(&self.page, problem);
        }
    }

    /// What axe-core finds, which was loaded into the page.
    pub(super) async fn accessibility(&self, problems: &mut Problems) {
        let found: Vec<Violation> =
            self.browser.evaluate_later(include_str!("accessibility.js"), vec![]).await;
        for Violation { rule, what, place } in found {
            problems.add(&self.page, format!("{rule}: {what}: {place}"));
        }
    }

    /// Whether a page with records that may change listens to events.
    pub(super) async fn listening(&self, problems: &mut Problems) {
        let script = "const shown = '[data-live], [data-live-list], [data-live-tell]'; \
            return document.querySelector(shown) !== null && !document.body.dataset.events";
        if self.browser.evaluate::<bool>(script, vec![]).await {
            problems.add(&self.page, "it shows live records, but its handler has no `Live`".to_owned());
        }
    }

    /// Writes a picture of the page to the folder of pictures, if one is wanted.
    pub(super) async fn keep_picture(&self, name: &str) {
        if std::env::var_os(PICTURES).is_some() {
            keep(&format!("{name}.{}", self.browser.setup.name()), &self.browser.picture().await);
        }
    }
}

/// The variable that names the folder for pictures.
const PICTURES: &str = "YILIN_SCREENSHOTS";

/// Writes a picture to the folder of pictures, if one is wanted.
pub(super) fn keep(name: &str, picture: &[u8]) {
    if let Some(folder) = std::env::var_os(PICTURES) {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
    }
}

/// What axe-core reports.
#[derive(Debug, Deserialize)]
struct Violation {
    rule: String,
    what: String,
    place: String,
}

/// The source of axe-core, which `.ci/run browser` installs.
pub(super) fn axe() -> String {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/ci-tools/axe/axe_playwright_python/axe.min.js");
    std::fs::read_to_string(path).unwrap_or_else(|error| {
        panic!(
            "axe-core is missing ({path}: {error}): `.ci/run browser` installs it; or run the tests that do not need \
             it: `cargo test --workspace -- --skip browser::`"
        )
    })
}
