//! The page that describes the interface, which is not ours: it only has to work in the browser.

use super::look::{Problems, Visit};
use super::session::Browser;
use super::setup::Setup;
use crate::instance::Instance;

#[tokio::test]
async fn the_api_page_shows_the_routes_without_errors() {
    let folder = tempfile::tempdir().unwrap();
    let service = Instance::start(folder.path(), &[]);
    let browser = Browser::start(&format!("http://{}", service.address()), Setup::DESKTOP).await;
    let visit = Visit::to(&browser, "/docs").await;
    assert_eq!(visit.status(), Some(200));
    browser.reads("body", "/api/user/adminLogin").await;
    let mut problems = Problems::default();
    visit.console(&mut problems).await;
    problems.assert_none();
}
