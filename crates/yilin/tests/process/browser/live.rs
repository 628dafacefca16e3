//! Pages that show what others do meanwhile.

use serde_json::json;

use super::hospital::Hospital;
use super::session::Browser;
use super::setup::Setup;

const NEWS: &str = "#live-notice";
const LOST: &str = "#live-lost";

/// Remembers that this page was not loaded again.
async fn mark(browser: &Browser) {
    browser.evaluate::<()>("window.isStillHere = true", vec![]).await;
}

async fn is_still_here(browser: &Browser) -> bool {
    browser.evaluate("return window.isStillHere === true", vec![]).await
}

#[tokio::test]
async fn a_row_changes_by_itself_and_keeps_the_focus() {
    let hospital = Hospital::open().await;
    let browser = hospital.browser(Setup::DESKTOP).await;
    browser.log_in().await;
    let visit = hospital.visit_in("submitted").await;
    browser.open("/console/visits").await;
    mark(&browser).await;
    let link = format!("#visit-link-{visit}");
    browser.evaluate::<()>("document.querySelector(arguments[0]).focus()", vec![json!(link)]).await;
    hospital.appoint(visit).await;
    browser.reads(&format!("#visit-{visit}"), "待接诊").await;
    assert!(is_still_here(&browser).await, "the page was loaded again");
    let is_focused = "return document.activeElement.matches(arguments[0])";
    assert!(browser.evaluate::<bool>(is_focused, vec![json!(link)]).await, "the focus was lost");
    assert!(!browser.is_seen(NEWS).await, "what is shown needs no notice");
}

#[tokio::test]
async fn a_page_that_is_typed_into_stays_as_it_is() {
    let hospital = Hospital::open().await;
    let browser = hospital.browser(Setup::PHONE).await;
    browser.log_in().await;

    let visit = hospital.visit_in("registered").await;
    browser.open(&format!("/console/visits/{visit}/return")).await;
    browser.fill("[name=reason]", "请补充用药后的血压").await;
    mark(&browser).await;
    hospital.approve(visit).await;
    browser.sees(NEWS).await;
    let typed = "return document.querySelector('[name=reason]').value";
    assert_eq!(browser.evaluate::<String>(typed, vec![]).await, "请补充用药后的血压");
    assert!(is_still_here(&browser).await, "the page was loaded again");

    let visit = hospital.visit_in("submitted").await;
    browser.open("/console/visits?tab=submitted").await;
    browser.fill("[name=name]", "王").await;
    hospital.appoint(visit).await;
    browser.sees(NEWS).await;
    browser.reads(&format!("#visit-{visit}"), "待指派").await;
}

#[tokio::test]
async fn a_lost_connection_is_said_and_caught_up_with() {
    let hospital = Hospital::open().await;
    let browser = hospital.browser(Setup::DESKTOP).await;
    browser.log_in().await;
    let visit = hospital.visit_in("submitted").await;
    browser.open("/console/visits").await;
    browser.listens().await;
    mark(&browser).await;
    let closed = hospital.close();
    browser.sees(LOST).await;
    let hospital = closed.open();
    hospital.appoint(visit).await;
    browser.reads(&format!("#visit-{visit}"), "待接诊").await;
    assert!(!browser.is_seen(LOST).await, "the connection is there again");
    assert!(is_still_here(&browser).await, "the page was loaded again");
}
