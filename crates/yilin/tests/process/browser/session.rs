//! A browser, and what a person does with it.

use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::driver::Driver;
use super::setup::{Device, Scripts, Setup, Theme};

/// Long enough that only a test that would hang reaches it, also on a busy machine.
const DEADLINE: Duration = Duration::from_secs(180);

/// How often a condition is checked.
const POLL: Duration = Duration::from_millis(20);

/// A browser of its own, with a new profile.
pub(super) struct Browser {
    client: Client,
    pub(super) setup: Setup,
    origin: String,
    /// Whether scroll bars are beside the page, as on a desktop.
    has_scroll_bars: bool,
    // Dropped last.
    _driver: Driver,
}

/// A command that is specific to `ChromeDriver`.
#[derive(Debug)]
struct Extension {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Extension {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.body.to_string()))
    }
}

impl Browser {
    /// Starts a browser for the pages of this server, such as `http://127.0.0.1:8088`.
    pub(super) async fn start(origin: &str, setup: Setup) -> Self {
        let driver = Driver::start();
        let capabilities = capabilities(&driver);
        let connecting = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(driver.url())
            .await;
        let client = connecting.unwrap_or_else(|error| panic!("no browser: {error:?}"));
        let patience = TimeoutConfiguration::new(Some(DEADLINE), Some(DEADLINE), None);
        client.update_timeouts(patience).await.unwrap();
        let origin = origin.to_owned();
        let mut browser = Self { client, setup, origin, has_scroll_bars: true, _driver: driver };
        browser.set_up(setup).await;
        // What Chromium's own start page wrote.
        browser.logged("browser").await;
        browser
    }

    /// Goes on in another way; what scripts and the language decide holds for the pages that are opened from now on.
    pub(super) async fn set_up(&mut self, setup: Setup) {
        self.setup = setup;
        self.resize(setup.size().1, 1.0).await;
        let is_phone = setup.device == Device::Phone;
        self.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": is_phone })).await;
        self.set_theme(setup.theme).await;
        let is_off = setup.scripts == Scripts::Off;
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": is_off })).await;
        let headers = json!({ "Accept-Language": setup.language });
        self.devtools("Network.setExtraHTTPHeaders", json!({ "headers": headers })).await;
    }

    /// Changes the colours of the page that is open.
    pub(super) async fn set_theme(&mut self, theme: Theme) {
        self.setup.theme = theme;
        let theme = format!("{theme:?}").to_lowercase();
        let feature = json!({ "name": "prefers-color-scheme", "value": theme });
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": "", "features": [feature] })).await;
    }

    async fn resize(&self, height: u64, scale: f64) {
        let width = self.setup.size().0;
        // On phones scroll bars lie over the page, and no room is kept for them.
        let is_mobile = self.setup.device == Device::Phone || !self.has_scroll_bars;
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_mobile });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await;
    }

    /// Sends a command of the `DevTools` protocol.
    pub(super) async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Extension { path: "goog/cdp/execute", body }).await.unwrap()
    }

    /// What was logged since the last call.
    pub(super) async fn logged(&self, log: &str) -> Vec<Value> {
        let body = json!({ "type": log });
        let entries = self.client.issue_cmd(Extension { path: "se/log", body }).await.unwrap();
        serde_json::from_value(entries).unwrap()
    }

    /// Waits until the page listens to events.
    pub(super) async fn listens(&self) {
        yilin_testkit::eventually("the page listens to events", async || {
            self.evaluate::<bool>("return document.body.dataset.line === 'open'", vec![]).await
        })
        .await;
    }

    /// Opens a page of the server and waits until it is loaded.
    pub(super) async fn open(&self, path: &str) {
        let address = format!("{}{path}", self.origin);
        self.client.goto(&address).await.unwrap_or_else(|error| panic!("{address}: {error:?}"));
    }

    /// Loses its cookies, as at the end of a session.
    pub(super) async fn forget_session(&self) {
        self.client.delete_all_cookies().await.unwrap();
    }

    /// The cookie of the session, as a header.
    pub(super) async fn session_cookie(&self) -> String {
        let cookie = self.client.get_named_cookie("yilin_console").await.unwrap();
        format!("{}={}", cookie.name(), cookie.value())
    }

    /// The path and query of the current page.
    pub(super) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.origin).unwrap_or(url.as_str()).to_owned()
    }

    /// Waits until this page is open, whatever its query is.
    pub(super) async fn is_at(&self, path: &str) {
        yilin_testkit::eventually(&format!("{path} is open"), async || {
            self.path().await.split('?').next() == Some(path)
        })
        .await;
    }

    /// Evaluates the body of a function in the page; it works where pages may not run scripts, too.
    pub(super) async fn evaluate<T: DeserializeOwned>(&self, script: &str, arguments: Vec<Value>) -> T {
        let value = self.client.execute(script, arguments).await;
        let value = value.unwrap_or_else(|error| panic!("{error:?} in:\n{script}"));
        serde_json::from_value(value).unwrap()
    }

    /// The same for a function whose last argument is called with the result.
    pub(super) async fn evaluate_later<T: DeserializeOwned>(&self, script: &str, arguments: Vec<Value>) -> T {
        let value = self.client.execute_async(script, arguments).await;
        let value = value.unwrap_or_else(|error| panic!("{error:?} in:\n{script}"));
        serde_json::from_value(value).unwrap()
    }

    /// Waits for an element.
    pub(super) async fn find(&self, css: &str) -> Element {
        match self.client.wait().at_most(DEADLINE).every(POLL).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error:?}\n{}", self.described().await),
        }
    }

    /// Waits until an element is seen, which may have been there before.
    pub(super) async fn sees(&self, css: &str) {
        yilin_testkit::eventually(&format!("{css} is seen"), async || self.is_seen(css).await).await;
    }

    /// Whether an element is there and seen.
    pub(super) async fn is_seen(&self, css: &str) -> bool {
        let script = "return document.querySelector(arguments[0])?.checkVisibility() ?? false";
        self.evaluate(script, vec![json!(css)]).await
    }

    /// Waits until an element shows this text.
    pub(super) async fn reads(&self, css: &str, text: &str) {
        yilin_testkit::eventually(&format!("{css} reads {text}"), async || {
            let script = "return document.querySelector(arguments[0])?.innerText ?? ''";
            self.evaluate::<String>(script, vec![json!(css)]).await.contains(text)
        })
        .await;
    }

    /// What is shown, for messages of failing tests.
    async fn described(&self) -> String {
        let text: String = self.evaluate("return document.body?.innerText ?? ''", vec![]).await;
        format!("at {}:\n{text}", self.path().await)
    }

    /// Waits until a picture is seen.
    pub(super) async fn loads(&self, css: &str) {
        yilin_testkit::eventually(&format!("{css} is loaded"), async || {
            let script = "const picture = document.querySelector(arguments[0]); picture?.scrollIntoView(); \
                return (picture?.naturalWidth ?? 0) > 0";
            self.evaluate(script, vec![json!(css)]).await
        })
        .await;
    }

    /// Presses an element with the mouse or a finger.
    pub(super) async fn click(&self, css: &str) {
        loop {
            let element = self.find(css).await;
            // As a person would: away from what stays at the edges of the window.
            let script = "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })";
            self.evaluate::<()>(script, vec![json!(css)]).await;
            match element.click().await {
                Ok(()) => return,
                // A live update has replaced it since it was found.
                Err(error) if error.is_stale_element_reference() => {}
                Err(error) => panic!("{css} cannot be pressed: {error:?}\n{}", self.described().await),
            }
        }
    }

    /// Replaces what a field contains.
    pub(super) async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses a file.
    pub(super) async fn choose(&self, css: &str, file: &Path) {
        self.find(css).await.send_keys(file.to_str().unwrap()).await.unwrap();
    }

    /// From now on so many bytes per second can be sent; `None` if as many as can be.
    pub(super) async fn send_at_most(&self, bytes_per_second: Option<u32>) {
        let throughput = bytes_per_second.map_or(-1, i64::from);
        let conditions = json!({
            "offline": false, "latency": 0, "downloadThroughput": -1, "uploadThroughput": throughput,
        });
        self.devtools("Network.emulateNetworkConditions", conditions).await;
    }

    /// Enters half past nine so many days from now. How people type that depends on their system.
    pub(super) async fn enter_time(&self, css: &str, days: u32) {
        let script = "const day = new Date(Date.now() + arguments[1] * 864e5).toISOString().slice(0, 10); \
            const field = document.querySelector(arguments[0]); \
            field.value = `${day}T09:30`; field.dispatchEvent(new Event('input', { bubbles: true }))";
        self.evaluate::<()>(script, vec![json!(css), json!(days)]).await;
    }

    /// Types into the field that has the focus.
    pub(super) async fn type_text(&self, text: &str) {
        self.client.active_element().await.unwrap().send_keys(text).await.unwrap();
    }

    /// Presses keys one after another.
    pub(super) async fn press(&self, keys: &[Key]) {
        let mut actions = KeyActions::new("keyboard".to_owned());
        for key in keys {
            actions = actions
                .then(KeyAction::Down { value: (*key).into() })
                .then(KeyAction::Up { value: (*key).into() });
        }
        self.client.perform_actions(actions).await.unwrap();
    }

    /// A picture of the whole page, in PNG.
    pub(super) async fn picture(&self) -> Vec<u8> {
        if self.setup.scripts == Scripts::On {
            let script = "const done = arguments[0]; const load = (picture) => { picture.loading = 'eager'; \
                return picture.decode().catch(() => {}); }; \
                Promise.all([...document.images].map(load)).then(() => done(true))";
            self.evaluate_later::<bool>(script, vec![]).await;
        }
        // In a window that is as high, so that what stays at its bottom is there.
        let height = self.evaluate("return document.documentElement.scrollHeight", vec![]).await;
        self.resized_picture(height, 1.0).await
    }

    /// Shows the pages that are opened from now on without scroll bars.
    pub(super) async fn hide_scroll_bars(&mut self) {
        self.has_scroll_bars = false;
        self.resize(self.setup.size().1, 1.0).await;
        self.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
    }

    /// A picture of the window, in PNG, with this many points per pixel of the page.
    pub(super) async fn window_picture(&self, scale: f64) -> Vec<u8> {
        self.resized_picture(self.setup.size().1, scale).await
    }

    async fn resized_picture(&self, height: u64, scale: f64) -> Vec<u8> {
        self.resize(height, scale).await;
        let picture = self.devtools("Page.captureScreenshot", json!({})).await;
        self.resize(self.setup.size().1, 1.0).await;
        STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()
    }

    /// The page as it is printed, in PDF.
    pub(super) async fn printed(&self) -> Vec<u8> {
        let answer = self.devtools("Page.printToPDF", json!({ "preferCSSPageSize": true })).await;
        STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
    }
}

fn capabilities(driver: &Driver) -> Value {
    let profile = format!("--user-data-dir={}", driver.folder().join("profile").display());
    let mut arguments = vec![
        "--headless=new",
        "--disable-background-networking",
        "--disable-breakpad",
        "--disable-component-update",
        // Containers often have a small one.
        "--disable-dev-shm-usage",
        "--force-color-profile=srgb",
        "--no-first-run",
        &profile,
    ];
    if rustix::process::geteuid().is_root() {
        // Chromium's sandbox refuses to run as root.
        arguments.push("--no-sandbox");
    }
    json!({
        "browserName": "chrome",
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        "goog:chromeOptions": { "args": arguments },
    })
}
