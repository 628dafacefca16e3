//! Pages used by the keyboard alone.

use fantoccini::key::Key;
use serde::Deserialize;
use serde_json::json;

use super::hospital::Hospital;
use super::look::Problems;
use super::pages;
use super::session::{Browser, Setup};

/// Where the focus is.
#[derive(Debug, Deserialize)]
struct Focus {
    /// Its place among the elements that should be reached, in their order; `None` elsewhere.
    place: Option<usize>,
    what: String,
    /// Whether the element has places of its own that the key reaches.
    has_parts: bool,
    /// Whether it is shown which element has the focus.
    is_marked: bool,
    /// What covers the element, if it is not seen.
    covered_by: Option<String>,
}

/// Goes through a page with the tab key.
async fn walk(browser: &Browser, path: &str, problems: &mut Problems) {
    let page = format!("{path} ({}, by keyboard)", browser.setup.name());
    browser.open(path).await;
    let elements: Vec<String> = browser.evaluate(include_str!("focusable.js"), vec![]).await;
    for (place, element) in elements.iter().enumerate() {
        let mut focus = tab(browser).await;
        // Dates and videos have several places of their own.
        while place > 0 && focus.place == Some(place - 1) && focus.has_parts {
            focus = tab(browser).await;
        }
        if focus.place != Some(place) {
            problems.add(&page, format!("tab reaches {} instead of {element}", focus.what));
            return;
        }
        if !focus.is_marked {
            problems.add(&page, format!("the focus is not seen on {element}"));
        }
        if let Some(cover) = focus.covered_by {
            problems.add(&page, format!("{element} has the focus, but is covered by {cover}"));
        }
    }
}

async fn tab(browser: &Browser) -> Focus {
    browser.press(&[Key::Tab]).await;
    browser.evaluate(include_str!("focus.js"), vec![]).await
}

async fn walk_everywhere(setup: Setup) {
    let hospital = Hospital::open().await;
    let browser = hospital.browser(setup).await;
    let mut problems = Problems::default();
    walk(&browser, "/console/log-in", &mut problems).await;
    browser.log_in().await;
    for page in pages::all(&hospital).await {
        walk(&browser, &page.path, &mut problems).await;
    }
    problems.assert_none();
}

#[tokio::test]
async fn tab_reaches_everything_in_order_on_a_desktop() {
    walk_everywhere(Setup::DESKTOP).await;
}

#[tokio::test]
async fn tab_reaches_everything_in_order_on_a_phone() {
    walk_everywhere(Setup::PHONE).await;
}

impl Browser {
    /// Goes on with the tab key until an element has the focus.
    async fn tab_to(&self, css: &str) {
        self.find(css).await;
        for _ in 0..300 {
            let script = "return document.activeElement?.matches(arguments[0]) ?? false";
            if self.evaluate::<bool>(script, vec![json!(css)]).await {
                return;
            }
            self.press(&[Key::Tab]).await;
        }
        panic!("tab never reaches {css} at {}", self.path().await);
    }
}

#[tokio::test]
async fn a_visit_is_appointed_and_a_record_approved_by_keyboard_alone() {
    let hospital = Hospital::open().await;
    for setup in [Setup::DESKTOP, Setup::DESKTOP.without_scripts()] {
        let browser = hospital.browser(setup).await;
        browser.open("/console/log-in").await;
        browser.tab_to("[name=username]").await;
        browser.type_text("admin").await;
        browser.tab_to("[name=password]").await;
        browser.type_text(super::hospital::PASSWORD).await;
        browser.press(&[Key::Enter]).await;

        browser.tab_to("#count-to-appoint").await;
        browser.press(&[Key::Enter]).await;
        let visit = hospital.visit_in("submitted").await;
        browser.tab_to(&format!("a[href='/console/visits/{visit}']")).await;
        browser.press(&[Key::Enter]).await;
        browser.tab_to("a[href$='/appoint']").await;
        browser.press(&[Key::Enter]).await;
        browser.tab_to("[name=physician]").await;
        browser.press(&[Key::Space]).await;
        browser.tab_to("form.form button[type=submit]").await;
        browser.press(&[Key::Enter]).await;
        browser.find(".notice-success").await;
        assert_eq!(hospital.visit(visit).await["status"], "assigned");

        browser.tab_to("nav a[href='/console']").await;
        browser.press(&[Key::Enter]).await;
        browser.tab_to("#count-to-review").await;
        browser.press(&[Key::Enter]).await;
        let visit = hospital.visit_in("registered").await;
        browser.tab_to(&format!("a[href='/console/visits/{visit}']")).await;
        browser.press(&[Key::Enter]).await;
        browser.tab_to("a[href$='/approve']").await;
        browser.press(&[Key::Enter]).await;
        browser.tab_to("form.form button[type=submit]").await;
        browser.press(&[Key::Enter]).await;
        browser.find(".notice-success").await;
        assert_eq!(hospital.visit(visit).await["status"], "approved");
    }
}
