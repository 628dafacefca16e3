//! Pages used by the keyboard alone.

use fantoccini::key::Key;
use serde::Deserialize;
use serde_json::json;

use super::hospital::Hospital;
use super::look::Problems;
use super::pages;
use super::session::Browser;
use super::setup::Setup;

/// More than a date or a video has places of its own that the key reaches.
const PARTS: usize = 16;

/// What the tab key should reach, in order.
#[derive(Debug, Deserialize)]
struct Stops {
    elements: Vec<String>,
    /// How many of them have several places of their own.
    with_parts: usize,
}

/// Where the focus was.
#[derive(Debug, Deserialize)]
struct Focus {
    /// Its place among the elements that should be reached; `None` elsewhere.
    place: Option<usize>,
    what: String,
    /// Whether it is shown which element has the focus.
    is_marked: bool,
    /// What covers the element, if it is not seen.
    covered_by: Option<String>,
}

/// Goes through a page with the tab key.
async fn walk(browser: &Browser, path: &str, problems: &mut Problems) {
    let page = format!("{path} ({}, by keyboard)", browser.setup.name());
    browser.open(path).await;
    let Stops { elements, with_parts } = browser.evaluate(include_str!("stops.js"), vec![]).await;
    browser.press(&vec![Key::Tab; elements.len() + with_parts * PARTS]).await;
    let mut reached: Vec<Focus> = browser.evaluate("return window.reached", vec![]).await;
    reached.dedup_by_key(|focus| focus.place);
    let mut reached = reached.into_iter();
    for (place, element) in elements.iter().enumerate() {
        let focus = reached.next();
        if focus.as_ref().and_then(|focus| focus.place) != Some(place) {
            let what = focus.map_or_else(|| "nothing".to_owned(), |focus| focus.what);
            problems.add(&page, format!("tab reaches {what} instead of {element}"));
            return;
        }
        let Some(focus) = focus else { return };
        if !focus.is_marked {
            problems.add(&page, format!("the focus is not seen on {element}"));
        }
        if let Some(cover) = focus.covered_by {
            problems.add(&page, format!("{element} has the focus, but is covered by {cover}"));
        }
    }
}

#[tokio::test]
async fn tab_reaches_everything_in_order() {
    let hospital = Hospital::open().await;
    let mut browser = hospital.browser(Setup::DESKTOP).await;
    let mut problems = Problems::default();
    walk(&browser, "/console/log-in", &mut problems).await;
    browser.log_in().await;
    let pages = pages::all(&hospital, &browser).await;
    for setup in [Setup::DESKTOP, Setup::PHONE] {
        browser.set_up(setup).await;
        for page in &pages {
            walk(&browser, &page.path, &mut problems).await;
        }
    }
    problems.assert_none();
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
    let mut browser = hospital.browser(Setup::DESKTOP).await;
    for setup in [Setup::DESKTOP, Setup::DESKTOP.without_scripts()] {
        browser.set_up(setup).await;
        browser.forget_session().await;
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
        browser.is_at(&format!("/console/visits/{visit}")).await;
        browser.tab_to("a[href$='/appoint']").await;
        browser.press(&[Key::Enter]).await;
        browser.tab_to("[name=physician]").await;
        browser.press(&[Key::Space]).await;
        browser.tab_to("form.form .actions button[type=submit]").await;
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
        browser.is_at(&format!("/console/visits/{visit}")).await;
        browser.tab_to("a[href$='/approve']").await;
        browser.press(&[Key::Enter]).await;
        browser.tab_to("form.form .actions button[type=submit]").await;
        browser.press(&[Key::Enter]).await;
        browser.find(".notice-success").await;
        assert_eq!(hospital.visit(visit).await["status"], "approved");
    }
}
