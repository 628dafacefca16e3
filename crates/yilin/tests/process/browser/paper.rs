//! Records on paper.

use serde_json::json;

use super::hospital::Hospital;
use super::setup::Setup;

#[tokio::test]
async fn a_record_is_printed_on_a4_without_the_frame() {
    let hospital = Hospital::open().await;
    let visit = hospital.visit_in("approved").await;
    let patient = hospital.visit(visit).await["patient"]["username"].as_str().unwrap().to_owned();
    let browser = hospital.browser(Setup::DESKTOP.dark()).await;
    browser.log_in().await;
    browser.open(&format!("/console/visits/{visit}/record")).await;

    let pdf = browser.printed().await;
    let pdf = String::from_utf8_lossy(&pdf);
    // 210 × 297 mm in points, as Chromium rounds them.
    assert!(pdf.contains("/MediaBox [0 0 594.95996 841.91998]"), "another size");
    assert_eq!(pdf.matches("/Type /Page\n").count(), 1);

    browser.devtools("Emulation.setEmulatedMedia", json!({ "media": "print" })).await;
    let shown: String = browser.evaluate("return document.body.innerText", vec![]).await;
    assert!(shown.contains(&patient), "{shown}");
    for frame in ["header", "nav", "button"] {
        let script = "return [...document.querySelectorAll(arguments[0])].some((element) => element.checkVisibility())";
        assert!(!browser.evaluate::<bool>(script, vec![json!(frame)]).await, "{frame} is printed");
    }
    let background: String =
        browser.evaluate("return getComputedStyle(document.body).backgroundColor", vec![]).await;
    assert_eq!(background, "rgb(255, 255, 255)");
}
