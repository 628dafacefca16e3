//! What comes between a person and the end of a step.

use super::hospital::Hospital;
use super::session::Browser;
use super::setup::Setup;

const SUBMIT: &str = "form.form .actions button[type=submit]";

/// Opens the page that returns a registered record, and types a reason. Returns the visit.
async fn begin_to_return(hospital: &Hospital, browser: &Browser) -> u64 {
    browser.forget_session().await;
    browser.log_in().await;
    let visit = hospital.visit_in("registered").await;
    browser.open(&format!("/console/visits/{visit}/return")).await;
    browser.fill("[name=reason]", "请补充用药后的血压").await;
    visit
}

#[tokio::test]
async fn what_was_typed_survives_the_end_of_the_session() {
    let hospital = Hospital::open().await;
    let mut browser = hospital.browser(Setup::DESKTOP).await;
    for setup in [Setup::DESKTOP, Setup::PHONE.without_scripts()] {
        browser.set_up(setup).await;
        let visit = begin_to_return(&hospital, &browser).await;
        browser.forget_session().await;
        browser.click(SUBMIT).await;
        browser.reads("main", "已保留").await;
        browser.enter_password().await;
        browser.reads("main", "查看并继续").await;
        browser.click(&format!("form[action='/console/visits/{visit}/return'] button[type=submit]")).await;
        // The step's page shows whom it concerns.
        browser.find("form.form [name=reason]").await;
        assert_eq!(
            hospital.visit(visit).await["status"],
            "registered",
            "nothing is done without being asked"
        );
        browser.click(SUBMIT).await;
        browser.find(".notice-success").await;
        assert_eq!(hospital.visit(visit).await["return_reason"], "请补充用药后的血压");
    }
}

#[tokio::test]
async fn the_later_of_two_people_sees_what_the_first_did() {
    let hospital = Hospital::open().await;
    let mut browser = hospital.browser(Setup::DESKTOP).await;
    for setup in [Setup::DESKTOP.without_scripts(), Setup::PHONE] {
        browser.set_up(setup).await;
        let visit = begin_to_return(&hospital, &browser).await;
        hospital.approve(visit).await;
        browser.click(SUBMIT).await;
        browser.reads("h1", "刚刚有变化").await;
        browser.reads("main", "请补充用药后的血压").await;
        browser.reads("main", "审核通过").await;
        assert_eq!(hospital.visit(visit).await["status"], "approved");
    }
}
