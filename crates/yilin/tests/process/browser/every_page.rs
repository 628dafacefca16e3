//! Every page of the console, as an admin sees it.

use super::hospital::Hospital;
use super::look::{Problems, Visit, axe, keep};
use super::pages::{self, Page};
use super::session::Browser;
use super::setup::{Scripts, Setup, Theme};

/// Looks at every page on one device.
async fn look(device: Setup) {
    let hospital = Hospital::open().await;
    let mut browser = hospital.browser(device).await;
    let axe = axe();
    let mut problems = Problems::default();
    look_at(&Page::new("LogIn", "/console/log-in"), &mut browser, &axe, &mut problems).await;
    browser.log_in().await;
    let pages = pages::all(&hospital, &browser).await;
    for page in &pages {
        look_at(page, &mut browser, &axe, &mut problems).await;
    }
    // Without scripts, and with the longer words of English.
    for setup in [device.without_scripts(), device.in_english()] {
        browser.set_up(setup).await;
        for page in &pages {
            glance_at(page, &browser, &mut problems).await;
        }
    }
    problems.assert_none();
}

/// Looks at a page as on a first visit, in both themes.
async fn look_at(page: &Page, browser: &mut Browser, axe: &str, problems: &mut Problems) {
    glance_at(page, browser, problems).await;
    browser.evaluate::<()>(axe, vec![]).await;
    for theme in [Theme::Light, Theme::Dark] {
        browser.set_theme(theme).await;
        let visit = Visit::here(browser, &page.path);
        visit.settle().await;
        visit.keep_picture(&page.name).await;
        visit.accessibility(problems).await;
    }
    browser.set_theme(Theme::Light).await;
}

/// What needs no second look.
async fn glance_at(page: &Page, browser: &Browser, problems: &mut Problems) {
    let visit = Visit::to(browser, &page.path).await;
    if visit.status() != Some(page.status) {
        problems.add(&visit.page, format!("status {:?}", visit.status()));
    }
    visit.weight(problems);
    visit.console(problems).await;
    visit.overflow(problems).await;
    visit.listening(problems).await;
    if browser.setup.scripts == Scripts::On {
        visit.shifts(problems).await;
    }
    if !browser.setup.is_usual() {
        visit.keep_picture(&page.name).await;
    }
}

#[tokio::test]
async fn is_sound_on_a_desktop() {
    look(Setup::DESKTOP).await;
}

#[tokio::test]
async fn is_sound_on_a_phone() {
    look(Setup::PHONE).await;
}

/// `just console-picture` stores what this test sees.
#[tokio::test]
async fn the_overview_fits_into_the_picture_of_the_manual() {
    let hospital = Hospital::open().await;
    let mut browser = hospital.browser(Setup::DESKTOP).await;
    browser.log_in().await;
    browser.hide_scroll_bars().await;
    Visit::to(&browser, "/console").await;
    let room = "return innerWidth - document.body.getBoundingClientRect().width";
    assert_eq!(browser.evaluate::<u64>(room, vec![]).await, 0, "room for a scroll bar");
    let picture = browser.window_picture(1.5).await;
    assert!(picture.len() < 200 * 1024, "{} bytes", picture.len());
    keep("console", &picture);
}
