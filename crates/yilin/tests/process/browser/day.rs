//! The hospital's day, as its staff works through it.

use super::hospital::Hospital;
use super::session::Browser;
use super::setup::{Scripts, Setup};

const SUBMIT: &str = "form.form .actions button[type=submit]";
const TOLD: &str = ".notice-success";

/// Leads a visit from the request to the received drugs; others do their part over the interface.
async fn day(hospital: &Hospital, browser: &Browser) {
    browser.log_in().await;
    let visit = request(browser).await;
    assert_eq!(hospital.visit(visit).await["status"], "submitted");
    appoint(browser, visit).await;
    assert_eq!(hospital.visit(visit).await["status"], "assigned");
    shows(browser, visit, hospital.accept(visit), "#visit a[href$='/reassign']").await;
    shows(browser, visit, hospital.register(visit), "#visit a[href$='/approve']").await;
    give_back(browser, visit).await;
    assert_eq!(hospital.visit(visit).await["status"], "returned");
    let addition = hospital.add_to_record(visit, "补充：静卧二十分钟后血压 150/92。");
    shows(browser, visit, addition, "#visit a[href$='/approve']").await;
    approve(browser).await;
    assert_eq!(hospital.visit(visit).await["status"], "approved");
    hospital.deliver(visit).await;
    confirm(browser, &hospital.order_of(visit).await["drug_id"].to_string()).await;
    assert_eq!(hospital.order_of(visit).await["status"], "received");
    log_out(browser).await;
}

/// Asks for a visit on behalf of a patient who calls. Returns the visit.
async fn request(browser: &Browser) -> u64 {
    browser.click("nav a[href='/console/visits']").await;
    browser.click("a[href='/console/visits/new']").await;
    browser.fill("[name=patient_name]", "沈阿婆").await;
    browser.click("form[role=search] button").await;
    browser.click("a[href*='/console/visits/new?patient=']").await;
    // The form says what is missing, and keeps what was typed.
    browser.fill("[name=inquiry_detail]", "老人咳嗽三天，痰多，想请医生上门听听肺。").await;
    browser.click(SUBMIT).await;
    browser.find(".summary").await;
    browser.click("label[for=type-0]").await;
    browser.enter_time("[name=appointment_time]", 3).await;
    browser.click(SUBMIT).await;
    browser.find(TOLD).await;
    let path = browser.path().await;
    let id = path.trim_start_matches("/console/visits/").split('?').next().unwrap();
    id.parse().unwrap_or_else(|_| panic!("no visit in {path}"))
}

/// Appoints a physician, starting from what waits.
async fn appoint(browser: &Browser, visit: u64) {
    browser.click("nav a[href='/console']").await;
    browser.click("#count-to-appoint").await;
    browser.click(&format!("a[href='/console/visits/{visit}']")).await;
    browser.click("#visit a[href$='/appoint']").await;
    browser.click(SUBMIT).await;
    browser.find(".summary").await;
    browser.click("label[for=physician-0]").await;
    browser.click(SUBMIT).await;
    browser.find(TOLD).await;
}

/// Returns a registered record, starting from what waits.
async fn give_back(browser: &Browser, visit: u64) {
    browser.click("nav a[href='/console']").await;
    browser.click("#count-to-review").await;
    browser.click(&format!("a[href='/console/visits/{visit}']")).await;
    browser.click("#visit a[href$='/return']").await;
    browser.fill("[name=reason]", "缺少用药前后的血压记录，请补充。").await;
    browser.click(SUBMIT).await;
    browser.find(TOLD).await;
}

/// Approves a registered record, from its page.
async fn approve(browser: &Browser) {
    browser.click("#visit a[href$='/approve']").await;
    browser.click(SUBMIT).await;
    browser.find(TOLD).await;
}

/// Confirms that drugs were received, starting from what waits.
async fn confirm(browser: &Browser, order: &str) {
    browser.click("nav a[href='/console']").await;
    browser.click("#count-to-confirm").await;
    browser.click(&format!("a[href='/console/drug-orders/{order}']")).await;
    browser.loads(".proof img").await;
    browser.click("#drug-order a[href$='/receipt']").await;
    browser.click(SUBMIT).await;
    browser.find(TOLD).await;
}

/// What somebody else does appears on the visit's page: by itself with scripts, else when it is opened again.
async fn shows(browser: &Browser, visit: u64, change: impl Future<Output = ()>, css: &str) {
    let path = format!("/console/visits/{visit}");
    if browser.setup.scripts == Scripts::On {
        browser.open(&path).await;
        change.await;
    } else {
        change.await;
        browser.open(&path).await;
    }
    browser.find(css).await;
}

async fn log_out(browser: &Browser) {
    browser.click(".account summary").await;
    browser.click("form[action='/console/log-out'] button").await;
    browser.find("[name=password]").await;
    browser.open("/console").await;
    browser.find("[name=password]").await;
}

async fn days(device: Setup) {
    let hospital = Hospital::open().await;
    let mut browser = hospital.browser(device).await;
    for setup in [device, device.without_scripts()] {
        browser.set_up(setup).await;
        day(&hospital, &browser).await;
    }
}

#[tokio::test]
async fn the_day_passes_on_a_desktop_with_and_without_scripts() {
    days(Setup::DESKTOP).await;
}

#[tokio::test]
async fn the_day_passes_on_a_phone_with_and_without_scripts() {
    days(Setup::PHONE).await;
}
