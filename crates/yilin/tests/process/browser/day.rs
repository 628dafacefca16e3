//! The hospital's day, as its staff works through it.

use super::hospital::Hospital;
use super::session::{Browser, Scripts, Setup};

const SUBMIT: &str = "form.form button[type=submit]";
const TOLD: &str = ".notice-success";

async fn day(setup: Setup) {
    let hospital = Hospital::open().await;
    let browser = hospital.browser(setup).await;
    browser.log_in().await;
    let visit = appoint(&hospital, &browser).await;
    sees(&browser, visit, hospital.accept(visit), "a[href$='/reassign']").await;
    let visit = give_back(&hospital, &browser).await;
    let addition = hospital.add_to_record(visit, "补充：静卧二十分钟后血压 150/92。");
    sees(&browser, visit, addition, "a[href$='/approve']").await;
    approve(&hospital, &browser, visit).await;
    log_out(&browser).await;
}

/// Appoints a physician, starting from the overview. Returns the visit.
async fn appoint(hospital: &Hospital, browser: &Browser) -> u64 {
    let visit = hospital.visit_in("submitted").await;
    browser.click("#count-to-appoint").await;
    browser.click(&format!("a[href='/console/visits/{visit}']")).await;
    browser.click("a[href$='/appoint']").await;
    // Without a choice it is told what is missing.
    browser.click(SUBMIT).await;
    browser.find(".summary").await;
    browser.click("input[name=physician]").await;
    browser.click(SUBMIT).await;
    browser.find(TOLD).await;
    assert_eq!(hospital.visit(visit).await["status"], "assigned");
    visit
}

/// Returns a registered record. Returns the visit.
async fn give_back(hospital: &Hospital, browser: &Browser) -> u64 {
    let visit = hospital.visit_in("registered").await;
    browser.click("nav a[href='/console']").await;
    browser.click("#count-to-review").await;
    browser.click(&format!("a[href='/console/visits/{visit}']")).await;
    browser.click("a[href$='/return']").await;
    browser.fill("[name=reason]", "缺少用药前后的血压记录，请补充。").await;
    browser.click(SUBMIT).await;
    browser.find(TOLD).await;
    assert_eq!(hospital.visit(visit).await["status"], "returned");
    visit
}

/// Approves a registered record, from its page.
async fn approve(hospital: &Hospital, browser: &Browser, visit: u64) {
    browser.click("a[href$='/approve']").await;
    browser.click(SUBMIT).await;
    browser.find(TOLD).await;
    assert_eq!(hospital.visit(visit).await["status"], "approved");
}

/// What somebody else does appears on the visit's page: by itself with scripts, else when it is opened again.
async fn sees(browser: &Browser, visit: u64, change: impl Future<Output = ()>, css: &str) {
    let path = format!("/console/visits/{visit}");
    if browser.setup.scripts == Scripts::On {
        browser.open(&path).await;
        browser.listens().await;
        change.await;
    } else {
        change.await;
        browser.open(&path).await;
    }
    browser.find(css).await;
}

async fn log_out(browser: &Browser) {
    browser.click("form[action='/console/log-out'] button").await;
    browser.find("[name=password]").await;
    browser.open("/console").await;
    browser.find("[name=password]").await;
}

#[tokio::test]
async fn the_day_passes_on_a_desktop() {
    day(Setup::DESKTOP).await;
}

#[tokio::test]
async fn the_day_passes_on_a_desktop_without_scripts() {
    day(Setup::DESKTOP.without_scripts()).await;
}

#[tokio::test]
async fn the_day_passes_on_a_phone() {
    day(Setup::PHONE).await;
}

#[tokio::test]
async fn the_day_passes_on_a_phone_without_scripts() {
    day(Setup::PHONE.without_scripts()).await;
}
