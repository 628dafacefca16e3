//! A browser, and what a person does with it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::actions::{InputSource as _, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::key::Key;
use fantoccini::wd::{TimeoutConfiguration, WebDriverCompatibleCommand};
use fantoccini::{Client, ClientBuilder, Locator};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::driver::Driver;

/// Long enough that only a test that would hang reaches it, also on a busy machine.
const DEADLINE: Duration = Duration::from_secs(180);

/// What the pages are looked at with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Device {
    /// 1280 × 800.
    Desktop,
    /// 360 × 740, with touch.
    Phone,
}

/// The colours that the person prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    Light,
    Dark,
}

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scripts {
    On,
    Off,
}

/// A way to look at pages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setup {
    pub(super) device: Device,
    pub(super) theme: Theme,
    pub(super) scripts: Scripts,
    /// The language that the browser asks for.
    pub(super) language: &'static str,
}

impl Setup {
    pub(super) const DESKTOP: Self =
        Self { device: Device::Desktop, theme: Theme::Light, scripts: Scripts::On, language: "zh-CN" };
    pub(super) const PHONE: Self = Self { device: Device::Phone, ..Self::DESKTOP };

    pub(super) const fn dark(self) -> Self {
        Self { theme: Theme::Dark, ..self }
    }

    pub(super) const fn without_scripts(self) -> Self {
        Self { scripts: Scripts::Off, ..self }
    }

    pub(super) const fn in_english(self) -> Self {
        Self { language: "en", ..self }
    }

    /// For names of files and messages.
    pub(super) fn name(self) -> String {
        let scripts = if self.scripts == Scripts::On { "" } else { ".no-scripts" };
        let language = if self.language == "en" { ".english" } else { "" };
        format!("{:?}.{:?}{scripts}{language}", self.device, self.theme).to_lowercase()
    }
}

/// A browser of its own, with a new profile.
pub(super) struct Browser {
    client: Client,
    pub(super) setup: Setup,
    origin: String,
    // Dropped last.
    _driver: Driver,
}

/// A command that is specific to ChromeDriver.
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
        let capabilities = capabilities(&driver, setup);
        let connecting = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities.as_object().unwrap().clone())
            .connect(driver.url())
            .await;
        let client = connecting.unwrap_or_else(|error| panic!("no browser: {error:?}"));
        let patience = TimeoutConfiguration::new(Some(DEADLINE), Some(DEADLINE), None);
        client.update_timeouts(patience).await.unwrap();
        let browser = Self { client, setup, origin: origin.to_owned(), _driver: driver };
        browser.emulate().await;
        browser
    }

    async fn resize(&self, scale: f64) {
        let (width, height) = match self.setup.device {
            Device::Desktop => (1280, 800),
            Device::Phone => (360, 740),
        };
        let is_phone = self.setup.device == Device::Phone;
        let screen =
            json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": is_phone });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await;
    }

    async fn emulate(&self) {
        self.resize(1.0).await;
        let phone = self.setup.device == Device::Phone;
        self.devtools("Emulation.setTouchEmulationEnabled", json!({ "enabled": phone })).await;
        let theme = format!("{:?}", self.setup.theme).to_lowercase();
        let feature = json!({ "name": "prefers-color-scheme", "value": theme });
        self.devtools("Emulation.setEmulatedMedia", json!({ "features": [feature] })).await;
        let off = self.setup.scripts == Scripts::Off;
        self.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": off })).await;
        // What Chromium's own start page wrote.
        self.logged("performance").await;
        self.logged("browser").await;
    }

    /// Sends a command of the DevTools protocol.
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

    /// Waits until the page's connection for events is open.
    pub(super) async fn listens(&self) {
        yilin_testkit::eventually("the page listens for events", async || {
            let logged = self.logged("performance").await;
            logged.iter().any(|entry| {
                let message = entry["message"].as_str().unwrap();
                message.contains("Network.responseReceived\"") && message.contains("\"type\":\"EventSource\"")
            })
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

    /// The path and query of the current page.
    pub(super) async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.origin).unwrap_or(url.as_str()).to_owned()
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
        match self.client.wait().at_most(DEADLINE).for_element(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("no {css}: {error:?}\n{}", self.described().await),
        }
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

    /// Presses an element with the mouse or a finger.
    pub(super) async fn click(&self, css: &str) {
        let element = self.find(css).await;
        // As a person would: away from what stays at the edges of the window.
        let script = "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })";
        self.evaluate::<()>(script, vec![json!(css)]).await;
        if let Err(error) = element.click().await {
            panic!("{css} cannot be pressed: {error:?}\n{}", self.described().await);
        }
    }

    /// Replaces what a field contains.
    pub(super) async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
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
        self.capture(json!({ "captureBeyondViewport": true })).await
    }

    /// A picture of the window, in PNG, with this many points per pixel of the page.
    pub(super) async fn window_picture(&self, scale: f64) -> Vec<u8> {
        self.resize(scale).await;
        let picture = self.capture(json!({})).await;
        self.resize(1.0).await;
        picture
    }

    async fn capture(&self, parameters: Value) -> Vec<u8> {
        let answer = self.devtools("Page.captureScreenshot", parameters).await;
        STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
    }

    /// The page as it is printed, in PDF.
    pub(super) async fn printed(&self) -> Vec<u8> {
        let answer = self.devtools("Page.printToPDF", json!({ "preferCSSPageSize": true })).await;
        STANDARD.decode(answer["data"].as_str().unwrap()).unwrap()
    }
}

fn capabilities(driver: &Driver, setup: Setup) -> Value {
    let profile = format!("--user-data-dir={}", driver.folder().join("profile").display());
    let language = format!("--accept-lang={}", setup.language);
    let mut arguments = vec![
        &language,
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
